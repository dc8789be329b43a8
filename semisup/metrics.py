"""Scores of predictions, from confusion matrices of many cells at once, sums or probabilities.

`CLASS_METRICS`, `NUMBER_METRICS` and `PROBABILITY_METRICS` are the one place that declares them:
what validates, lists, titles or bounds a metric reads it, so that a new one is one entry.
Definitions are scikit-learn's with ``zero_division=0`` (the tests compare the two); counting once
and scoring arrays of counts is what makes thousands of cells and resamples quick. numpy is imported
on use: the command line's help names the metrics, and would take half as long again with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from semisup.moments import Moments, ccc, mae, r2

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


INFINITY = float("inf")


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
        From `Counts`, or of numbers `Moments`, to an ndarray of shape (...).
    chance : callable
        From the classes' shares of the test set, an ndarray of shape (n_classes,), to the level of
        a classifier that has not heard the recording; one divided by the number of classes if left
        out. Of numbers: from those of the test set to the level of naming their mean.
    bounds : tuple of float
        The least and the greatest score there can be: an interval ends there.
    beside : str
        The metric that a reader wants beside this one.
    lower_is_better : bool
        Such a one is a column of the tables, but systems are not compared by it: all words and
        signs of a comparison are of scores that should be high.
    """

    name: str
    title: str
    score: Callable[[Any], "np.ndarray"]
    chance: Callable[["np.ndarray"], float] = _one_class_of_all
    bounds: tuple[float, float] = (0.0, 1.0)
    beside: str = "accuracy"
    lower_is_better: bool = False

    @property
    def phrase(self) -> str:
        """Return the title as it stands within a sentence; CCC stays CCC."""
        return self.title if self.title.isupper() else self.title[:1].lower() + self.title[1:]

    @property
    def width(self) -> float:
        """Return how far two scores can lie apart."""
        return self.bounds[1] - self.bounds[0]


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
    # Cohen 1960, A coefficient of agreement for nominal scales, doi:10.1177/001316446002000104
    Metric(
        "cohen_kappa",
        "Cohen's kappa",
        lambda counts: _kappa(counts),
        # A guesser agrees with the truth as often as the two classes' frequencies make it.
        chance=lambda shares: 0.0,
        bounds=(-1.0, 1.0),
    ),
)
#: By name, in the order of the columns of `scores.csv`.
CLASS_METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ENTRIES}

_OF_NUMBERS = (
    # Who always names one number has no covariance with the truth.
    Metric("ccc", "CCC", ccc, chance=lambda truth: 0.0, bounds=(-1.0, 1.0), beside="r2"),
    Metric("r2", "R2", r2, chance=lambda truth: 0.0, bounds=(-INFINITY, 1.0), beside="ccc"),
    Metric(
        "mae",
        "Mean absolute error",
        mae,
        chance=lambda truth: float(abs(truth - truth.mean()).mean()),
        bounds=(0.0, INFINITY),
        beside="ccc",
        lower_is_better=True,
    ),
)
#: By name, in the order of the columns of `scores.csv`, where numbers are predicted.
NUMBER_METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _OF_NUMBERS}
#: By the task of a study.
METRICS_OF = {"classification": CLASS_METRICS, "regression": NUMBER_METRICS}
#: All by name.
METRICS: Mapping[str, Metric] = {**CLASS_METRICS, **NUMBER_METRICS}


#: A probability below this counts as this: one certain mistake does not make the loss infinite.
SMALLEST = 1e-15


@dataclass(frozen=True)
class ProbabilityMetric:
    """One way to score the probabilities of all classes.

    Parameters
    ----------
    name : str
        A column of `losses.parquet`, and a metric of `probabilities.csv`.
    title : str
        What the report writes.
    score : callable
        From probabilities of shape (n, n_classes), rows that add up to 1, and true classes (n,) to
        a number; NaN where it is not defined.
    chance : callable
        From the classes' shares of the test set, an ndarray of shape (n_classes,), to the level of
        a classifier that gives every recording these shares.
    bounds : tuple of float
    lower_is_better : bool
    """

    name: str
    title: str
    score: Callable[["np.ndarray", "np.ndarray"], float]
    chance: Callable[["np.ndarray"], float]
    bounds: tuple[float, float]
    lower_is_better: bool


