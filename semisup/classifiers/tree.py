"""Decision tree (scikit-learn's DecisionTreeClassifier)."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class DecisionTree(Classifier):
    """One decision tree, grown until its leaves are pure."""

    weighted = True
    # how early a tree ends matters most (Mantovani et al. 2018)
    grid = MappingProxyType({"min_samples_leaf": (1, 2, 4, 8), "ccp_alpha": (0.0, 0.01, 0.03)})

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.tree import DecisionTreeClassifier

        return DecisionTreeClassifier(random_state=random_state)

    def regressor(self, random_state: int) -> Estimator:
        """Return an unfitted regressor with scikit-learn's default parameters."""
        from sklearn.tree import DecisionTreeRegressor

        return DecisionTreeRegressor(random_state=random_state)
