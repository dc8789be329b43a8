"""Decision tree (scikit-learn's DecisionTreeClassifier)."""

from semisup.classifiers._contract import Classifier, Estimator


class DecisionTree(Classifier):
    """One decision tree, grown until its leaves are pure."""

    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.tree import DecisionTreeClassifier

        return DecisionTreeClassifier(random_state=random_state)
