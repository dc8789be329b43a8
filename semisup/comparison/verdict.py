"""One plain sentence for every classifier and pair, built from the numbers of the comparison."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from semisup.comparison.bootstrap import Curve
from semisup.comparison.crossover import Place
from semisup.comparison.summary import MEAN
from semisup.comparison.told import AHEAD, BEHIND, GUESSING, OPEN
from semisup.features.speakers import unlike

#: More stretches than this are counted, not listed: a sentence must stay one.
MOST_STRETCHES = 3
#: Of a score against chance: the band is above it; it may be; the score itself is no higher.
ABOVE, NOT_ABOVE = "above", "not above"


class AgainstChance(NamedTuple):
    """A representation against chance: at which budgets it is above, and the word for them all."""

    name: str
    above: np.ndarray
    outcome: str


@dataclass(frozen=True)
class Findings:
    """What the sentence of one pair and classifier is made from.

    Parameters
    ----------
    classifier : str
        Name as in the study file.
    first, second : AgainstChance
        The representations a and b.
    difference : Curve
        Of a - b.
    told : ndarray of shape (n,), str
        Who is ahead at every budget, as `semisup.comparison.told.told` says.
    crossover, saved : Place
    transductive : collection of str
        Representations that use a speaker's other test recordings.
    """

    classifier: str
    first: AgainstChance
    second: AgainstChance
    difference: Curve
    told: np.ndarray
    crossover: Place
    saved: Place
    transductive: Collection[str] = ()

    @property
    def a(self) -> str:
        """Name of the first representation."""
        return self.first.name

    @property
    def b(self) -> str:
        """Name of the second."""
        return self.second.name


def verdict(findings: Findings, budgets: np.ndarray, level: float = 0.95) -> str:
    """Say in one sentence which representation is ahead, and where."""
    who = "mean of the classifiers" if findings.classifier == MEAN else findings.classifier
    clauses = [
        _ahead(findings, budgets, level),
        *_crossing(findings),
        *_saved(findings, budgets),
        *_guessing(findings),
        unlike(findings.a, findings.b, findings.transductive),
    ]
    return f"{who}: {'; '.join(filter(None, clauses))}."


def _ahead(findings: Findings, budgets: np.ndarray, level: float) -> str:
    a, b = findings.a, findings.b
    if findings.difference.is_one_order:
        return (
            f"one order of the labelled recordings cannot tell {a} from {b}: another may turn "
            "their difference round"
        )
    if not findings.difference.estimate.any() and not findings.difference.resampled.any():
        return f"{a} and {b} score the same at every budget: there is no difference to resolve"
    how = f"({100 * level:g} %, simultaneous)"
    first, second = findings.told == AHEAD, findings.told == BEHIND
    guessing = findings.told == GUESSING
    clauses = []
    if first.any():
        clauses.append(f"{a} is ahead of {b} {stretches(first, budgets)}")
    if second.any():
        begin = f"{b} of {a}" if clauses else f"{b} is ahead of {a}"
        clauses.append(f"{begin} {stretches(second, budgets)}")
    if guessing.any():
        # who is ahead of the other and not of chance has won nothing
        clauses.append(f"{stretches(guessing, budgets)} the higher one is not resolved from chance")
    if clauses:
        return f"{', '.join(clauses)} {how}"
    return f"no difference between {a} and {b} is resolved at any budget {how}"


def stretches(where: np.ndarray, budgets: np.ndarray) -> str:
    """Name the budgets of a mask.

    Examples
    --------
    >>> stretches(np.array([False, True, True, False, True]), np.array([2, 4, 6, 8, 10]))
    'from 4 to 6 % and at 10 % of the labels'
    >>> stretches(np.array([True, True]), np.array([50, 100]))
    'at every budget'
    >>> stretches(np.array([True, False] * 4), np.arange(2, 18, 2))
    'at 4 of 8 budgets between 2 and 14 % of the labels'
    """
    if where.all():
        return "at every budget"
    # where the mask changes: by turns the first budget of a stretch and the one after its last
    edges = np.flatnonzero(np.diff(np.concatenate([[0], where.astype(int), [0]])))
    pairs = edges.reshape(-1, 2) - [0, 1]
    if len(pairs) > MOST_STRETCHES:
        chosen = budgets[where]
        between = f"between {chosen[0]:g} and {chosen[-1]:g} % of the labels"
        return f"at {where.sum()} of {len(budgets)} budgets {between}"
    names = [
        f"at {budgets[i]:g}" if i == j else f"from {budgets[i]:g} to {budgets[j]:g}"
        for i, j in pairs
    ]
    joined = " %, ".join(names[:-1]) + " % and " * (len(names) > 1) + names[-1]
    return f"{joined} % of the labels"


def _crossing(findings: Findings) -> list[str]:
    place = findings.crossover
    if place.outcome != "crossing":
        return []
    return [f"the curves cross at {_percent(place)} of the labels"]


def _saved(findings: Findings, budgets: np.ndarray) -> list[str]:
    # Labels that a saves are worth a word only where it is ahead anywhere.
    place, ahead = findings.saved, (findings.told == AHEAD).any()
    if place.outcome != "reached" or not ahead:
        return []
    most = "at most " if place.value <= budgets[0] else ""
    return [
        f"{findings.a} needs {most}{_percent(place)} of the labels for what {findings.b} reaches "
        "with all"
    ]


def _percent(place: Place) -> str:
    return f"{place.value:.3g} % [{place.low:.3g}, {place.high:.3g}]"


def _guessing(findings: Findings) -> list[str]:
    sides = (findings.first, findings.second)
    words = {NOT_ABOVE: "above chance", OPEN: "resolved from chance"}
    found = {word: [side.name for side in sides if side.outcome == word] for word in words}
    return [
        f"neither is {words[word]} at any budget"
        if len(names) == 2
        else f"{names[0]} is not {words[word]} at any budget"
        for word, names in found.items()
        if names
    ]
