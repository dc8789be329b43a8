"""Two of scikit-learn's classifiers, made to answer where they would raise on little data.

A learning curve begins with one recording a class, and a collapsed encoder gives the same code to
all. Such a cell must get its score, which is a poor one, and not end the experiment.
"""

from typing import Any, Self

import numpy as np
from sklearn.ensemble import AdaBoostClassifier
from sklearn.neighbors import KNeighborsClassifier


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
