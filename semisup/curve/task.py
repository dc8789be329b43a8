"""Tasks of a learning curve: all label budgets of one draw of one system."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from semisup.curve.sources import Source
from semisup.curve.target import Target
from semisup.engine.artefacts import fingerprint
from semisup.features.tables import Rows
from semisup.study.spec import Balance, ClassifierSpec


class System(NamedTuple):
    """A representation with a classifier."""

    representation: str
    classifier: str
    spec: ClassifierSpec  # what the classifier's name means
    drawn: str | None = None  # of one with a query: the same classifier without it

    @property
    def name(self) -> str:
        """As people write it: ``classifier@representation``."""
        return f"{self.classifier}@{self.representation}"


class Known(NamedTuple):
    """Which recording each row of a subset is of, and classes and speakers of the recordings.

    Where numbers are predicted, classes are the ranges by which label budgets are dealt.
    """

    owner: np.ndarray  # (n_rows,), number of the recording
    chunk: np.ndarray  # (n_rows,), -1 for a whole recording
    classes: np.ndarray  # (n_recordings,), class of each recording
    speakers: np.ndarray  # (n_recordings,), number of each recording's speaker
    numbers: np.ndarray | None = None  # (n_recordings,), what is predicted, unless it is classes

    @classmethod
    def of(
        cls,
        rows: Rows,
        classes: np.ndarray,
        speakers: np.ndarray,
        numbers: np.ndarray | None = None,
    ) -> "Known":
        """Take over what is known of the rows of a table."""
        return cls(rows.owner, rows.chunk, classes, speakers, numbers)

    @property
    def wanted(self) -> np.ndarray:
        """What is predicted of each recording: its class, or its number."""
        return self.classes if self.numbers is None else self.numbers

    def only(self, rows: np.ndarray) -> "Known":
        """Return what is known of some rows, a mask, and of the recordings that they are of."""
        recordings, owner = np.unique(self.owner[rows], return_inverse=True)
        of_rows = Known(owner, self.chunk[rows], self.classes, self.speakers)
        return of_rows._replace(
            classes=self.classes[recordings],
            speakers=self.speakers[recordings],
            numbers=None if self.numbers is None else self.numbers[recordings],
        )


class Rules(NamedTuple):
    """How all cells of a representation are fitted and scored."""

    scale: str
    unit: str
    seed: int
    n_classes: int  # of numbers: ranges by which label budgets are dealt
    target: Target
    balance: Balance = "none"
    keeps_weights: bool = False  # of all classes, for a fusion
    accelerate: bool = False  # by scikit-learn-intelex


class Task(NamedTuple):
    """Everything that one batch of cells depends on, and nothing else."""

    system: System
    draw: int
    order: np.ndarray  # labelled recordings, first drawn first
    budgets: list[float]  # in percent
    labelled: Known
    test: Known
    source: Source
    rules: Rules

    @property
    def truth(self) -> np.ndarray:
        """The true class, or number, of each scored unit."""
        wanted = self.test.wanted
        return wanted[self.test.owner] if self.rules.unit == "chunk" else wanted

    def keys(self, percentages: np.ndarray) -> dict[str, object]:
        """Return the columns that tell rows of its cells apart, of these budgets in percent."""
        return {
            "representation": self.system.representation,
            "classifier": self.system.classifier,
            "percentage": percentages,
            "draw": self.draw,
        }


def budget(order: np.ndarray, classes: np.ndarray, percentage: float) -> np.ndarray:
    """Return the recordings of a label budget, sorted.

    Parameters
    ----------
    order : ndarray of shape (n,), int
        Labelled recordings in the draw's order.
    classes : ndarray of shape (n,), int
        Class of each recording, by recording number.
    percentage : float
        In (0, 100].

    Returns
    -------
    ndarray of int
        Of each class with n recordings the first `size`.

    Examples
    --------
    >>> budget(np.array([3, 0, 1, 2]), np.array([0, 0, 1, 1]), 50)
    array([0, 3])
    """
    chosen = []
    for number in np.unique(classes):
        members = order[classes[order] == number]
        chosen.append(members[: size(percentage, len(members))])
    return np.sort(np.concatenate(chosen))


def size(percentage: float, n: int) -> int:
    """Return how many of a class's n recordings a label budget has.

    One at least: a cell without a class could not be fitted.

    Examples
    --------
    Never more than the percentage, and no fewer for the sake of binary fractions, in which 58 % of
    50 are 28.999999999999996:

    >>> size(58, 50), size(59, 50), size(1, 50)
    (29, 29, 1)
    """
    # the number that a study file writes, not the binary one beside it
    return max(1, int(Fraction(repr(float(percentage))) * n / 100))


def cell_seed(seed: int, representation: str, classifier: str, percentage: float, draw: int) -> int:
    """Return the random state of a cell, a number below 2**32 that depends on these five only."""
    name = fingerprint("cell", seed, representation, classifier, float(percentage), draw)
    return int(name[:8], 16)
