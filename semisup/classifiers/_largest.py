"""The classifier of scores: the largest number of a row is that of its class."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.extmath import softmax

from semisup.errors import SpecError


class LargestNumber(ClassifierMixin, BaseEstimator):
    """Takes column k for the score of class k and answers with the largest."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Note the classes (n,) of rows (n, n_classes).

        Raises
        ------
        SpecError
            If there are not as many columns as classes.
        """
        self.classes_ = np.unique(y)
        if X.shape[1] != len(self.classes_):
            raise SpecError(
                "The classifier 'argmax' needs one number for each class, such as output = "
                f"'logits' gives; there are {X.shape[1]} numbers and {len(self.classes_)} classes"
            )
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of the largest number of each row (n, n_classes), the first of equal."""
        return self.classes_[np.argmax(X, axis=1)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the softmax of each row, (n, n_classes)."""
        return softmax(np.asarray(X, dtype=float))
