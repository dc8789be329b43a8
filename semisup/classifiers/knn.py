"""Five nearest neighbours (scikit-learn's KNeighborsClassifier), no more than a class has rows."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class NearestNeighbours(Classifier):
    """The class of most of the five nearest rows; of fewer where a class has fewer."""

    chance = ()
    grid = MappingProxyType(
        {"n_neighbors": (5, 1, 3, 9, 15, 25), "weights": ("uniform", "distance")}
    )

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with scikit-learn's parameters; nothing is random."""
        from semisup.classifiers._small_data import SmallKNeighbors

        return SmallKNeighbors()

    def regressor(self, random_state: int) -> Estimator:
        """Return an unfitted regressor: the mean of five rows, of half of them at most."""
        from semisup.classifiers._small_data import SmallKNeighborsRegressor

        return SmallKNeighborsRegressor()
