"""What is predicted, classes or numbers, and what cells and comparisons do differently for them.

Both count what adds up over recordings, `counted`, and score such sums, `scores`: a confusion
matrix of classes, seven sums of numbers (`semisup.moments`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from semisup.metrics import (
    CLASS_METRICS,
    NUMBER_METRICS,
    confusion,
    scores,
    scores_of_hits,
    scores_of_numbers,
)
from semisup.moments import N_MOMENTS, Moments, terms
from semisup.recordings.numbers import NUMBER
from semisup.study.spec import TaskName


class Target(Protocol):
    """One of the two things that a study may predict."""

    @property
    def task(self) -> TaskName:
        """The study's word for it."""
        ...

    @property
    def metrics(self) -> Sequence[str]:
        """Names of the scores."""
        ...

    @property
    def stored(self) -> type[np.generic]:
        """The type of a prediction on disk."""
        ...

    @property
    def axes(self) -> int:
        """How many axes counts have."""
        ...

    @property
    def indicators(self) -> int:
        """How many numbers `permuted` makes of each true one."""
        ...

    def counted(self, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Count the answers about units (n,); counts of parts add up to those of the whole."""
        ...

    def wrong(self, predicted: np.ndarray) -> str:
        """Return what predictions are not, "" where they can be right."""
        ...

    def by_speaker(
        self, truth: np.ndarray, predicted: np.ndarray, speaker: np.ndarray, n_speakers: int
    ) -> np.ndarray:
        """Count by draw and speaker: `axes` axes, then (n_draws, n_speakers).

        Parameters
        ----------
        truth, speaker : ndarray of shape (n_units,)
        predicted : ndarray of shape (n_draws, n_units)
        n_speakers : int
        """
        ...

    def scores(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Score counts whose last `axes` axes are those of `counted`, by `metrics`."""
        ...

    def permuted(
        self, truth: np.ndarray, truths: np.ndarray, predicted: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Score predictions against permutations of the truth, the mean over the draws.

        By the metrics that systems may be compared by: those that are better when higher.

        Parameters
        ----------
        truth : ndarray of shape (n_units,)
        truths : ndarray of shape (n, n_units)
            Its permutations.
        predicted : ndarray of shape (n_draws, n_units)

        Returns
        -------
        dict of ndarray of shape (n,)
        """
        ...


@dataclass(frozen=True)
class Classes:
    """So many classes, by their places among the sorted names."""

    number: int
    task: TaskName = "classification"
    metrics: Sequence[str] = tuple(CLASS_METRICS)
    stored: type[np.generic] = np.int8
    axes: int = 2

    @property
    def indicators(self) -> int:
        """One a class."""
        return self.number

    def counted(self, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Return the confusion matrix."""
        return confusion(truth, predicted, self.number)

    def wrong(self, predicted: np.ndarray) -> str:
        """Return what predictions are not."""
        is_place = predicted.min() >= 0 and predicted.max() < self.number
        return "" if is_place else f"places among {self.number} classes"

    def by_speaker(
        self, truth: np.ndarray, predicted: np.ndarray, speaker: np.ndarray, n_speakers: int
    ) -> np.ndarray:
        """Count confusion matrices, float32: whole numbers, which it adds exactly up to 2**24."""
        n_draws, n = len(predicted), self.number
        draw = np.arange(n_draws)[:, None]
        # one whole number a prediction, so that one bincount counts all matrices
        place = ((truth * n + predicted) * n_draws + draw) * n_speakers + speaker
        shape = (n, n, n_draws, n_speakers)
        flat = np.bincount(place.ravel(), minlength=int(np.prod(shape)))
        return flat.reshape(shape).astype(np.float32)

    def scores(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Score confusion matrices."""
        return scores(counts)

    def permuted(
        self, truth: np.ndarray, truths: np.ndarray, predicted: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Score against permuted classes, of all draws and permutations at once."""
        wanted = self._indicators(truths).transpose(0, 2, 1)
        # a permutation moves neither margin of a confusion matrix: only its diagonal is counted
        actual = np.bincount(truth, minlength=self.number).astype(float)
        named = self._indicators(predicted)
        # one product of indicators for each class
        hits = (named @ wanted).astype(float)
        margins = np.broadcast_to(actual[:, None, None], hits.shape), named.sum(axis=-1)[..., None]
        # classes go last, as `scores_of_hits` wants them
        classes_last = (np.moveaxis(counts, 0, -1) for counts in (hits, *margins))
        by_metric = scores_of_hits(*classes_last)
        return {name: values.mean(axis=0) for name, values in by_metric.items()}

    def _indicators(self, classes: np.ndarray) -> np.ndarray:
        """Return which class each is: shape (number, *classes.shape), float32."""
        numbers = np.arange(self.number).reshape(-1, *[1] * classes.ndim)
        return (classes == numbers).astype(np.float32)


@dataclass(frozen=True)
class Numbers:
    """Numbers on any scale."""

    task: TaskName = "regression"
    metrics: Sequence[str] = tuple(NUMBER_METRICS)
    stored: type[np.generic] = np.float32
    axes: int = 1
    indicators: int = 1

    def counted(self, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Return the sums that scores are made of."""
        return terms(truth, predicted).sum(axis=-1)

    def wrong(self, predicted: np.ndarray) -> str:
        """Return what predictions are not."""
        return "" if np.isfinite(predicted).all() else "finite numbers"

    def by_speaker(
        self, truth: np.ndarray, predicted: np.ndarray, speaker: np.ndarray, n_speakers: int
    ) -> np.ndarray:
        """Return the sums of each speaker, around the mean: sums of squares then lose no digits."""
        centre = truth.mean()
        each = terms(truth - centre, predicted - centre)
        order = np.argsort(speaker, kind="stable")
        there, starts = np.unique(speaker[order], return_index=True)
        sums = np.zeros((N_MOMENTS, len(predicted), n_speakers))
        sums[:, :, there] = np.add.reduceat(each[:, :, order], starts, axis=-1)
        return sums

    def scores(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Score sums."""
        return scores_of_numbers(counts)

    def permuted(
        self, truth: np.ndarray, truths: np.ndarray, predicted: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Score against permuted numbers by CCC and R2, all draws and permutations at once."""
        centre = truth.mean()
        # a permutation changes no sum but that of products, and that of errors, which is left out
        sums = terms(truth - centre, predicted - centre).sum(axis=-1)
        products = (predicted - centre) @ (truths - centre).T
        every = np.repeat(sums[..., None], len(truths), axis=-1)
        every[Moments._fields.index("products")] = products
        every[Moments._fields.index("errors")] = np.nan
        by_draw = self.scores(np.moveaxis(every, 0, -1))
        return {name: by_draw[name].mean(axis=0) for name in ("ccc", "r2")}


def target_of(manifest: pd.DataFrame, n_classes: int) -> Target:
    """Return what a study with this manifest predicts."""
    return Numbers() if NUMBER in manifest else Classes(n_classes)
