"""Scores of predictions, all from confusion matrices, for many cells at once.

Definitions are scikit-learn's with ``zero_division=0`` (the tests compare the two); counting once
and scoring arrays of matrices is what makes thousands of cells and resamples quick.
"""

import numpy as np

METRICS = ("f1_weighted", "f1_macro", "uar", "accuracy")


def confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Count how often each class was taken for each.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n,), int
        Class numbers.
    n_classes : int

    Returns
    -------
    ndarray of shape (n_classes, n_classes), int
        Row: true class; column: predicted class.
    """
    pairs = truth.astype(np.int64) * n_classes + predicted
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def scores(matrices: np.ndarray) -> dict[str, np.ndarray]:
    """Score confusion matrices.

    Parameters
    ----------
    matrices : ndarray of shape (..., n_classes, n_classes)
        Row: true class; column: predicted class.

    Returns
    -------
    dict of ndarray of shape (...)
        `METRICS` by name: F1 weighted by class size, mean F1, mean recall of the classes that occur
        (unweighted average recall), and accuracy.
    """
    matrices = np.asarray(matrices, dtype=np.float64)
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    actual, guessed = matrices.sum(axis=-1), matrices.sum(axis=-2)
    f1 = _ratio(2 * hits, actual + guessed)
    recall = _ratio(hits, actual)
    occurs = (actual + guessed > 0).sum(axis=-1)
    total = matrices.sum(axis=(-2, -1))
    return {
        "f1_weighted": _ratio((f1 * actual).sum(axis=-1), total),
        "f1_macro": _ratio(f1.sum(axis=-1), occurs),
        "uar": _ratio(recall.sum(axis=-1), (actual > 0).sum(axis=-1)),
        "accuracy": _ratio(hits.sum(axis=-1), total),
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above), where=np.asarray(below) > 0)
