"""Logistic regression of at most 1000 steps (scikit-learn's LogisticRegression)."""

from types import MappingProxyType

from semisup.classifiers._contract import Classifier, Estimator


class Logistic(Classifier):
    """A linear model of the classes' log odds."""

    chance = ("solver",)
    weighted = True
    grid = MappingProxyType({"C": (1.0, 0.0001, 0.001, 0.01, 0.1, 10.0, 100.0)})

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier; other parameters are scikit-learn's defaults."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=1000, random_state=random_state)
