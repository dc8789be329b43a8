"""Some of scikit-learn's classifiers, made to answer where they would raise on little data.

A learning curve begins with one recording a class, and a collapsed encoder gives the same code to
all. Such a cell must get its score, which is a poor one, and not end the experiment.
"""

import warnings
from typing import Any, Self

import numpy as np
from sklearn.ensemble import AdaBoostClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.semi_supervised import LabelSpreading


class SmallKNeighbors(KNeighborsClassifier):
    """Nearest neighbours with at most as many neighbours as there are training rows."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows (n, d) and classes (n,)."""
        asked: int = self.get_params()["n_neighbors"]
        self.set_params(n_neighbors=min(asked, len(X)))
        return super().fit(X, y)


class SmallAdaBoost(AdaBoostClassifier):
    """AdaBoost that is its first stump where no stump beats guessing."""

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: Any = None) -> Self:
        """Fit on rows (n, d) and classes (n,)."""
        try:
            return super().fit(X, y, sample_weight)
        except ValueError as error:
            if "worse than random" not in str(error):
                raise
        stump = self._make_estimator(append=False).fit(X, y)
        self.estimators_ = [stump]
        self.estimator_weights_ = np.ones(1)
        self.estimator_errors_ = np.ones(1)
        return self


class SmallLabelSpreading(LabelSpreading):
    """Label spreading with at most as many neighbours as there are other rows.

    A row that no label reaches has no probabilities; it gets those of the labels' shares.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows (n, d) and classes (n,), -1 where there is no label."""
        asked: int = self.get_params()["n_neighbors"]
        self.set_params(n_neighbors=min(asked, len(X) - 1))
        with warnings.catch_warnings():  # not converged after max_iter: good enough to be scored
            warnings.simplefilter("ignore", ConvergenceWarning)
            super().fit(X, y)
        known = np.asarray(y)[np.asarray(y) >= 0]
        self.shares_ = np.array([(known == label).mean() for label in self.classes_])
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes for rows (n, d)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found = super().predict_proba(X)
        reached = np.isfinite(found).all(axis=1) & (found.sum(axis=1) > 0)
        return np.where(reached[:, None], found, self.shares_)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the classes of rows (n, d)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class QuietNetwork(MLPClassifier):
    """A network that is what it is after its last epoch, converged or not."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Fit on rows (n, d) and classes (n,)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return super().fit(X, y)
