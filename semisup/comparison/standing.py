"""How one representation stands against another, by classifier and label budget.

In: `comparison.csv`. Out: who is ahead where and by how much, whichever of the two is the first
there, and one word: whether the first is worth more. Figures, report and terminal read it here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from semisup.comparison.summary import MEAN
from semisup.comparison.told import AHEAD, BEHIND, GUESSING, OPEN

YES, NO, IN_PART, NOT_RESOLVED = "Yes", "No", "In part", "Not resolved"
_OTHER = {AHEAD: BEHIND, BEHIND: AHEAD}
_KEYS = ["representation_a", "representation_b"]
_BAND = ["value", "low_simultaneous", "high_simultaneous"]


@dataclass(frozen=True)
class Standing:
    """A representation against another, by classifier and label budget.

    Parameters
    ----------
    first, second : str
    budgets : ndarray of shape (n,)
    told : dict of str to ndarray of shape (n,)
        Who is ahead by classifier, "mean" among them where all are run on both: `AHEAD` is the
        first.
    bands : DataFrame
        value, low and high of the first less the second, by classifier and budget; the band holds
        at all budgets at once.
    """

    first: str
    second: str
    budgets: np.ndarray
    told: dict[str, np.ndarray]
    bands: pd.DataFrame

    @property
    def classifiers(self) -> list[str]:
        """Names of all classifiers, without their mean."""
        return [name for name in self.told if name != MEAN]

    @property
    def has_bands(self) -> bool:
        """Whether anything could be told: not of one order of the labelled recordings."""
        return bool(self.bands["low"].notna().any())

    @cached_property
    def main(self) -> np.ndarray:
        """Who is ahead at every budget: of the mean, or of more than half of the classifiers."""
        if MEAN in self.told:
            return self.told[MEAN]
        of_all = np.array([self.told[name] for name in self.classifiers])
        words = np.full(len(self.budgets), OPEN, dtype=object)
        for word in (AHEAD, BEHIND, GUESSING):
            words[2 * (of_all == word).sum(axis=0) > len(of_all)] = word
        return words

    @property
    def support(self) -> tuple[int, float]:
        """A number that is the larger the more speaks for the first."""
        resolved = [self.main, *(self.told[name] for name in self.classifiers)]
        net = sum(int((told == AHEAD).sum() - (told == BEHIND).sum()) for told in resolved)
        return net, float(self.bands["value"].mean())

    @cached_property
    def word(self) -> str:
        """The answer to whether the first is worth more."""
        sides = {side for side in (AHEAD, BEHIND) if (self.main == side).any()}
        singly = {side for side in (AHEAD, BEHIND) if self.classifiers_of(side)}
        if len(sides | singly) == 2:
            return IN_PART
        if sides:
            return YES if sides == {AHEAD} else NO
        return IN_PART if singly == {AHEAD} else NOT_RESOLVED

    def classifiers_of(self, side: str) -> list[str]:
        """Return the classifiers with which a side is ahead anywhere."""
        return [name for name in self.classifiers if (self.told[name] == side).any()]


def standing(comparison: pd.DataFrame, first: str, second: str, metric: str) -> Standing | None:
    """Read how the first stands against the second; None where they are not compared.

    Which of the two is the first in the table does not matter.
    """
    rows = comparison[comparison["statistic"] == "difference"]
    rows = rows[rows["metric"] == metric]
    pair = rows[_KEYS].apply(tuple, axis=1) if len(rows) else pd.Series(dtype=object)
    turned = not (pair == (first, second)).any()
    rows = rows[pair == ((second, first) if turned else (first, second))]
    if rows.empty:
        return None
    rows = rows.sort_values("percentage", kind="stable")
    columns = ["value", "low_simultaneous", "high_simultaneous"]
    bands = rows.set_index(["classifier", "percentage"])[columns]
    if turned:
        bands = -bands[[columns[0], columns[2], columns[1]]]
    told = {
        str(name): np.array([_word(word, turned) for word in of_classifier["outcome"]], object)
        for name, of_classifier in rows.groupby("classifier", sort=False)
    }
    budgets = np.sort(rows["percentage"].unique())
    return Standing(first, second, budgets, told, bands.set_axis(["value", "low", "high"], axis=1))


def _word(word: str, turned: bool) -> str:
    return _OTHER.get(word, word) if turned else word
