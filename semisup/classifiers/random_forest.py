"""Random forest of 100 trees (scikit-learn's RandomForestClassifier)."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class RandomForest(Classifier):
    """A hundred decision trees whose probabilities are averaged."""

    weighted = True
    # features a split, then the size of leaves, matter most (Probst et al. 2019)
    grid = MappingProxyType({"max_features": ("sqrt", "log2", 0.2), "min_samples_leaf": (1, 3)})

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(random_state=random_state)

    def regressor(self, random_state: int) -> Estimator:
        """Return an unfitted regressor with scikit-learn's default parameters."""
        from sklearn.ensemble import RandomForestRegressor

        return RandomForestRegressor(random_state=random_state)
