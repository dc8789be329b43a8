"""Intervals from resamples, corrected for few draws and few speakers.

In: a `Curve`. Out: pointwise intervals (percentile or BCa), simultaneous bands, p values.
"""

from typing import Literal, NamedTuple

import numpy as np
import scipy  # its parts are imported on use: reports import this module for its names

from semisup.comparison.bootstrap import Curve
from semisup.comparison.variance import Variance, variance

Kind = Literal["percentile", "bca"]
#: The fields of `Interval` that are bounds.
BOUNDS = ("low", "high", "low_simultaneous", "high_simultaneous")


class Interval(NamedTuple):
    """Bounds at every budget, pointwise and simultaneous, and two-sided p values for zero.

    Parameters
    ----------
    low, high, low_simultaneous, high_simultaneous, p_value : ndarray of shape (n,)
    """

    low: np.ndarray
    high: np.ndarray
    low_simultaneous: np.ndarray
    high_simultaneous: np.ndarray
    p_value: np.ndarray

    def within(self, least: float, greatest: float) -> "Interval":
        """Return the same bounds, ended where the statistic does: Student's know of no range."""
        ends = {name: np.clip(getattr(self, name), least, greatest) for name in BOUNDS}
        return self._replace(**ends)


def calibrated(curve: Curve, spread: Variance, level: float) -> np.ndarray:
    r"""Stretch the resamples about the estimate to the variance that they should have.

    .. math:: \hat\theta + \frac{t_{\nu, 1 - \alpha/2}}{z_{1 - \alpha/2}}
              \sqrt{\frac{V}{V^*}}\,(\theta^* - \bar\theta^*)

    The plain bootstrap is too narrow by :math:`\sqrt{(n - 1) / n}` and takes the normal's quantile
    where Student's belongs (Hesterberg 2015), and with crossed factors counts the residual up to
    three times (Owen 2007); both are put right here.

    Returns
    -------
    ndarray of shape (n_resamples, n)
    """
    deviations = curve.resampled - curve.resampled.mean(axis=0)
    tail = (1 + level) / 2
    wanted = (
        scipy.special.stdtrit(spread.df, tail) / scipy.special.ndtri(tail) * np.sqrt(spread.total)
    )
    resampled = deviations.std(axis=0)
    # Where no resample deviates there is nothing to stretch.
    factor = np.divide(wanted, resampled, out=np.ones_like(resampled), where=resampled > 0)
    factor[np.isnan(spread.total)] = np.nan
    return curve.estimate + factor * deviations


def interval(curve: Curve, level: float = 0.95, kind: Kind = "percentile") -> Interval:
    """Return the intervals of a curve.

    Parameters
    ----------
    curve : Curve
    level : float
        Of coverage, in (0, 1).
    kind : {"percentile", "bca"}
        Of the pointwise intervals.
    """
    spread = variance(curve)
    resampled = calibrated(curve, spread, level)
    low, high = _percentiles(curve, resampled, level, kind)
    half = simultaneous_half_width(curve, spread, level)
    return Interval(
        low, high, curve.estimate - half, curve.estimate + half, p_values(curve, spread)
    )


def p_values(curve: Curve, spread: Variance) -> np.ndarray:
    """Return two-sided p values for zero, Student's; NaN where the variance cannot be told."""
    error = np.sqrt(spread.total)
    ratio = np.divide(np.abs(curve.estimate), error, out=np.zeros_like(error), where=error > 0)
    p_value: np.ndarray = 2 * scipy.special.stdtr(spread.df, -ratio)
    # Without any error a difference is certain, unless it is rounding.
    p_value[(error == 0) & (np.abs(curve.estimate) > 1e-9)] = 0.0
    p_value[np.isnan(error)] = np.nan
    return p_value


def interval_of_difference(
    curve: Curve, level: float = 0.95, kind: Kind = "percentile"
) -> Interval:
    """Return the intervals of a difference: of one draw neither bands nor p values.

    One order of the labelled recordings says nothing of others, and another may turn the difference
    round: of 20 random orders of the original study's tables, each by itself, 20 would call a
    winner. The pointwise intervals hold for this order, and other test speakers.
    """
    bounds = interval(curve, level, kind)
    if not curve.is_one_order:
        return bounds
    nothing = np.full_like(bounds.low, np.nan)
    return bounds._replace(low_simultaneous=nothing, high_simultaneous=nothing, p_value=nothing)


