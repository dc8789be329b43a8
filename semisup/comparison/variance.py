r"""Variance of a curve by its sources: draws, test speakers, encoders, and what is left.

The pseudo-values :math:`P_{ds}` of draw d and speaker s form a table with two crossed random
factors and no replication; with several encoders the draws are nested in them. The mean squares
give the components by the method of moments.
"""

from typing import NamedTuple

import numpy as np

from semisup.comparison.bootstrap import Curve
from semisup.comparison.folded import folded_variance
from semisup.comparison.nested import NESTED, contributions, mean_squares

#: What there is with one encoder: the first of `NESTED`.
SOURCES = NESTED[:3]
#: Mean squares below this count as zero: what float32 pseudo-values leave where the truth is zero.
DUST = 1e-10


class Variance(NamedTuple):
    """Variance of a curve's estimate at every budget, and its degrees of freedom.

    Parameters
    ----------
    total : ndarray of shape (n,)
        Of the estimate; NaN with one draw and one speaker.
    df : ndarray of shape (n,)
        Satterthwaite's.
    parts : ndarray of shape (3, n), or (5, n) with several encoders or folds
        What `SOURCES`, `NESTED` or `FOLDED` add to it; they sum up to `total`.
    shared : ndarray of shape (n,)
        What the speakers have in common: the parts of draws, encoders and pools.
    """

    total: np.ndarray
    df: np.ndarray
    parts: np.ndarray
    shared: np.ndarray


def variance(curve: Curve) -> Variance:
    r"""Estimate the variance of a mean over crossed draws and speakers, draws nested in encoders.

    .. math:: V = \hat\sigma^2_d / D + \hat\sigma^2_s / S + \hat\sigma^2_e / (DS)
              + \hat\sigma^2_a / E + \hat\sigma^2_{as} / (ES)

    where components below zero count as zero, and the last two are there with several encoders
    only. A factor with one level adds nothing: what it would add cannot be told.

    References
    ----------
    Searle, Casella and McCulloch 1992, Variance Components, chapter 4; Satterthwaite 1946,
    Biometrics Bulletin 2(6), 110-114.
    """
    values = curve.pseudo.astype(np.float64)
    if curve.folds is not None and curve.folds.n_speakers > 1:
        parts, df = folded_variance(values, curve.folds, curve.encoders)
        return Variance(parts.sum(axis=0), df, parts, parts[[0, 3, 4]].sum(axis=0))
    return _nested(values, curve.encoders) if curve.encoders > 1 else _crossed(values)


def _nested(values: np.ndarray, encoders: int) -> Variance:
    squares, free = mean_squares(values, encoders)
    squares[squares < DUST] = 0
    matrix = contributions(values.shape[1], values.shape[2], encoders)
    parts = np.maximum(matrix @ squares, 0)
    total, terms = parts.sum(axis=0), matrix.sum(axis=0)[:, None] * squares
    return Variance(total, freedom(total, terms, free, free[[3, 1]]), parts, parts[0] + parts[3])


def _crossed(values: np.ndarray) -> Variance:
    n_draws, n_speakers = values.shape[1:]
    grand = values.mean(axis=(1, 2))
    by_draw, by_speaker = values.mean(axis=2), values.mean(axis=1)
    rest = values - by_draw[:, :, None] - by_speaker[:, None, :] + grand[:, None, None]
    free = np.array([n_draws - 1, n_speakers - 1, (n_draws - 1) * (n_speakers - 1)])
    sums = np.stack(
        [
            n_speakers * ((by_draw - grand[:, None]) ** 2).sum(axis=1),
            n_draws * ((by_speaker - grand[:, None]) ** 2).sum(axis=1),
            (rest**2).sum(axis=(1, 2)),
        ]
    )
    squares = sums / np.maximum(free, 1)[:, None]
    squares[squares < DUST] = 0
    draw, speaker, residual = squares / (n_draws * n_speakers)
    parts = np.stack([np.maximum(draw - residual, 0), np.maximum(speaker - residual, 0), residual])
    total = parts.sum(axis=0)
    # one draw and one speaker: nothing was seen to vary
    if not free.any():
        nothing = np.full_like(total, np.nan)
        return Variance(nothing, np.ones_like(total), parts * np.nan, nothing)
    terms = np.stack([draw, speaker, residual])
    return Variance(total, freedom(total, terms, free, free[:2]), parts, parts[0])


def freedom(
    total: np.ndarray, terms: np.ndarray, free: np.ndarray, levels: np.ndarray
) -> np.ndarray:
    """Return Satterthwaite's degrees of freedom, not below the smaller factor's."""
    below = (terms**2 / np.maximum(free, 1)[:, None]).sum(axis=0)
    levels = levels[levels > 0]
    df = np.divide(total**2, below, out=np.full_like(total, levels.max()), where=below > 0)
    # No fewer than one factor alone would leave, no more than the whole table has.
    return np.clip(df, levels.min(), max(free.max(), levels.sum()))
