"""Random forest of 100 trees (scikit-learn's RandomForestClassifier)."""

from semisup.classifiers._contract import Classifier, Estimator


class RandomForest(Classifier):
    """A hundred decision trees whose probabilities are averaged."""

    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(random_state=random_state)