def simultaneous_half_width(curve: Curve, spread: Variance, level: float) -> np.ndarray:
    r"""Return the half-width of a band that holds the whole curve with the given probability.

    The largest studentised deviation over the budgets, :math:`\max_b |\theta^*_b - \bar\theta^*_b|
    / s^*_b`, has a quantile :math:`c`; the band takes Student's quantile of the same tail at every
    budget, so that budgets with other degrees of freedom get their own.

    References
    ----------
    Montiel Olea and Plagborg-Møller 2019, Simultaneous confidence bands, Journal of Applied
    Econometrics 34(1), 1-17.
    """
    critical = critical_value(largest_deviations(curve.resampled), level)
    half: np.ndarray = scipy.special.stdtrit(spread.df, scipy.special.ndtr(critical)) * np.sqrt(
        spread.total
    )
    return half


def largest_deviations(resampled: np.ndarray) -> np.ndarray:
    """Return the largest studentised deviation of each resample.

    Parameters
    ----------
    resampled : ndarray of shape (n_resamples, n)

    Returns
    -------
    ndarray of shape (n_resamples,)
    """
    deviations = np.abs(resampled - resampled.mean(axis=0))
    error = np.sqrt((deviations**2).mean(axis=0))
    ratios = np.divide(deviations, error, out=np.zeros_like(deviations), where=error > 0)
    largest: np.ndarray = ratios.max(axis=1)
    return largest


def critical_value(largest: np.ndarray, level: float) -> float:
    """Return the quantile of the largest deviations, no less than the normal's for a single one."""
    return max(float(np.quantile(largest, level)), float(scipy.special.ndtri((1 + level) / 2)))


def _percentiles(
    curve: Curve, resampled: np.ndarray, level: float, kind: Kind
) -> tuple[np.ndarray, np.ndarray]:
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    # one draw and one speaker: there is no variance to stretch the resamples to
    if np.isnan(resampled).any():
        empty = np.full_like(curve.estimate, np.nan)
        return empty, empty
    if kind == "percentile":
        low, high = np.quantile(resampled, tails, axis=0)
        return low, high
    levels = _bca_levels(curve, resampled, scipy.special.ndtri(tails))
    bounds = [np.quantile(column, pair) for column, pair in zip(resampled.T, levels, strict=True)]
    low, high = np.array(bounds).T
    return low, high


def _bca_levels(curve: Curve, resampled: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return the two quantile levels at every budget (Efron 1987), shape (n, 2)."""
    n = len(resampled)
    below = (resampled < curve.estimate).sum(axis=0) + (resampled == curve.estimate).sum(axis=0) / 2
    # The clip keeps the bias finite where all resamples lie on one side of the estimate.
    bias = scipy.special.ndtri(np.clip(below / n, 0.5 / n, 1 - 0.5 / n))[:, None]
    shifted = bias + z
    levels: np.ndarray = scipy.special.ndtr(
        bias + shifted / (1 - _acceleration(curve)[:, None] * shifted)
    )
    return levels


def _acceleration(curve: Curve) -> np.ndarray:
    """Return a sixth of the skewness of the influence of draws (or encoders) and speakers."""
    values = curve.pseudo.astype(np.float64)
    grand = values.mean(axis=(1, 2))[:, None]
    draws = (values.mean(axis=2) - grand) / values.shape[1]
    # an encoder is one influence: its draws come and go together
    if (n := curve.encoders) > 1:
        draws = np.stack([draws[:, turn::n].sum(axis=1) for turn in range(n)], axis=1)
    speakers = (values.mean(axis=1) - grand) / values.shape[2]
    influence = np.concatenate([draws, speakers], axis=1)
    below = 6 * ((influence**2).sum(axis=1)) ** 1.5
    skew: np.ndarray = np.divide(
        (influence**3).sum(axis=1), below, out=np.zeros_like(below), where=below > 0
    )
    return skew
