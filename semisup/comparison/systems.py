"""Every system against the best one: the curves of all systems in, a row a system and metric out.

Classifiers differ here as representations do. Which system is the best one is seen in the same
scores, so that a plain interval of its lead is too narrow: who is behind is told at a level that
holds for all pairs of systems at once, whichever of them leads.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import scipy

from semisup.comparison.bootstrap import Curve
from semisup.comparison.interval import interval, p_values
from semisup.comparison.variance import variance
from semisup.metrics import METRICS
from semisup.study.spec import CompareSpec

BEST, BEHIND, OPEN = "best", "behind", "not resolved"


class SystemRow(NamedTuple):
    """A row of `systems.csv`: a score with its interval, and its difference from the best one."""

    metric: str
    percentage: float
    classifier: str
    representation: str
    value: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    outcome: str


SYSTEMS_COLUMNS = SystemRow._fields


def system_rows(
    curves: Mapping[tuple[str, str], Curve], metric: str, percentage: float, spec: CompareSpec
) -> Iterator[SystemRow]:
    """Yield a row of `systems.csv` for every system, at the last budget of its curve.

    Parameters
    ----------
    curves : mapping of (representation, classifier) to Curve
        By one metric, resampled together.
    metric : str
    percentage : float
        The last budget.
    spec : CompareSpec

    References
    ----------
    Hsu 1984, Constrained simultaneous confidence intervals for multiple comparisons with the best,
    Annals of Statistics 12(3), 1136-1144: who is the best is unknown, and part of the question.
    """
    scores = last_values(list(curves.values()))
    best = int(np.argmax(scores.estimate))
    differences = scores.mapped(np.eye(len(curves)) - np.eye(len(curves))[best])
    half = half_widths(scores, best, spec.level)
    bounds = interval(scores, spec.level, spec.interval)
    least, greatest = METRICS[metric].bounds
    widest = METRICS[metric].width
    for number, (representation, classifier) in enumerate(curves):
        difference = differences.estimate[number]
        high = difference + half[number]
        yield SystemRow(
            metric,
            percentage,
            classifier,
            representation,
            scores.estimate[number],
            max(bounds.low[number], least),
            min(bounds.high[number], greatest),
            difference,
            max(difference - half[number], -widest),
            min(high, widest),
            outcome=BEST if number == best else BEHIND if high < 0 else OPEN,
        )


def last_values(curves: Sequence[Curve]) -> Curve:
    """Return the last values of several curves as one curve of several statistics."""
    return Curve(
        np.array([curve.estimate[-1] for curve in curves]),
        np.stack([curve.resampled[:, -1] for curve in curves], axis=1),
        np.stack([curve.pseudo[-1] for curve in curves]),
        max(curve.encoders for curve in curves),
        curves[0].folds,
    )


def half_widths(scores: Curve, best: int, level: float) -> np.ndarray:
    r"""Return half-widths of the differences from the best one, at levels that hold for all pairs.

    .. math:: t_{\nu, 1 - \alpha_k / 2} \sqrt{V}

    where :math:`\alpha_k` is the level at which Holm's procedure over all pairs rejects, or stops:
    a band leaves zero out just where the corrected p value is below :math:`\alpha`. Bootstrapped
    quantiles of the largest deviation are too small where few speakers are all that varies, as of
    deterministic classifiers on all of the labels.

    Parameters
    ----------
    scores : Curve
        n scores.
    best : int
        Place of the best one.
    level : float

    Returns
    -------
    ndarray of shape (n,)
        0 for the best one itself; NaN of one draw, as that is one order of the labelled recordings.

    References
    ----------
    Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6(2), 65-70.
    """
    n = len(scores.estimate)
    half = np.full(n, np.nan)
    half[best] = 0.0
    if scores.is_one_order:
        return half
    tested = [np.empty(0)]
    # system by system: all pairs at once would be as many tables as systems squared
    for number in range(1, n):
        differences = scores.mapped(np.eye(n)[:number] - np.eye(n)[number])
        tested.append(p_values(differences, variance(differences)))
    levels = np.zeros((n, n))
    levels[np.tril_indices(n, -1)] = _holm_levels(np.concatenate(tested), 1 - level)
    others = np.flatnonzero(np.arange(n) != best)
    spread = variance(scores.mapped(np.eye(n)[others] - np.eye(n)[best]))
    tail = 1 - (levels + levels.T)[best, others] / 2
    half[others] = scipy.special.stdtrit(spread.df, tail) * np.sqrt(spread.total)
    return half


def _holm_levels(p_values: np.ndarray, alpha: float) -> np.ndarray:
    """Return the level that each p value has to be below, in Holm's order.

    Examples
    --------
    >>> _holm_levels(np.array([0.9, 0.001, 0.02]), 0.06).round(3).tolist()
    [0.06, 0.02, 0.03]
    """
    m = len(p_values)
    order = np.argsort(p_values, kind="stable")
    steps = alpha / np.arange(m, 0, -1)
    fails = np.flatnonzero(p_values[order] >= steps)
    # after the first that is not rejected the level stays
    last = fails[0] if len(fails) else m
    levels = np.empty(m)
    levels[order] = np.where(np.arange(m) < last, steps, steps[min(last, m - 1)] if m else 0.0)
    return levels
