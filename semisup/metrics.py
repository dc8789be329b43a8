"""Scores of predictions, all from confusion matrices, for many cells at once.

`METRICS` is the one place that declares them: what validates, lists, titles or bounds a metric
reads it, so that a new one is one entry. Definitions are scikit-learn's with ``zero_division=0``
(the tests compare the two); counting once and scoring arrays of matrices is what makes thousands of
cells and resamples quick. numpy is imported on use: the command line's help names the metrics, and
would take half as long again with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Counts(NamedTuple):
    """What metrics are made from, computed once for all of them.

    Parameters
    ----------
    hits, actual, predicted : ndarray of shape (..., n_classes)
        By class: how often it was recognised, was the true one, and was predicted.
    f1, recall : ndarray of shape (..., n_classes)
        By class; 0 where there is nothing to divide by.
    total : ndarray of shape (...)
    """

    hits: "np.ndarray"
    actual: "np.ndarray"
    predicted: "np.ndarray"
    f1: "np.ndarray"
    recall: "np.ndarray"
    total: "np.ndarray"


def _one_class_of_all(shares: "np.ndarray") -> float:
    """Return what any guesser has as recall, and one of the classes' proportions as F1."""
    return 1 / len(shares)


@dataclass(frozen=True)
class Metric:
    """One way to score predictions.

    Parameters
    ----------
    name : str
        A column of the scores, and what study files and the command line say.
    title : str
        What figures and the report write.
    score : callable
        From `Counts` to an ndarray of shape (...).
    chance : callable
        From the classes' shares of the test set, an ndarray of shape (n_classes,), to the level of
        a classifier that has not heard the recording; one divided by the number of classes if left
        out.
    bounds : tuple of float
        The least and the greatest score there can be: an interval ends there.
    beside : str
        The metric that a reader wants beside this one.
    """

    name: str
    title: str
    score: Callable[[Counts], "np.ndarray"]
    chance: Callable[["np.ndarray"], float] = _one_class_of_all
    bounds: tuple[float, float] = (0.0, 1.0)
    beside: str = "accuracy"

    @property
    def phrase(self) -> str:
        """Return the title as it stands within a sentence."""
        return self.title[:1].lower() + self.title[1:]


_ENTRIES = (
    Metric(
        "f1_weighted",
        "Weighted F1",
        lambda counts: _ratio((counts.f1 * counts.actual).sum(axis=-1), counts.total),
        # A guesser that names class c as often as it occurs, p_c, has precision, recall and so F1
        # of p_c for it, and p_c is its weight too. That is the expectation for many recordings; for
        # n of them it is lower by a term of order 1/n.
        chance=lambda shares: float((shares**2).sum()),
    ),
    Metric(
        "f1_macro",
        "Macro F1",
        # A class that is neither true nor named anywhere has no F1 and does not count.
        lambda counts: _ratio(
            counts.f1.sum(axis=-1), (counts.actual + counts.predicted > 0).sum(axis=-1)
        ),
    ),
    Metric(
        "uar",
        "Unweighted average recall",
        lambda counts: _ratio(counts.recall.sum(axis=-1), (counts.actual > 0).sum(axis=-1)),
    ),
    Metric(
        "accuracy",
        "Accuracy",
        lambda counts: _ratio(counts.hits.sum(axis=-1), counts.total),
        # Always naming the most frequent class is the best guess there is.
        chance=lambda shares: float(shares.max()),
        beside="f1_macro",
    ),
)
#: By name, in the order of the columns of `scores.csv`.
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ENTRIES}


def confusion(truth: "np.ndarray", predicted: "np.ndarray", n_classes: int) -> "np.ndarray":
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
    import numpy as np

    # wide before it is multiplied: class numbers may be int8, whose products would overflow
    pairs = truth.astype(np.int64) * n_classes + predicted
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def scores(matrices: "np.ndarray") -> dict[str, "np.ndarray"]:
    """Score confusion matrices.

    Parameters
    ----------
    matrices : ndarray of shape (..., n_classes, n_classes)
        Row: true class; column: predicted class.

    Returns
    -------
    dict of ndarray of shape (...)
        By name, those of `METRICS`.
    """
    counts = _counts(matrices)
    return {name: metric.score(counts) for name, metric in METRICS.items()}


def _counts(matrices: "np.ndarray") -> Counts:
    import numpy as np

    # float32 matrices of the bootstrap hold whole numbers; their ratios need more digits.
    matrices = np.asarray(matrices, dtype=np.float64)
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    actual, predicted = matrices.sum(axis=-1), matrices.sum(axis=-2)
    f1 = _ratio(2 * hits, actual + predicted)
    recall = _ratio(hits, actual)
    return Counts(hits, actual, predicted, f1, recall, matrices.sum(axis=(-2, -1)))


def _ratio(numerator: "np.ndarray", denominator: "np.ndarray") -> "np.ndarray":
    import numpy as np

    zeros = np.zeros_like(numerator)
    return np.divide(numerator, denominator, out=zeros, where=np.asarray(denominator) > 0)
