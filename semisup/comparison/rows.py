"""The rows of `comparison.csv`: one number with its interval in each.

In: the curves of one classifier and metric. Out: rows, as the columns below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from semisup.comparison.area import area_weights
from semisup.comparison.bayes import second_opinion
from semisup.comparison.bootstrap import Curve
from semisup.comparison.crossover import Place, crossover, labels_saved
from semisup.comparison.interval import interval
from semisup.comparison.verdict import Findings, verdict
from semisup.study.spec import CompareSpec

COMPARISON_COLUMNS = (
    *("statistic", "classifier", "representation_a", "representation_b", "metric", "percentage"),
    *("value", "low", "high", "low_simultaneous", "high_simultaneous", "p_value", "p_holm"),
    *("outcome", "sentence"),
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Contest:
    """All representations with one classifier, by one metric.

    Parameters
    ----------
    classifier, metric : str
    curves : mapping of str to Curve
        By representation, in the study's order.
    permuted : mapping of str to ndarray of shape (permutations, n_budgets)
        Scores against permuted labels, by representation.
    budgets : ndarray of shape (n_budgets,)
    chance : float
        The level of a guesser.
    """

    classifier: str
    metric: str
    curves: Mapping[str, Curve]
    permuted: Mapping[str, np.ndarray]
    budgets: np.ndarray
    chance: float


def contest_rows(contest: Contest, spec: CompareSpec) -> Iterator[Row]:
    """Yield the rows of every representation against chance, then of every pair."""
    guessing = set()
    for name in contest.curves:
        rows = _chance_rows(contest, name, spec)
        guessing |= {name} if rows[-1]["outcome"] == "not above" else set()
        yield from rows
        yield from _permutation_rows(contest, name, spec.level)
    for a, b in pairs(list(contest.curves), spec):
        yield from _pair_rows(contest, a, b, guessing, spec)


def pairs(names: list[str], spec: CompareSpec) -> list[tuple[str, str]]:
    """Return the pairs to compare: those of the study file, or all, later ones against earlier."""
    if spec.pairs is not None:
        return [(a, b) for a, b in spec.pairs if a in names and b in names]
    return [(a, b) for place, a in enumerate(names) for b in names[:place]]


def _chance_rows(contest: Contest, name: str, spec: CompareSpec) -> list[Row]:
    above = contest.curves[name].shifted(-contest.chance)
    rows = list(_curve_rows(contest, "chance", above, spec, name, "chance"))
    for row in rows:
        row["outcome"] = "above" if row["low_simultaneous"] > 0 else "not above"
    outcome = "above" if any(row["outcome"] == "above" for row in rows) else "not above"
    return [*rows, _row(contest, "chance", name, "chance", outcome=outcome)]


def _permutation_rows(contest: Contest, name: str, level: float) -> Iterator[Row]:
    """Yield what the system scores against labels that mean nothing.

    The p value counts how often that is at least the score (Phipson and Smyth 2010: plus one).
    """
    scores, reached = contest.permuted[name], contest.curves[name].estimate
    tails = [(1 - level) / 2, (1 + level) / 2]
    for number, percentage in enumerate(contest.budgets):
        low, high = np.quantile(scores[:, number], tails)
        beyond = int((scores[:, number] >= reached[number] - 1e-12).sum())
        yield _row(
            contest, "permutation", name, "permuted labels", percentage=percentage,
            value=scores[:, number].mean(), low=low, high=high,
            p_value=(1 + beyond) / (1 + len(scores)),
        )  # fmt: skip


def _pair_rows(
    contest: Contest, a: str, b: str, guessing: set[str], spec: CompareSpec
) -> Iterator[Row]:
    budgets, level = contest.budgets, spec.level
    difference = contest.curves[a] - contest.curves[b]
    yield from _curve_rows(contest, "difference", difference, spec, a, b)
    for statistic, log in (("area_linear", False), ("area_log", True)):
        area = difference.mapped(area_weights(budgets, log)[None])
        yield from _curve_rows(contest, statistic, area, spec, a, b)
    crossing = crossover(difference, budgets, level)
    saved = labels_saved(contest.curves[a], contest.curves[b], budgets, level)
    yield _place_row(contest, "crossover", a, b, crossing)
    yield _place_row(contest, "labels_saved", a, b, saved)
    opinion = second_opinion(difference, spec.rope)
    yield _row(contest, "bayes", a, b, percentage=budgets[-1], value=opinion.a, low=opinion.same,
               high=opinion.b)  # fmt: skip
    found = Findings(
        contest.classifier, a, b, difference, interval(difference, level, spec.interval),
        crossing, saved, [name for name in (a, b) if name in guessing],
    )  # fmt: skip
    yield _row(contest, "verdict", a, b, sentence=verdict(found, budgets, level))


def _curve_rows(
    contest: Contest, statistic: str, curve: Curve, spec: CompareSpec, a: str, b: str
) -> Iterator[Row]:
    """Yield a row a value of the curve; an area is one value, of no budget, and has no band."""
    bounds = interval(curve, spec.level, spec.interval)
    by_budget = not statistic.startswith("area")
    for number, value in enumerate(curve.estimate):
        numbers = {name: values[number] for name, values in bounds._asdict().items()}
        if not by_budget:
            numbers |= {"low_simultaneous": np.nan, "high_simultaneous": np.nan}
        percentage = contest.budgets[number] if by_budget else np.nan
        yield _row(contest, statistic, a, b, percentage=percentage, value=value, **numbers)


def _place_row(contest: Contest, statistic: str, a: str, b: str, place: Place) -> Row:
    return _row(contest, statistic, a, b, **place._asdict())


def _row(contest: Contest, statistic: str, a: str, b: str, **values: Any) -> Row:
    keys = {"statistic": statistic, "classifier": contest.classifier, "metric": contest.metric}
    return keys | {"representation_a": a, "representation_b": b} | values
