"""AdaBoost of 50 stumps (scikit-learn's AdaBoostClassifier), one where boosting can't start."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class AdaBoost(Classifier):
    """Fifty boosted stumps, or the first alone where boosting cannot start."""

    weighted = True
    grid = MappingProxyType({"learning_rate": (1.0, 0.1, 0.3), "n_estimators": (50, 20)})

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from semisup.classifiers._small_data import SmallAdaBoost

        return SmallAdaBoost(random_state=random_state)

    def regressor(self, random_state: int) -> Estimator:
        """Return an unfitted regressor with scikit-learn's default parameters."""
        from sklearn.ensemble import AdaBoostRegressor

        return AdaBoostRegressor(random_state=random_state)
