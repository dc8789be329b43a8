"""The label budget at which the sign of a difference changes, with an interval.

In: difference curves. Out: budgets in percent, and in words what the data resolve.
"""

from typing import NamedTuple

import numpy as np

from semisup.comparison.bootstrap import Curve
from semisup.comparison.interval import calibrated, simultaneous_half_width
from semisup.comparison.variance import variance

#: Width of the smoother's Gaussian kernel in ln(budget): budgets 25 % apart weigh 0.6.
BANDWIDTH = 0.25


class Place(NamedTuple):
    """A budget in percent with its interval and an outcome in words."""

    value: float
    low: float
    high: float
    outcome: str


UNRESOLVED = Place(np.nan, np.nan, np.nan, "not resolved")


def smoother(budgets: np.ndarray) -> np.ndarray:
    """Return the matrix that smooths a curve lightly, by local lines over ln(budget).

    Parameters
    ----------
    budgets : ndarray of shape (n,)
        In percent, ascending.

    Returns
    -------
    ndarray of shape (n, n)
        Rows add up to one; straight lines over ln(budget) stay as they are.

    References
    ----------
    Fan and Gijbels 1996, Local Polynomial Modelling and Its Applications, section 2.3.
    """
    apart = np.log(budgets)[None] - np.log(budgets)[:, None]
    weight = np.exp(-0.5 * (apart / BANDWIDTH) ** 2)
    first = (weight * apart).sum(axis=1, keepdims=True)
    # The floor keeps a budget without near neighbours, where no slope can be told, as it is.
    second = (weight * apart**2).sum(axis=1, keepdims=True) + 1e-9
    # the value at its own budget of the line fitted around it, in closed form
    rows = weight * (second - first * apart)
    smooth: np.ndarray = rows / rows.sum(axis=1, keepdims=True)
    return smooth


