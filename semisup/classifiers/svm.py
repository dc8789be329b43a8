"""Support vector machine with a radial kernel (scikit-learn's SVC)."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class SupportVectorMachine(Classifier):
    """The widest margin between classes, with a radial kernel."""

    chance = ("probability",)
    weighted = True
    # powers of one number (Hsu et al. 2003); "scale" of scaled features is 1 / their number
    grid = MappingProxyType({"C": (1.0, 10.0, 100.0), "gamma": ("scale", 0.0001, 0.001, 0.01, 0.1)})

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's default parameters."""
        from sklearn.svm import SVC

        return SVC(random_state=random_state)

    def regressor(self, random_state: int) -> Estimator:
        """Return an unfitted regressor with scikit-learn's parameters; nothing is random."""
        from sklearn.svm import SVR

        return SVR()
