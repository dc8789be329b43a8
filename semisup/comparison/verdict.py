"""One plain sentence for every classifier and pair, built from the numbers of the comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from semisup.comparison.bootstrap import Curve
from semisup.comparison.crossover import Place
from semisup.comparison.interval import Interval
from semisup.comparison.summary import MEAN

#: More stretches than this are counted, not listed: a sentence must stay one.
MOST_STRETCHES = 3


@dataclass(frozen=True)
class Findings:
    """What the sentence of one pair and classifier is made from.

    Parameters
    ----------
    classifier, a, b : str
        Names as in the study file.
    difference : Curve
        Of a - b.
    interval : Interval
        Of the difference.
    crossover, saved : Place
    guessing : sequence of str
        Which of a and b are not above chance at any budget.
    """

    classifier: str
    a: str
    b: str
    difference: Curve
    interval: Interval
    crossover: Place
    saved: Place
    guessing: Sequence[str]


def verdict(findings: Findings, budgets: np.ndarray, level: float = 0.95) -> str:
    """Say in one sentence which representation is ahead, and where."""
    who = "mean of the classifiers" if findings.classifier == MEAN else findings.classifier
    clauses = [
        _ahead(findings, budgets, level),
        *_crossing(findings),
        *_saved(findings),
        *_guessing(findings),
    ]
    return f"{who}: {'; '.join(clauses)}."


def _ahead(findings: Findings, budgets: np.ndarray, level: float) -> str:
    a, b, bounds = findings.a, findings.b, findings.interval
    how = f"({100 * level:g} %, simultaneous)"
    if np.isnan(bounds.low_simultaneous).any():
        return f"one draw and one test speaker cannot tell {a} from {b}"
    if not findings.difference.estimate.any() and not findings.difference.resampled.any():
        return f"{a} and {b} score the same at every budget: there is no difference to resolve"
    first, second = bounds.low_simultaneous > 0, bounds.high_simultaneous < 0
    if first.any() and second.any():
        return (
            f"{a} is ahead of {b} {stretches(first, budgets)}, "
            f"{b} of {a} {stretches(second, budgets)} {how}"
        )
    if second.any():
        return (
            f"{a} is ahead of {b} at no budget; "
            f"{b} is ahead of {a} {stretches(second, budgets)} {how}"
        )
    if first.any():
        return f"{a} is ahead of {b} {stretches(first, budgets)} {how}"
    return f"{a} is ahead of {b} at no budget, nor {b} of {a} {how}"


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


def _saved(findings: Findings) -> list[str]:
    # Labels that a saves are worth a word only where it is ahead anywhere.
    place, ahead = findings.saved, (findings.interval.low_simultaneous > 0).any()
    if place.outcome != "reached" or not ahead:
        return []
    return [
        f"{findings.a} needs {_percent(place)} of the labels for what {findings.b} reaches with all"
    ]


def _percent(place: Place) -> str:
    return f"{place.value:.3g} % [{place.low:.3g}, {place.high:.3g}]"


def _guessing(findings: Findings) -> list[str]:
    if not findings.guessing:
        return []
    if len(findings.guessing) == 2:
        return ["neither is above chance at any budget"]
    return [f"{findings.guessing[0]} is not above chance at any budget"]
