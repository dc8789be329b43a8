r"""Variance of a mean over folds of speakers: test speakers, pools, encoders, draws and the rest.

In every repeat each speaker is tested once, by what was learned from the pools of one fold: its
labelled and its unlabelled speakers. Scores of two speakers go together where their pools have
speakers in common, and most where they are of one fold. How much they do, over all pairs of
speakers, tells the variance that another pool would bring.
"""

from typing import NamedTuple

import numpy as np

from semisup.comparison.folds import Folds

#: Share of the speakers' degrees of freedom that is left where pools are hard to tell. Found by
#: simulation: with none of them bands hold the truth in nearly all studies and resolve little.
LEAST = 1 / 3
#: Rows of the parts, in this order.
FOLDED = ("draw", "speaker", "residual", "encoder", "pool")


class FoldedVariance(NamedTuple):
    """What each source adds to the variance of the mean at every budget.

    Parameters
    ----------
    parts : ndarray of shape (5, n)
        In the order of `FOLDED`.
    df : ndarray of shape (n,)
        Satterthwaite's, of their sum.
    """

    parts: np.ndarray
    df: np.ndarray


class Learned(NamedTuple):
    """Variances that come from what was learned, at every budget: of pools, draws and encoders.

    Parameters
    ----------
    pool, error : ndarray of shape (n,)
        Variance of the pools, and its standard error.
    draw, encoder : ndarray of shape (n,)
        Of the mean over the draws of one fold.
    """

    pool: np.ndarray
    error: np.ndarray
    draw: np.ndarray
    encoder: np.ndarray


def folded_variance(values: np.ndarray, folds: Folds, encoders: int) -> FoldedVariance:
    r"""Estimate the variance of the mean of scores by draw and speaker, every speaker tested.

    .. math:: V = s^2 / S + \bar g \hat\tau + \bar o \hat\sigma^2_p

    with :math:`s^2` the variance of the S speakers' means, :math:`\bar o` the mean overlap of the
    pools of two speakers and :math:`\bar g` how often they are in one fold. :math:`\hat\tau` is the
    covariance within folds of what draws and encoders change; :math:`\hat\sigma^2_p`, the variance
    of pools, is the slope of the products of two speakers' scores over the overlap of their pools.

    Where pools do not tell, as those of one repeat, their part is what Nadeau and Bengio add for
    training sets that overlap, :math:`s^2 / S \cdot K / (K - 1)` with K folds, which is too much
    rather than too little.

    Parameters
    ----------
    values : ndarray of shape (n, n_repeats * n_draws, n_speakers)
        Pseudo-values, float64; the draws of a repeat stand together.
    folds : Folds
    encoders : int
        Draw d of a fold is of the encoder d mod `encoders`.

    References
    ----------
    Haseman and Elston 1972, Behavior Genetics 2, 3-19 (a slope over relatedness as a variance
    component); Nadeau and Bengio 2003, Machine Learning 52, 239-281 (what is learned from training
    sets that overlap correlates by as much); Bengio and Grandvalet 2004, JMLR 5, 1089-1105 (one
    cross-validation alone does not tell its variance).
    """
    table = values.reshape(len(values), folds.n_repeats, -1, folds.n_speakers)
    means = table.mean(axis=2)
    learned = _learned(table, means, folds, encoders)
    shared = learned.draw + learned.encoder
    by_speaker = means.mean(axis=1).var(axis=1, ddof=1) / folds.n_speakers
    alike = folds.mean_overlap
    of_pool = alike * learned.pool
    if not folds.tells_pools:
        count = folds.folds_a_repeat
        of_pool = by_speaker * count / (count - 1)
        # two speakers who test each other have no pool in common
        learned = learned._replace(pool=of_pool / alike if alike else 0 * of_pool)
    total = by_speaker + folds.mean_together * shared + of_pool
    parts = _parts(means, folds, learned, of_pool, total)
    # of each estimate half its own variance: that of speakers, that of pools (if any) and its noise
    n_pools = min(len(folds.overlap) - folds.n_repeats, folds.n_speakers - 1)
    of_pools = alike**2 * (learned.error**2 / 2 + learned.pool**2 / max(n_pools, 1))
    if not folds.tells_pools:  # a multiple of the speakers' variance, with its degrees of freedom
        below = total**2 / (folds.n_speakers - 1)
    else:
        below = by_speaker**2 / (folds.n_speakers - 1) + of_pools
    most = folds.of_speaker.size - 1.0
    df = np.divide(total**2, below, out=np.full_like(total, most), where=below > 0)
    return FoldedVariance(parts, df.clip((folds.n_speakers - 1) * LEAST, most))


