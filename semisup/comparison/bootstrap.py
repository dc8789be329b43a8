"""The crossed bootstrap, which resamples draws and test speakers, each with replacement.

In: the predictions of a system. Out: its learning curves as `Curve`s: the estimate, what it is in
every resample, and the pseudo-values from which variances follow. The same weights serve all
systems, so that differences between them are paired.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from semisup.comparison.folds import Folds
from semisup.comparison.predictions import System


@dataclass(frozen=True)
class Weights:
    """How often each draw and each speaker is in each resample.

    Parameters
    ----------
    draws : ndarray of shape (n_resamples, n_draws)
    speakers : ndarray of shape (n_resamples, n_speakers)
    """

    draws: np.ndarray
    speakers: np.ndarray


@dataclass(frozen=True)
class Curve:
    r"""A statistic at every budget, or several statistics, with all that its intervals need.

    Sums, differences and linear maps of curves are curves: resamples are paired, and the
    pseudo-values of a linear map are the linear map of the pseudo-values.

    Parameters
    ----------
    estimate : ndarray of shape (n,)
    resampled : ndarray of shape (n_resamples, n)
    pseudo : ndarray of shape (n, n_draws, n_speakers)
        Jackknife pseudo-values :math:`S T_d - (S - 1) T_{d(-s)}` of draw d and speaker s.
    encoders : int
        Draw d is of the encoder d mod `encoders`; a difference is nested where a side is.
    folds : Folds, optional
        Where every speaker is tested: the draws are then those of one repeat after the other.
    """

    estimate: np.ndarray
    resampled: np.ndarray
    pseudo: np.ndarray
    encoders: int = 1
    folds: Folds | None = None

    @property
    def is_one_order(self) -> bool:
        """Whether there is one draw, which says nothing of other orders of the recordings.

        Each fold has an order of its own.
        """
        return self.pseudo.shape[1] == 1 and self.folds is None

    def __sub__(self, other: "Curve") -> "Curve":
        return Curve(
            self.estimate - other.estimate,
            self.resampled - other.resampled,
            self.pseudo - other.pseudo,
            max(self.encoders, other.encoders),
            self.folds,
        )

    def shifted(self, by: float) -> "Curve":
        """Return the curve plus a number that is known without error."""
        return replace(
            self,
            estimate=self.estimate + by,
            resampled=self.resampled + by,
            pseudo=self.pseudo + by,
        )

    def mapped(self, matrix: np.ndarray) -> "Curve":
        """Return the linear map of the curve by a matrix of shape (m, n)."""
        return Curve(
            matrix @ self.estimate,
            self.resampled @ matrix.T,
            # in the type of the pseudo-values: a float64 matrix would make them so, twice as large
            np.tensordot(matrix.astype(self.pseudo.dtype), self.pseudo, 1),
            self.encoders,
            self.folds,
        )


class Point(NamedTuple):
    """A statistic at one budget.

    Parameters
    ----------
    estimate : float
    resampled : ndarray of shape (n_resamples,)
    pseudo : ndarray of shape (n_draws, n_speakers)
    """

    estimate: float
    resampled: np.ndarray
    pseudo: np.ndarray


def mean_curve(curves: Sequence[Curve]) -> Curve:
    """Return the mean of curves of the same budgets."""
    return Curve(
        np.mean([curve.estimate for curve in curves], axis=0),
        np.mean([curve.resampled for curve in curves], axis=0),
        np.mean([curve.pseudo for curve in curves], axis=0),
        max(curve.encoders for curve in curves),
        curves[0].folds,
    )


def resample(n_resamples: int, n_draws: int, n_speakers: int, rng: np.random.Generator) -> Weights:
    """Draw the weights of a bootstrap that resamples two crossed factors independently.

    References
    ----------
    Owen 2007, The pigeonhole bootstrap, Annals of Applied Statistics 1(2), 386-411.
    """
    # how often, not which: a resample is then a weighted sum of what is counted once
    return Weights(
        rng.multinomial(n_draws, np.full(n_draws, 1 / n_draws), n_resamples),
        rng.multinomial(n_speakers, np.full(n_speakers, 1 / n_speakers), n_resamples),
    )


def curves(
    system: System, weights: Weights, encoders: int = 1, folds: Folds | None = None
) -> dict[str, Curve]:
    """Return the learning curve of a system, mean over the draws, by metric.

    What is counted of each speaker is counted once; a resample is a weighted sum of it. `encoders`
    and `folds` are kept for the variances: resamples keep their shape and are stretched to those.
    """
    budgets = [_at_budget(system, number, weights) for number in range(len(system.predicted))]
    return {
        name: _joined([budget[name] for budget in budgets], encoders, folds)
        for name in system.target.metrics
    }


def _joined(points: Sequence[Point], encoders: int, folds: Folds | None) -> Curve:
    """Return the points of one metric, budget after budget, as a curve."""
    return Curve(
        np.stack([point.estimate for point in points]),
        np.stack([point.resampled for point in points], axis=1),
        np.stack([point.pseudo for point in points]),
        encoders,
        folds,
    )


def _score(system: System, counts: np.ndarray) -> dict[str, np.ndarray]:
    """Score counts whose own axes are the first.

    Laid out so, sums over the classes run along long rows, which is several times faster.
    """
    own = system.target.axes
    return system.target.scores(counts.transpose(*range(own, counts.ndim), *range(own)))


def _at_budget(system: System, number: int, weights: Weights) -> dict[str, Point]:
    """Return the points of one budget by metric."""
    n_speakers, n_draws = weights.speakers.shape[1], weights.draws.shape[1]
    counts = system.counts(number, n_speakers)
    whole = counts.sum(axis=-1)
    # All resamples of the speakers are one product: what makes thousands of them quick.
    sums = counts.reshape(-1, n_speakers) @ weights.speakers.T.astype(counts.dtype)
    resampled = _score(system, sums.reshape(*whole.shape, -1))
    # One speaker cannot be left out: nothing would remain, and the factor S - 1 below is zero.
    rest = whole[..., None] - counts if n_speakers > 1 else whole[..., None]
    without = _score(system, rest)
    points = {}
    for name, by_draw in _score(system, whole).items():
        pseudo = n_speakers * by_draw[:, None] - (n_speakers - 1) * without[name]
        mean = (resampled[name] * weights.draws.T).sum(axis=0) / n_draws
        # Pseudo-values are most of what is kept: float32 halves that, and 7 digits are plenty.
        points[name] = Point(by_draw.mean(), mean, pseudo.astype(np.float32))
    return points
