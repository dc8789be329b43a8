"""Folds of test speakers: who is tested together, and what the pools of the folds have in common.

In: `split.csv` and the test speakers. Out: `Folds`, with the covariances that a variance of pools,
or of draws, would give the scores of two speakers.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from semisup.comparison.predictions import Clusters

#: So many times the variance that speakers bring may the standard error of that of pools be, of
#: scores that vary as much within speakers as between them; they vary less. Found by simulation.
TELLING = 5.0


@dataclass(frozen=True)
class Folds:
    """Which speakers are tested together, and what the pools of the folds have in common.

    Parameters
    ----------
    of_speaker : ndarray of shape (n_repeats, n_speakers), int
        The fold that tests each speaker, counted over all repeats.
    overlap : ndarray of shape (n_folds, n_folds)
        Share of the speakers that the pools of two folds have in common; 1 on the diagonal.
    """

    of_speaker: np.ndarray
    overlap: np.ndarray

    @property
    def n_repeats(self) -> int:
        """How often every speaker is tested."""
        return len(self.of_speaker)

    @property
    def folds_a_repeat(self) -> int:
        """How many folds test every speaker once."""
        return len(self.overlap) // self.n_repeats

    @property
    def n_speakers(self) -> int:
        """How many speakers are tested."""
        return self.of_speaker.shape[1]

    @cached_property
    def together(self) -> np.ndarray:
        """Whether two scores are of one fold: (n_repeats, n_speakers) twice."""
        of_score = self.of_speaker.ravel()
        return self._of_scores(of_score[:, None] == of_score[None, :])

    @cached_property
    def common(self) -> np.ndarray:
        """What the pools of two scores have in common: (n_repeats, n_speakers) twice."""
        of_score = self.of_speaker.ravel()
        return self._of_scores(self.overlap[np.ix_(of_score, of_score)])

    @cached_property
    def tells_pools(self) -> bool:
        """Whether pools differ enough for the variance of pools to be told from the scores."""
        if self.n_repeats == 1:
            return False
        doubt = self.n_speakers * self.mean_overlap * np.sqrt(2 / max(self.power, 1e-9))
        return bool(doubt <= TELLING)

    @cached_property
    def mean_overlap(self) -> float:
        """What the pools of two speakers have in common."""
        return between_speakers(self.common)

    @cached_property
    def mean_together(self) -> float:
        """How often two speakers are of one fold, share of all pairs of repeats."""
        return between_speakers(self.together)

    @cached_property
    def signal(self) -> np.ndarray:
        """What is left of the common pools in scores less their speaker's mean: see `centred`."""
        return self.centred(self.common)

    @cached_property
    def power(self) -> float:
        """Sum of the squares of `signal`."""
        return float((self.signal**2).sum())

    @cached_property
    def of_one_draw(self) -> float:
        """How much of `signal` goes together with being of one fold, a sum over all pairs."""
        return float((self.signal * self.centred(self.together)).sum())

    @cached_property
    def mates(self) -> np.ndarray:
        """Whether two other speakers are of one fold: (n_repeats, n_speakers, n_speakers)."""
        repeats = np.arange(self.n_repeats)
        of_one_fold: np.ndarray = self.together[repeats, :, repeats, :] - np.eye(self.n_speakers)
        return of_one_fold

    @cached_property
    def again(self) -> float:
        """What the pools have in common by which a speaker is tested in two repeats."""
        speakers = np.arange(self.n_speakers)
        return float(self.common[:, speakers, :, speakers].mean())

    def centred(self, matrix: np.ndarray) -> np.ndarray:
        """Return what is left of a covariance in scores less their speaker's mean over repeats.

        Parameters
        ----------
        matrix : ndarray of shape (n_repeats, n_speakers, n_repeats, n_speakers)

        Returns
        -------
        ndarray of shape (n_repeats * n_speakers, n_repeats * n_speakers)
            0 within a speaker.
        """
        less = matrix - matrix.mean(axis=0, keepdims=True)
        left = less - less.mean(axis=2, keepdims=True)
        flat: np.ndarray = left.reshape(self.of_speaker.size, -1) * self.of_two_speakers
        return flat

    @cached_property
    def of_two_speakers(self) -> np.ndarray:
        """Whether two scores are of different speakers, by score and score."""
        speaker = np.tile(np.arange(self.n_speakers), self.n_repeats)
        differ: np.ndarray = speaker[:, None] != speaker[None, :]
        return differ

    def _of_scores(self, matrix: np.ndarray) -> np.ndarray:
        return matrix.astype(float).reshape(*self.of_speaker.shape, *self.of_speaker.shape)


def between_speakers(matrix: np.ndarray) -> float:
    """Return the mean over the pairs of different speakers, and over the repeats of both."""
    by_speakers = matrix.mean(axis=(0, 2))
    return float(by_speakers[~np.eye(len(by_speakers), dtype=bool)].mean())


def folds_of(splits: pd.DataFrame, manifest: pd.DataFrame, tested: Clusters, repeats: int) -> Folds:
    """Read who is tested together, and with which pools, from the splits of a study.

    Parameters
    ----------
    splits : DataFrame
        recording, subset, repeat: one split a fold, those of a repeat together.
    manifest : DataFrame
        With `recording` and `speaker`.
    tested : Clusters
        The test speakers.
    repeats : int
        How often every speaker is tested.
    """
    speaker = manifest.drop_duplicates("recording").set_index("recording")["speaker"]
    rows = splits.assign(speaker=splits["recording"].map(speaker))
    n_folds = int(splits["repeat"].max()) + 1
    test = rows[(rows["subset"] == "test") & rows["recording"].isin(tested.speaker.index)]
    cluster, fold = tested.speaker[test["recording"]].to_numpy(), test["repeat"].to_numpy()
    of_speaker = np.zeros((repeats, tested.n_speakers), int)
    of_speaker[fold // (n_folds // repeats), cluster] = fold
    subsets = ("labelled", "unlabelled")
    pools = [_pools(rows[rows["subset"] == name], n_folds) for name in subsets]
    # what is learned depends on both: alike is, whose nearer ones are
    overlap = np.max([_overlap(pool) for pool in pools if pool.size], axis=0)
    return Folds(of_speaker, overlap)


def _pools(rows: pd.DataFrame, n_folds: int) -> np.ndarray:
    """Return which speakers are in the pool of each fold, (n_folds, n_speakers)."""
    pools = pd.crosstab(rows["repeat"], rows["speaker"]).reindex(range(n_folds), fill_value=0)
    members: np.ndarray = (pools.to_numpy() > 0).astype(float)
    return members


def _overlap(pools: np.ndarray) -> np.ndarray:
    """Return the cosine of two pools, which is 1 for the same speakers and 0 for none."""
    size = np.sqrt(np.maximum(pools.sum(axis=1), 1))
    overlap: np.ndarray = (pools @ pools.T) / np.outer(size, size)
    return overlap
