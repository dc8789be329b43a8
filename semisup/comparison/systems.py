"""Every system against the best one: the curves of all systems in, a row a system and metric out.

Classifiers differ here as representations do. Which system is the best one is seen in the same
scores, so that a plain interval of its lead is too narrow: the band holds the differences of all
pairs of systems at once, whichever of them leads.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from semisup.comparison.bootstrap import Curve
from semisup.comparison.interval import critical_value, interval, largest_deviations
from semisup.comparison.variance import variance
from semisup.study.spec import CompareSpec

SYSTEMS_COLUMNS = (
    *("metric", "percentage", "classifier", "representation", "value", "low", "high"),
    *("difference", "difference_low", "difference_high", "outcome"),
)
BEST, BEHIND, OPEN = "best", "behind", "not resolved"


def system_rows(
    curves: Mapping[tuple[str, str], Curve], metric: str, percentage: float, spec: CompareSpec
) -> Iterator[dict[str, Any]]:
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
    behind = scores.mapped(np.eye(len(curves)) - np.eye(len(curves))[best])
    half = half_widths(scores, behind, spec.level)
    bounds = interval(scores, spec.level, spec.interval)
    for number, (representation, classifier) in enumerate(curves):
        difference, own = behind.estimate[number], 0.0 if number == best else half[number]
        high = difference + own
        outcome = BEST if number == best else BEHIND if high < 0 else OPEN
        values = (
            *(metric, percentage, classifier, representation, scores.estimate[number]),
            *(max(bounds.low[number], 0.0), min(bounds.high[number], 1.0)),
            *(difference, difference - own, high, outcome),
        )
        yield dict(zip(SYSTEMS_COLUMNS, values, strict=True))


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
    for number in range(1, scores.resampled.shape[1]):
        pairs = scores.resampled[:, :number] - scores.resampled[:, number, None]
        np.maximum(largest, largest_deviations(pairs), out=largest)
    spread, tail = variance(differences), (1 + level) / 2
    factor = critical_value(largest, level) / ndtri(tail)
    half: np.ndarray = factor * stdtrit(spread.df, tail) * np.sqrt(spread.total)
    return half