_OF_PROBABILITIES = (
    ProbabilityMetric(
        "log_loss",
        "Log loss",
        lambda probabilities, truth: _log_loss(probabilities, truth),
        chance=lambda shares: _entropy(shares),
        bounds=(0.0, 34.538776394910684),  # -ln(SMALLEST)
        lower_is_better=True,
    ),
    # Brier 1950, Verification of forecasts expressed in terms of probability, Monthly Weather
    # Review 78(1): the sum over the classes, which is twice what is usual for two of them
    ProbabilityMetric(
        "brier",
        "Brier score",
        lambda probabilities, truth: _brier(probabilities, truth),
        chance=lambda shares: float(1 - (shares**2).sum()),
        bounds=(0.0, 2.0),
        lower_is_better=True,
    ),
    ProbabilityMetric(
        "auc",
        "AUC",
        lambda probabilities, truth: _auc(probabilities, truth),
        chance=lambda shares: 0.5,
        bounds=(0.0, 1.0),
        lower_is_better=False,
    ),
)
#: By name, in the order of the columns of `losses.parquet`.
PROBABILITY_METRICS: Mapping[str, ProbabilityMetric] = {
    metric.name: metric for metric in _OF_PROBABILITIES
}


def probability_scores(weights: "np.ndarray | None", truth: "np.ndarray") -> "np.ndarray":
    """Score the weights of the classes by every one of `PROBABILITY_METRICS`.

    Parameters
    ----------
    weights : ndarray of shape (n, n_classes), or None
        Not negative; divided by their sum they are probabilities.
    truth : ndarray of shape (n,), int

    Returns
    -------
    ndarray of shape (n_metrics,)
        NaN where there are no weights.
    """
    import numpy as np

    if weights is None:
        return np.full(len(PROBABILITY_METRICS), np.nan)
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    return np.array([m.score(probabilities, truth) for m in PROBABILITY_METRICS.values()])


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
        By name, those of `CLASS_METRICS`.
    """
    import numpy as np

    # float32 matrices of the bootstrap hold whole numbers; their ratios need more digits.
    matrices = np.asarray(matrices, dtype=np.float64)
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    return scores_of_hits(hits, matrices.sum(axis=-1), matrices.sum(axis=-2))


def scores_of_hits(
    hits: "np.ndarray", actual: "np.ndarray", predicted: "np.ndarray"
) -> dict[str, "np.ndarray"]:
    """Score by what is on the diagonal and the margins of confusion matrices.

    Parameters
    ----------
    hits, actual, predicted : ndarray of shape (..., n_classes)
        As `Counts` has them; float64.

    Returns
    -------
    dict of ndarray of shape (...)
        By name, those of `CLASS_METRICS`.
    """
    f1, recall = _ratio(2 * hits, actual + predicted), _ratio(hits, actual)
    counts = Counts(hits, actual, predicted, f1, recall, actual.sum(axis=-1))
    return {name: metric.score(counts) for name, metric in CLASS_METRICS.items()}


def scores_of_numbers(sums: "np.ndarray") -> dict[str, "np.ndarray"]:
    """Score predicted numbers.

    Parameters
    ----------
    sums : ndarray of shape (..., 7), float64
        The fields of `Moments`, in their order, along the last axis.

    Returns
    -------
    dict of ndarray of shape (...)
        By name, those of `NUMBER_METRICS`.
    """
    import numpy as np

    moments = Moments(*np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0))
    return {name: metric.score(moments) for name, metric in NUMBER_METRICS.items()}


def _kappa(counts: Counts) -> "np.ndarray":
    """Return the agreement beyond chance; 0 where all is one class, in truth and in guess."""
    by_chance = _ratio((counts.actual * counts.predicted).sum(axis=-1), counts.total**2)
    return _ratio(_ratio(counts.hits.sum(axis=-1), counts.total) - by_chance, 1 - by_chance)


def _log_loss(probabilities: "np.ndarray", truth: "np.ndarray") -> float:
    import numpy as np

    of_truth = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(of_truth, SMALLEST, 1)).mean())


def _entropy(shares: "np.ndarray") -> float:
    import numpy as np

    return float(-(shares * np.log(shares)).sum())


def _brier(probabilities: "np.ndarray", truth: "np.ndarray") -> float:
    import numpy as np

    is_true = truth[:, None] == np.arange(probabilities.shape[1])
    return float(((probabilities - is_true) ** 2).sum(axis=1).mean())


def _auc(probabilities: "np.ndarray", truth: "np.ndarray") -> float:
    """Return the mean area under the ROC curves of each class against the rest."""
    import numpy as np

    areas = [
        _area(column, truth == number)
        for number, column in enumerate(probabilities.T)
        if 0 < (truth == number).sum() < len(truth)
    ]
    return float(np.mean(areas)) if areas else float("nan")


def _area(values: "np.ndarray", is_class: "np.ndarray") -> float:
    """Return how often a recording of the class has the higher value; ties count a half."""
    import numpy as np

    # sums over chunks in another order must not break ties
    _, place, counts = np.unique(values.round(12), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    n = int(is_class.sum())
    above = ranks[is_class].sum() - n * (n + 1) / 2
    return float(above / (n * (len(values) - n)))


def _ratio(numerator: "np.ndarray", denominator: "np.ndarray") -> "np.ndarray":
    import numpy as np

    zeros = np.zeros_like(numerator)
    return np.divide(numerator, denominator, out=zeros, where=np.asarray(denominator) > 0)
