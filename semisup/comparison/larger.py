"""The half-width that an interval would have with more draws, test speakers and encoders.

In: the variance of a curve by its sources. Out: half-widths, with the degrees of freedom of the
larger design: Student's quantile falls as speakers are added, not the standard error alone.
"""

from typing import NamedTuple

import numpy as np
import scipy

from semisup.comparison.nested import contributions
from semisup.comparison.variance import Variance, freedom


class Size(NamedTuple):
    """How many there are of each, the draws over all encoders; or so many times as many."""

    draws: int
    speakers: int
    encoders: int


def half_width(spread: Variance, size: Size, times: Size, level: float) -> np.ndarray:
    """Predict the half-width of an interval with so many times the draws, speakers and encoders.

    The components of the variance are taken to be as estimated; mean squares of the larger design
    are what it expects of them, and give Satterthwaite's degrees of freedom as ever.

    Parameters
    ----------
    spread : Variance
        Of n budgets.
    size, times : Size
        Of the design that it was estimated from, and factors.
    level : float
        Of coverage.

    Returns
    -------
    ndarray of shape (n,)
    """
    larger = Size(*(now * factor for now, factor in zip(size, times, strict=True)))
    draws, speakers, encoders = times
    scale = np.array([draws, speakers, draws * speakers, encoders, encoders * speakers])
    parts = spread.parts / scale[: len(spread.parts), None]
    terms, free, levels = _mean_squares(parts, larger)
    total = parts.sum(axis=0)
    half: np.ndarray = scipy.special.stdtrit(freedom(total, terms, free, levels), (1 + level) / 2)
    return half * np.sqrt(total)


def _mean_squares(parts: np.ndarray, size: Size) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what mean squares add to the variance, and their degrees of freedom.

    Returns
    -------
    terms : ndarray of shape (3, n) or (5, n)
    free : ndarray of shape (3,) or (5,)
    levels : ndarray of shape (2,)
        Degrees of freedom of the factors alone.
    """
    draws, speakers, encoders = size
    if len(parts) == 3:
        # a mean square of a factor holds the residual too
        terms = parts + parts[2] * np.array([[1.0], [1.0], [0.0]])
        free = np.array([draws - 1, speakers - 1, (draws - 1) * (speakers - 1)])
        return terms, free, free[:2]
    within, between = draws - encoders, encoders - 1
    free = np.array(
        [within, speakers - 1, within * (speakers - 1), between, between * (speakers - 1)]
    )
    matrix = contributions(draws, speakers, encoders)
    terms = matrix.sum(axis=0)[:, None] * np.linalg.solve(matrix, parts)
    return terms, free, free[[3, 1]]
