"""Classifiers of scikit-learn's that answer where they would raise on little data.

A learning curve begins with one recording a class, and a collapsed encoder gives the same code to
all. Such a cell must get its score, which is a poor one, and not end the experiment.
"""

import warnings
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import AdaBoostClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.semi_supervised import LabelPropagation, LabelSpreading


class SmallKNeighbors(KNeighborsClassifier):
    """Nearest neighbours with at most as many neighbours as the smallest class has rows.

    More of them could not all be of that class: with one row a class, three neighbours are one of
    each, and every answer is the first class.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows (n, d) and classes (n,)."""
        neighbours: int = self.get_params()["n_neighbors"]
        self.set_params(n_neighbors=min(neighbours, _rows_of_smallest_class(X, y)))
        return super().fit(X, y)


class SmallKNeighborsRegressor(KNeighborsRegressor):
    """Nearest neighbours with at most half as many neighbours as there are rows.

    All of them would give every row the same number.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows (n, d) and numbers (n,)."""
        neighbours: int = self.get_params()["n_neighbors"]
        self.set_params(n_neighbors=min(neighbours, max(1, len(X) // 2)))
        return super().fit(X, y)


def _rows_of_smallest_class(X: np.ndarray, y: np.ndarray) -> int:
    """Count the different rows of each class; copies, as of oversampling, are one neighbour."""
    table, classes = np.asarray(X), np.asarray(y)
    return min(len({row.tobytes() for row in table[classes == c]}) for c in np.unique(classes))


class SmallAdaBoost(AdaBoostClassifier):
    """AdaBoost that is its first stump where no stump beats guessing."""

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fit on rows (n, d) and classes (n,)."""
        try:
            return super().fit(X, y, sample_weight)
        except ValueError as error:
            # scikit-learn has no error of its own for it; any other is a mistake to be seen
            if "worse than random" not in str(error):
                raise
        stump = self._make_estimator(append=False).fit(X, y, sample_weight=sample_weight)
        self.estimators_ = [stump]
        # what a vote needs besides: one voter, whose weight and error change no answer
        self.estimator_weights_ = np.ones(1)
        self.estimator_errors_ = np.ones(1)
        return self


class SmallGraph(ClassifierMixin, BaseEstimator):
    """Labels on a graph, with at most as many neighbours as there are other rows.

    A row that no label reaches has no probabilities; it gets those of the labels' shares.
    """

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None) -> Self:
        """Fit on rows (n, d) and classes (n,), -1 where there is no label.

        What spreads is linear in the labels: to weigh a class is to weigh what arrives of it.
        Weights are those of classes, equal within one.
        """
        neighbours: int = self.get_params()["n_neighbors"]
        self.set_params(n_neighbors=min(neighbours, len(X) - 1))
        with warnings.catch_warnings():  # not converged after max_iter: good enough to be scored
            warnings.simplefilter("ignore", ConvergenceWarning)
            super().fit(X, y)
        weights = np.ones(len(X)) if sample_weight is None else sample_weight
        of_class = [np.asarray(y) == label for label in self.classes_]
        self.shares_ = np.array([weights[rows].sum() for rows in of_class])
        self.shares_ /= self.shares_.sum()
        if sample_weight is not None:
            spread: np.ndarray = vars(self)["label_distributions_"]
            arrived = spread * [weights[rows].mean() for rows in of_class]
            total = arrived.sum(axis=1, keepdims=True)
            self.label_distributions_ = np.divide(arrived, total, out=arrived, where=total > 0)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes for rows (n, d)."""
        # scikit-learn divides by the sum of a row, which is 0 where no label arrives
        with np.errstate(invalid="ignore", divide="ignore"):
            probabilities = super().predict_proba(X)
        reached = np.isfinite(probabilities).all(axis=1) & (probabilities.sum(axis=1) > 0)
        return np.where(reached[:, None], probabilities, self.shares_)


class SmallLabelSpreading(SmallGraph, LabelSpreading):
    """Label spreading: labels give a little, too, to what comes from their neighbours."""


class SmallLabelPropagation(SmallGraph, LabelPropagation):
    """Label propagation: labels stay as they are, the others are the mean of their neighbours."""


class QuietNetwork(MLPClassifier):
    """A network that is what it is after its last epoch, converged or not."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows (n, d) and classes (n,)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return super().fit(X, y)
