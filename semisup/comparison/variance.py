r"""Where the uncertainty of a curve comes from: draws, test speakers, and what is left.

The pseudo-values :math:`P_{ds}` of draw d and speaker s form a table with two crossed random
factors and no replication. Its mean squares give the three components by the method of moments.
"""

from typing import NamedTuple

import numpy as np

from semisup.comparison.bootstrap import Curve

SOURCES = ("draw", "speaker", "residual")


class Variance(NamedTuple):
    """Variance of a curve's estimate at every budget, and its degrees of freedom.

    Parameters
    ----------
    total : ndarray of shape (n,)
        Of the estimate; NaN with one draw and one speaker.
    df : ndarray of shape (n,)
        Satterthwaite's.
    parts : ndarray of shape (3, n)
        What `SOURCES` add to it; they sum up to `total`.
    """

    total: np.ndarray
    df: np.ndarray
    parts: np.ndarray


def variance(curve: Curve) -> Variance:
    r"""Estimate the variance of a mean over crossed draws and speakers.

    .. math:: V = \hat\sigma^2_d / D + \hat\sigma^2_s / S + \hat\sigma^2_e / (DS)

    where components below zero count as zero. A factor with one level adds nothing: what it would
    add cannot be told.

    References
    ----------
    Searle, Casella and McCulloch 1992, Variance Components, chapter 4; Satterthwaite 1946,
    Biometrics Bulletin 2(6), 110-114.
    """
    values = curve.pseudo.astype(np.float64)
    n_draws, n_speakers = values.shape[1:]
    grand = values.mean(axis=(1, 2))
    by_draw, by_speaker = values.mean(axis=2), values.mean(axis=1)
    rest = values - by_draw[:, :, None] - by_speaker[:, None, :] + grand[:, None, None]
    free = np.array([n_draws - 1, n_speakers - 1, (n_draws - 1) * (n_speakers - 1)])
    squares = np.stack([
        n_speakers * ((by_draw - grand[:, None]) ** 2).sum(axis=1),
        n_draws * ((by_speaker - grand[:, None]) ** 2).sum(axis=1),
        (rest**2).sum(axis=(1, 2)),
    ]) / np.maximum(free, 1)[:, None]  # fmt: skip
    # float32 pseudo-values leave dust where the truth is zero.
    squares[squares < 1e-10] = 0
    draw, speaker, residual = squares / (n_draws * n_speakers)
    parts = np.stack([np.maximum(draw - residual, 0), np.maximum(speaker - residual, 0), residual])
    total = parts.sum(axis=0)
    if not free.any():
        return Variance(np.full_like(total, np.nan), np.ones_like(total), parts * np.nan)
    return Variance(total, _freedom(total, np.stack([draw, speaker, residual]), free), parts)


def _freedom(total: np.ndarray, squares: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return Satterthwaite's degrees of freedom, not below the smaller factor's."""
    below = (squares**2 / np.maximum(free, 1)[:, None]).sum(axis=0)
    levels = free[:2][free[:2] > 0]
    found = np.divide(total**2, below, out=np.full_like(total, levels.max()), where=below > 0)
    return np.clip(found, levels.min(), max(free.max(), levels.sum()))


def half_width(
    parts: np.ndarray, critical: np.ndarray, draws: float, speakers: float
) -> np.ndarray:
    """Predict the half-width of an interval with so many times the draws and speakers.

    Parameters
    ----------
    parts : ndarray of shape (3, n)
        As `Variance.parts`.
    critical : ndarray of shape (n,)
        Quantile of Student's t; kept, so that the prediction is a little too wide.
    draws, speakers : float
        Factors.
    """
    scaled = parts[0] / draws + parts[1] / speakers + parts[2] / (draws * speakers)
    return critical * np.sqrt(scaled)