def crossings(curves: np.ndarray, budgets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find where each curve is best divided into a stretch of either sign.

    The place is a zero of the curve such that the sum of one side's values less the other side's is
    largest: a dip that noise makes beside it does not count.

    Parameters
    ----------
    curves : ndarray of shape (..., n)
        Differences by budget.
    budgets : ndarray of shape (n,)

    Returns
    -------
    place : ndarray of shape (...)
        Budget in percent, interpolated over ln(budget); -inf where no division is better than none.
    sign : ndarray of shape (...), int
        Of the stretch above the place: 1, -1, or 0 where the curve is zero.
    """
    before = np.concatenate([np.zeros_like(curves[..., :1]), curves.cumsum(axis=-1)], axis=-1)
    after = before[..., -1:] - before
    # After the last budget there is no stretch: that is the division before the first, negated.
    split = np.abs(after - before)[..., :-1].argmax(axis=-1)
    upper = np.take_along_axis(after - before, split[..., None], -1)[..., 0]
    return _interpolated(curves, budgets, split), np.sign(upper).astype(int)


def risings(curves: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """Find where each curve is best divided into a stretch below and one not below zero.

    Returns
    -------
    ndarray of shape (...)
        Budget in percent; -inf: not below zero from the start; inf: below zero to the end.
    """
    before = np.concatenate([np.zeros_like(curves[..., :1]), curves.cumsum(axis=-1)], axis=-1)
    # the sum above less the sum below, of every division
    split = (before[..., -1:] - 2 * before).argmax(axis=-1)
    place = _interpolated(curves, budgets, np.minimum(split, len(budgets) - 1))
    # A curve that ends at zero has arrived, though its last stretch adds nothing.
    beyond = (split == len(budgets)) & (curves[..., -1] < 0)
    return np.where(beyond, np.inf, place)


def _interpolated(curves: np.ndarray, budgets: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Return the zero between the budgets on both sides of a division."""
    left = np.maximum(split, 1) - 1
    # A study of one budget has nothing to the right; its division is always before the first.
    right = np.minimum(left + 1, len(budgets) - 1)
    y0 = np.take_along_axis(curves, left[..., None], -1)[..., 0]
    y1 = np.take_along_axis(curves, right[..., None], -1)[..., 0]
    x = np.log(budgets)
    x0, x1 = x[left], x[right]
    share = np.divide(-y0, y1 - y0, out=np.ones_like(y0), where=y1 != y0)
    place = np.exp(x0 + np.clip(share, 0, 1) * (x1 - x0))
    return np.where(split == 0, -np.inf, place)


def crossover(difference: Curve, budgets: np.ndarray, level: float = 0.95) -> Place:
    """Return the budget where the sign of a difference a - b changes.

    The curve is smoothed lightly, then the estimate and every resample are divided by `crossings`.

    Returns
    -------
    Place
        `outcome` is "crossing" (the interval lies within the budgets), "always" (a is ahead
        throughout), "none" (b is) or "not resolved"; the last keeps the estimate's crossing, if it
        has one, and an interval cut at the first and last budget.
    """
    if difference.is_one_order or not difference.estimate.any():
        return UNRESOLVED
    smooth = difference.mapped(smoother(budgets))
    resampled = calibrated(smooth, variance(smooth), level)
    value, sign = crossings(smooth.estimate, budgets)
    places, signs = crossings(resampled, budgets)
    direction = int(sign) if np.isfinite(value) else _usual(places, signs)
    low, high = _bounds(places, signs, direction, level)
    outcome = _outcome(low, high, direction)
    if outcome in ("always", "none"):
        return Place(np.nan, np.nan, np.nan, outcome)
    low, high = np.clip([low, high], budgets[0], budgets[-1])
    return Place(float(value) if np.isfinite(value) else np.nan, low, high, outcome)


def _usual(places: np.ndarray, signs: np.ndarray) -> int:
    """Return the direction in which most resamples cross, if any does."""
    return 1 if signs[np.isfinite(places)].sum() >= 0 else -1


def _bounds(
    places: np.ndarray, signs: np.ndarray, direction: int, level: float
) -> tuple[float, float]:
    """Return quantiles of the crossings in one direction.

    A resample that crosses in the other direction speaks for neither end: it counts as below the
    lower bound and above the upper.
    """
    along = signs == direction
    whole = ~np.isfinite(places)
    low = np.where(along | whole, places, -np.inf)
    low[whole & (signs == -direction)] = np.inf
    high = np.where(along, places, np.inf)
    return _outer(low, level)[0], _outer(high, level)[1]


def _outer(places: np.ndarray, level: float) -> tuple[float, float]:
    """Return the two quantiles without interpolation, which infinity has none of."""
    ordered = np.sort(places)
    # cut off to the next place outside, so that the interval is never narrower than asked for
    tail = (1 - level) / 2 * (len(ordered) - 1)
    return float(ordered[int(tail)]), float(ordered[::-1][int(tail)])


def _outcome(low: float, high: float, direction: int) -> str:
    if np.isfinite([low, high]).all():
        return "crossing"
    # both are the same infinity: (nearly) no resample crosses within the budgets
    if low == high:
        ahead_throughout = direction if low < 0 else -direction
        return "always" if ahead_throughout > 0 else "none"
    return "not resolved"


def labels_saved(a: Curve, b: Curve, budgets: np.ndarray, level: float = 0.95) -> Place:
    """Return the budget at which a reaches b's score at the last budget.

    The interval is where the gap between the two may rise through zero, by its band over all
    budgets: that it is written down where a surely gets there chooses the studies in which a looks
    best, which an interval of each resample's own place does not count. The band has half the
    error, as it is asked twice: whether a gets there, and where.

    Returns
    -------
    Place
        `outcome` is "reached" (surely within the budgets), "not reached" (surely not) or "not
        resolved". A bound beyond the last budget is NaN; one before the first is the first.
    """
    smooth = smoother(budgets)
    gap = a.mapped(smooth) - b.mapped(np.repeat(smooth[-1:], len(budgets), axis=0))
    if gap.is_one_order:
        return UNRESOLVED
    half = simultaneous_half_width(gap, variance(gap), (1 + level) / 2)
    upper, lower = gap.estimate + half, gap.estimate - half
    low = _rise(upper, budgets, int(np.logical_and.accumulate(upper < 0).sum()))
    n_reached = int(np.logical_and.accumulate((lower >= 0)[::-1]).sum())
    high = _rise(lower, budgets, len(budgets) - n_reached)
    outcome = "reached" if high < np.inf else "not reached" if low == np.inf else "not resolved"
    value, low, high = (
        np.nan if place == np.inf else max(place, float(budgets[0]))
        for place in (float(risings(gap.estimate, budgets)), low, high)
    )
    return Place(value, low, high, outcome)


def _rise(curve: np.ndarray, budgets: np.ndarray, split: int) -> float:
    """Return the zero before the budget of this number; infinity if there is no such budget."""
    return float(_interpolated(curve, budgets, np.array(split))) if split < len(budgets) else np.inf
