"""What a system says of files: class probabilities of their windows, and a verdict on each."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.prediction.about import About

#: Columns of a table of windows before those of the classes.
PLACES = ("file", "window", "start", "end")


@dataclass(frozen=True)
class Predictions:
    """What a system says of some files.

    Parameters
    ----------
    study, system : str
        Of which study, and ``classifier@representation``.
    classes : list of str
    votes : bool
        Whether windows have a vote, 0 or 1, as the classifier gives no probabilities.
    windows : DataFrame
        file, window (from 0), start, end (seconds), then a probability a class.
    failed : dict of str to str
        Why some files are not there.
    decisions : ndarray of shape (n_windows, n_classes), optional
        By which the class of a file is chosen in place of the votes, as in the study's cells.
    about : About, optional
        What the system is, with its scores.
    """

    study: str
    system: str
    classes: list[str]
    votes: bool
    windows: pd.DataFrame
    failed: dict[str, str] = field(default_factory=dict)
    decisions: np.ndarray | None = None
    about: About | None = None

    def files(self) -> dict[str, pd.DataFrame]:
        """Return the windows of each file."""
        return {str(file): windows for file, windows in self.windows.groupby("file", sort=False)}

    def verdicts(self) -> dict[str, "Verdicts"]:
        """Return the verdicts on each file."""
        return {
            file: verdicts(
                windows.iloc[:, len(PLACES) :].to_numpy(),
                self.classes,
                None if self.decisions is None else self.decisions[windows.index],
            )
            for file, windows in self.files().items()
        }


class Verdicts(NamedTuple):
    """A file's class by the mean over its windows, and that of its most certain window."""

    mean: str
    mean_probability: float
    maximum: str
    maximum_probability: float


def verdicts(
    probabilities: np.ndarray, classes: list[str], decisions: np.ndarray | None = None
) -> Verdicts:
    """Judge a file by its windows.

    Parameters
    ----------
    probabilities : ndarray of shape (n_windows, n_classes)
        Or votes.
    classes : list of str
    decisions : ndarray of shape (n_windows, n_classes), optional
        What the classes are chosen by where `probabilities` are votes.

    Returns
    -------
    Verdicts
        Classes that are equally likely in their best windows are told apart by their means, and
        those with equal means by their order.

    Examples
    --------
    >>> verdicts(np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]]), ["jazz", "rock"])[::2]
    ('rock', 'rock')
    >>> verdicts(np.array([[1, 0], [1, 0], [0, 1]]), ["jazz", "rock"])[::2]
    ('jazz', 'jazz')
    """
    chosen_by = probabilities if decisions is None else decisions
    mean, best = _mean_and_best(chosen_by)
    by_mean = int(mean.argmax())
    by_best = int(np.lexsort((-np.arange(len(classes)), mean, best))[-1])
    mean, best = _mean_and_best(probabilities)
    return Verdicts(classes[by_mean], float(mean[by_mean]), classes[by_best], float(best[by_best]))


def _mean_and_best(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # rounding as in the cells makes ties ties
    return values.mean(axis=0).round(12), values.max(axis=0).round(12)
