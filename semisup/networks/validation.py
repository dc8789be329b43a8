"""Which rows watch over a training: whole recordings of each class, where there are several."""

from typing import Any

import numpy as np

from semisup.networks.held_out import held_back


def training_and_validation(
    classes: np.ndarray, groups: Any, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Divide rows into those to learn from and those to watch the loss on.

    Parameters
    ----------
    classes : ndarray of shape (n,), int
    groups : array-like of shape (n,), optional
        What each row is of, a recording for example; every row by itself if left out.
    share : float
        Of each class's groups that are held back: at least one, and never all.
    seed : int
        Of the choice.

    Returns
    -------
    training, validation : ndarray of int
        Positions, ascending. Where nothing can be held back they are the same rows; so they are
        where groups of several classes would leave a class without training rows.

    Examples
    --------
    >>> training_and_validation(np.array([0, 0, 0, 1]), ["a", "b", "b", "c"], 0.25, seed=0)
    (array([1, 2, 3]), array([0]))
    """
    everything = np.arange(len(classes))
    owner = everything if groups is None else np.unique(groups, return_inverse=True)[1]
    watched = held_back(classes, owner, share, seed)
    missing = set(classes) - set(classes[~watched])
    if missing or not watched.any():
        return everything, everything
    return np.flatnonzero(~watched), np.flatnonzero(watched)


def class_weights(classes: np.ndarray, n_classes: int, balanced: bool) -> np.ndarray:
    """Return the weight of each class: inverse to its share of the rows, 1 on average over them.

    Examples
    --------
    >>> class_weights(np.array([0, 0, 0, 1]), 2, balanced=True)
    array([0.66666667, 2.        ])
    """
    if not balanced:
        return np.ones(n_classes)
    counts = np.bincount(classes, minlength=n_classes)
    return len(classes) / (n_classes * counts)
