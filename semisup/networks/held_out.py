"""Rows held out for validation: those of whole speakers, or of whole recordings."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from semisup.errors import SplitError


def validation_speakers(speakers: pd.Series, share: float = 0.3, seed: int = 0) -> np.ndarray:
    """Choose whole speakers whose recordings serve for validation.

    Parameters
    ----------
    speakers : Series of str
        Speaker by recording; a recording with an unknown speaker ("") is a group of its own.
    share : float
        Of the recordings, met as nearly as a random order of the speakers allows; at least one
        speaker is left on each side.
    seed : int
        Of that order.

    Returns
    -------
    ndarray of shape (n,), bool
        True for the recordings of the validation speakers.

    Raises
    ------
    SplitError
        If there is one speaker only, or none.

    Examples
    --------
    >>> validation_speakers(pd.Series(["ann", "ann", "bob"], index=["a.wav", "b.wav", "c.wav"]))
    array([False, False,  True])
    """
    if problem := too_few_speakers(speakers):
        raise SplitError(problem)
    groups = _groups(speakers)
    # sorted by name: the choice must not hang on the order of the recordings
    sizes = groups.value_counts().sort_index()
    order = np.random.default_rng(seed).permutation(len(sizes))
    taken = _fill(sizes.to_numpy()[order], share * len(groups))
    return groups.isin(sizes.index[order[taken]]).to_numpy()


def too_few_speakers(speakers: pd.Series) -> str:
    """Say why no speaker of these recordings can be held out, "" if one can."""
    count = _groups(speakers).nunique()
    if count >= 2:
        return ""
    return (
        "Validation needs unlabelled recordings of at least 2 speakers, one of them to train "
        f"on; there are {len(speakers)} recordings of {count}"
    )


def _groups(speakers: pd.Series) -> pd.Series:
    names = speakers.astype(str)
    # no name begins with NUL: a recording's group is never taken for a speaker's
    alone = pd.Series("\0" + speakers.index.astype(str), index=speakers.index)
    return names.where(names != "", alone)


def _fill(sizes: np.ndarray, wanted: float) -> np.ndarray:
    """Take each group that brings the sum nearer to `wanted`: at least one and not all."""
    taken = np.zeros(len(sizes), dtype=bool)
    total = 0
    for number, size in enumerate(sizes):
        if abs(total + size - wanted) < abs(total - wanted):
            taken[number] = True
            total += size
    if not taken.any() or taken.all():
        # the smallest group moves the sum least
        smallest = np.argmin(sizes)
        taken[smallest] = not taken[smallest]
    return taken


def held_out(classes: np.ndarray, owner: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Choose whole recordings of each class that serve for validation.

    Parameters
    ----------
    classes, owner : ndarray of shape (n,), int
        Class and recording of each row.
    share : float
        Of each class's recordings, at least one, and never all: an only recording trains. With 0
        none is held out.
    seed : int
        Of the choice.

    Returns
    -------
    ndarray of shape (n,), bool
        True for the rows of validation recordings.

    Examples
    --------
    >>> classes, owner = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 2])
    >>> held_out(classes, owner, 0.25, seed=0)
    array([ True, False, False, False])
    """
    rng = np.random.default_rng([seed, len(classes)])
    chosen: list[int] = []
    for number in np.unique(classes):
        recordings = rng.permutation(np.unique(owner[classes == number]))
        least = 1 if share else 0
        count = min(len(recordings) - 1, max(least, round(share * len(recordings))))
        chosen.extend(recordings[:count])
    return np.isin(owner, chosen)


def training_and_validation(
    classes: np.ndarray, groups: ArrayLike | None, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide rows into those to learn from and those to watch the loss on.

    Parameters
    ----------
    classes : ndarray of shape (n,), int
    groups : array-like of shape (n,), optional
        What each row is of, a recording for example; every row by itself if left out.
    share : float
        Of each class's groups that are held out: at least one, and never all.
    seed : int
        Of the choice.

    Returns
    -------
    training, validation : ndarray of int
        Positions, ascending. Where nothing can be held out they are the same rows; so they are
        where groups of several classes would leave a class without training rows.

    Examples
    --------
    >>> training_and_validation(np.array([0, 0, 0, 1]), ["a", "b", "b", "c"], 0.25, seed=0)
    (array([1, 2, 3]), array([0]))
    """
    everything = np.arange(len(classes))
    owner = everything if groups is None else np.unique(groups, return_inverse=True)[1]
    watched = held_out(classes, owner, share, seed)
    # a group of several classes is held out for one of them and may be another's only one
    missing = set(classes) - set(classes[~watched])
    if missing or not watched.any():
        return everything, everything
    return np.flatnonzero(~watched), np.flatnonzero(watched)
