"""Ridge regression, of classes or numbers (scikit-learn's RidgeClassifier and Ridge)."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class RidgeRegression(Classifier):
    """A linear model with small coefficients; classes are told as numbers, one against the rest."""

    chance = ("solver",)
    weighted = True
    grid = MappingProxyType({"alpha": (1.0, 0.01, 0.1, 10.0, 100.0, 1000.0, 10000.0)})

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.linear_model import RidgeClassifier

        return RidgeClassifier(random_state=random_state)

    def regressor(self, random_state: int) -> Estimator:
        """Return an unfitted regressor with scikit-learn's default parameters."""
        from sklearn.linear_model import Ridge

        return Ridge(random_state=random_state)
