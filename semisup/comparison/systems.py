"""Every system against the best one: the curves of all systems in, a row a system and metric out.

Classifiers differ here as representations do. Which system is the best one is seen in the same
scores, so that a plain interval of its lead is too narrow: the band holds the differences of all
pairs of systems at once, whichever of them leads.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from semisup.comparison.bootstrap import Curve
from semisup.comparison.interval import critical_value, interval, largest_deviations
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
    half = half_widths(scores, differences, spec.level)
    # The best one differs from itself by nothing, and that is known without error.
    half[best] = 0.0
    bounds = interval(scores, spec.level, spec.interval)
    least, greatest = METRICS[metric].bounds
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
            difference - half[number],
            high,
            outcome=BEST if number == best else BEHIND if high < 0 else OPEN,
        )


def last_values(curves: Sequence[Curve]) -> Curve:
    """Return the last values of several curves as one curve of several statistics."""
    return Curve(
        np.array([curve.estimate[-1] for curve in curves]),
        np.stack([curve.resampled[:, -1] for curve in curves], axis=1),
        np.stack([curve.pseudo[-1] for curve in curves]),
        max(curve.encoders for curve in curves),
    )


def half_widths(scores: Curve, differences: Curve, level: float) -> np.ndarray:
    r"""Return half-widths for some differences of scores that hold for those of all pairs at once.

    .. math:: c \frac{t_{\nu, 1 - \alpha/2}}{z_{1 - \alpha/2}} \sqrt{V}

    with the quantile c of the largest studentised deviation over all pairs. Student's quantile of
    the same far tail, as in bands over budgets, would grow out of all proportion: of hundreds of
    pairs the tail is far, and of few draws the degrees of freedom are few.

    Parameters
    ----------
    scores : Curve
        n scores.
    differences : Curve
        m of their differences.
    level : float

    Returns
    -------
    ndarray of shape (m,)
    """
    largest = np.zeros(len(scores.resampled))
    # system by system: all pairs at once would be as many columns as systems squared
    for number in range(1, scores.resampled.shape[1]):
        pairs = scores.resampled[:, :number] - scores.resampled[:, number, None]
        np.maximum(largest, largest_deviations(pairs), out=largest)
    spread, tail = variance(differences), (1 + level) / 2
    factor = critical_value(largest, level) / ndtri(tail)
    half: np.ndarray = factor * stdtrit(spread.df, tail) * np.sqrt(spread.total)
    return half
