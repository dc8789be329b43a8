"""How one representation stands against another: the words of the comparison in, sentences out.

In: `comparison.csv`, which says of every classifier and label budget who is ahead. Out: Yes, No, In
part or Not resolved to "is the first worth more?", and where, in the names that figures have.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from semisup.comparison import MEAN
from semisup.comparison.told import AHEAD, BEHIND, GUESSING, OPEN
from semisup.features.speakers import USES_OTHERS
from semisup.report._budgets import elsewhere, where
from semisup.report._words import in_sentence, is_plural, labels_used, listed, short

YES, NO, IN_PART, NOT_RESOLVED = "Yes", "No", "In part", "Not resolved"
#: Classifiers that a sentence names; of more it gives the number.
MOST_NAMED = 3
_OTHER = {AHEAD: BEHIND, BEHIND: AHEAD}
_KEYS = ["representation_a", "representation_b"]


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
        singly = {side for side in (AHEAD, BEHIND) if self._with(side)}
        if len(sides | singly) == 2:
            return IN_PART
        if sides:
            return YES if sides == {AHEAD} else NO
        return IN_PART if singly == {AHEAD} else NOT_RESOLVED

    def sentence(self, transductive: list[str]) -> str:
        """Say who is ahead, where, and with which classifiers.

        Parameters
        ----------
        transductive : list of str
            Representations that use a speaker's other test recordings.
        """
        text = "; ".join(filter(None, [*self._clauses(), self._uses_more(transductive)]))
        return f"{text[0].upper()}{text[1:]}."

    def _clauses(self) -> list[str]:
        a, b = in_sentence(self.first), in_sentence(self.second)
        if not self.has_bands:
            return [
                f"one order of the labelled recordings can't tell {a} from {b}: another may turn "
                "the difference round"
            ]
        by_main = [self._ahead(side) for side in (AHEAD, BEHIND) if (self.main == side).any()]
        alone = [self._alone(side) for side in (AHEAD, BEHIND) if self._alone(side)]
        if by_main:
            return [*by_main, *alone, self._rest()]
        if alone:
            return [*alone, f"on the whole the data do not tell {a} from {b}{self._guessing()}"]
        with_any = "" if len(self.classifiers) == 1 else " with any classifier"
        begin = "at no label budget do the data" if len(self.budgets) > 1 else "the data do not"
        return [f"{begin} tell {a} from {b}{with_any}: {self._last_band()}{self._guessing()}"]

    def _uses_more(self, transductive: list[str]) -> str:
        """Say that one of the two uses more than the other; empty where they are alike."""
        first, second = self.first, self.second
        if (first in transductive) == (second in transductive):
            return ""
        user, other = (first, second) if first in transductive else (second, first)
        uses = USES_OTHERS.replace("uses", "use", 1) if is_plural(user) else USES_OTHERS
        does = "do" if is_plural(other) else "does"
        return f"{in_sentence(user)} {uses}, and {in_sentence(other)} {does} not"

    def _ahead(self, side: str) -> str:
        """Say where one side is ahead by the main words, and by which classifiers."""
        mask = self.main == side
        return f"{where(mask, self.budgets)}, {self._leads(side)} {self._how(side, mask)}"

    def _leads(self, side: str) -> str:
        first, second = self.first, self.second
        leader, other = (first, second) if side == AHEAD else (second, first)
        verb = "are" if is_plural(leader) else "is"
        return f"{in_sentence(leader)} {verb} ahead of {in_sentence(other)}"

    def _how(self, side: str, mask: np.ndarray) -> str:
        names, n = self.classifiers, len(self.classifiers)
        if n == 1:
            return f"with {in_sentence(names[0])}"
        if all((self.told[name][mask] == side).all() for name in names):
            return "with every classifier"
        alone = [name for name in names if (self.told[name][mask] == side).any()]
        if MEAN not in self.told:
            return f"with {_some(alone, n)}"
        return f"on the mean of the classifiers ({self._by_themselves(side, mask, alone)})"

    def _by_themselves(self, side: str, mask: np.ndarray, alone: list[str]) -> str:
        if not alone:
            return "with none by itself"
        throughout = all((self.told[name][mask] == side).all() for name in alone)
        each = "each of them" if len(alone) == len(self.classifiers) else _listed(alone)
        return f"{'' if throughout else 'at some of these budgets '}also with {each} alone"

    def _with(self, side: str) -> list[str]:
        """Return the classifiers with which a side is ahead anywhere."""
        return [name for name in self.classifiers if (self.told[name] == side).any()]

    def _alone(self, side: str) -> str:
        """Say with which classifiers a side is ahead that is so nowhere by the main words."""
        names = self._with(side)
        if not names or (self.main == side).any():
            return ""
        mask = np.any([self.told[name] == side for name in names], axis=0)
        some = _some(names, len(self.classifiers))
        return f"{where(mask, self.budgets)}, {self._leads(side)} with {some}"

    def _rest(self) -> str:
        """Say what holds of the budgets where neither is ahead by the main words."""
        rest = ~np.isin(self.main, (AHEAD, BEHIND))
        both = {AHEAD, BEHIND} <= set(self.main)
        place = "elsewhere" if both else elsewhere(~rest)
        return f"{place} the data do not tell{self._guessing()}" if rest.any() else ""

    def _guessing(self) -> str:
        if not (self.main == GUESSING).any():
            return ""
        at = where(self.main == GUESSING, self.budgets)
        return f", and {at} the higher one is not resolved from chance"

    def _last_band(self) -> str:
        """Give the difference at the last budget with its band."""
        name = MEAN if MEAN in self.told else self.classifiers[0]
        value, low, high = self.bands.loc[name].iloc[-1]
        used = labels_used(self.budgets[-1])
        return f"with {used} they differ by {short(value)} [{short(low)}, {short(high)}]"


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


def _some(names: list[str], n: int) -> str:
    """Name some of n classifiers."""
    text = f"{len(names)} of {n} classifiers"
    return f"{text} ({_listed(names)})" if len(names) <= MOST_NAMED else text


def _listed(names: list[str]) -> str:
    return listed(map(in_sentence, names)) if len(names) <= MOST_NAMED else f"{len(names)} of them"