def _learned(table: np.ndarray, means: np.ndarray, folds: Folds, encoders: int) -> Learned:
    n_draws = table.shape[2]
    draw = encoder = np.zeros(len(table))
    if encoders > 1:
        by_encoder = np.stack(
            [table[:, :, turn::encoders].mean(axis=2) for turn in range(encoders)], axis=2
        )
        encoder = _covariance(by_encoder, folds) / encoders
        own = by_encoder[:, :, np.arange(n_draws) % encoders]
        draw = _covariance(table - own, folds, encoders) / n_draws
        encoder = np.maximum(encoder - draw, 0)
    elif n_draws > 1:
        draw = _covariance(table, folds) / n_draws
    return Learned(*_pools(means, folds, draw + encoder), draw, encoder)


def _covariance(table: np.ndarray, folds: Folds, means_taken: int = 1) -> np.ndarray:
    """Return the covariance, over the draws, of two speakers of one fold; none below zero.

    Parameters
    ----------
    table : ndarray of shape (n, n_repeats, n_draws, n_speakers)
    folds : Folds
    means_taken : int
        Of how many means a fold the table is, or will be, the deviation.
    """
    mates = folds.mates
    free = mates.sum() * (table.shape[2] - means_taken)
    if free <= 0:
        return np.zeros(len(table))
    deviations = table - table.mean(axis=2, keepdims=True) if means_taken == 1 else table
    products = (deviations @ mates) * deviations
    covariance: np.ndarray = np.maximum(products.sum(axis=(1, 2, 3)) / free, 0)
    return covariance


def _pools(means: np.ndarray, folds: Folds, shared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the variance of pools, the slope over their overlap, and its error; 0 untold."""
    if not folds.tells_pools:
        return np.zeros(len(means)), np.zeros(len(means))
    # a speaker's own level is gone with the mean over the repeats
    scores = (means - means.mean(axis=1, keepdims=True)).reshape(len(means), -1)
    products = ((scores @ folds.signal) * scores).sum(axis=1)
    known = shared * folds.of_one_draw
    squares = scores**2
    pairs = folds.of_two_speakers
    spread = ((squares @ pairs) * squares).sum(axis=1) / pairs.sum()
    return np.maximum((products - known) / folds.power, 0), np.sqrt(2 * spread / folds.power)


def _parts(
    means: np.ndarray, folds: Folds, learned: Learned, of_pool: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Share the variance out among its sources; what cannot be told apart is the speakers'."""
    in_folds = folds.together.mean()
    draw, encoder = in_folds * learned.draw, in_folds * learned.encoder
    rest = np.zeros_like(total)
    if folds.n_repeats > 1:
        # what is different when a speaker is tested again, and neither pool's nor draws'
        within = means.var(axis=1, ddof=1).mean(axis=1)
        apart = (1 - folds.again) * folds.n_repeats / (folds.n_repeats - 1)
        rest = within - apart * learned.pool - learned.draw - learned.encoder
        rest = np.maximum(rest, 0) / folds.of_speaker.size
    speaker = np.maximum(total - draw - encoder - of_pool - rest, 0)
    return np.stack([draw, speaker, rest, encoder, of_pool])
