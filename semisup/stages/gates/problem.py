"""What a gate says: a sentence and how bad it is; and what gates know of a study."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import pandas as pd

from semisup.features.contract import Representation
from semisup.study.study import Study

Severity = Literal["note", "skipped", "warning", "left out", "fatal"]


class Problem(NamedTuple):
    """One line of the list; only what is fatal prevents the study from running.

    Examples
    --------
    >>> print(Problem("warning", "all speakers are called 'a'"))
    warning: all speakers are called 'a'
    """

    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.text}"


def fatal(*texts: str) -> list[Problem]:
    """Return sentences as problems that prevent the study from running."""
    return [Problem("fatal", text) for text in texts]


def warning(*texts: str) -> list[Problem]:
    """Return sentences as problems that a reader must know."""
    return [Problem("warning", text) for text in texts]


@dataclass(frozen=True)
class Outlook:
    """What is known of a study before it runs.

    Parameters
    ----------
    study : Study
    kinds : dict of str to Representation
        What the curve compares and what that is made of, parents first.
    manifest : DataFrame
        The usable recordings.
    split : Series of str
        Subset by recording, as it was tried.
    """

    study: Study
    kinds: dict[str, Representation]
    manifest: pd.DataFrame
    split: pd.Series

    def of_subset(self, subset: str) -> pd.DataFrame:
        """Return the rows of the manifest of one subset."""
        return self.manifest[self.manifest["recording"].map(self.split) == subset]

    @property
    def recordings(self) -> pd.DataFrame:
        """The rows of the manifest of all subsets."""
        return self.manifest[self.manifest["recording"].isin(self.split.index)]

    @property
    def compared(self) -> dict[str, Representation]:
        """The representations that the curve compares."""
        names = self.study.spec.compared()
        return {name: self.kinds[name] for name in names if name in self.kinds}
