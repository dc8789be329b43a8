"""The rows of `comparison.csv`: one number with its interval in each.

In: the curves of one classifier and metric. Out: rows, as the columns below.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np

from semisup.comparison.area import area_weights
from semisup.comparison.bayes import second_opinion
from semisup.comparison.bootstrap import Curve
from semisup.comparison.contest import Contest
from semisup.comparison.crossover import Place, crossover, labels_saved
from semisup.comparison.interval import Interval, interval, interval_of_difference
from semisup.comparison.monotone import FEWER_LABELS, MONOTONE, largest_loss, sentence
from semisup.comparison.multiple import PERMUTATION
from semisup.comparison.told import OPEN, at_chance, told
from semisup.comparison.verdict import (
    ABOVE,
    NOT_ABOVE,
    AgainstChance,
    Findings,
    verdict,
)
from semisup.metrics import METRICS
from semisup.study.controls import controls_of, without_controls
from semisup.study.spec import CompareSpec


class Row(NamedTuple):
    """A row of `comparison.csv`; what a statistic does not have stays empty."""

    statistic: str
    classifier: str
    representation_a: str
    representation_b: str
    metric: str
    percentage: float = np.nan
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    low_simultaneous: float = np.nan
    high_simultaneous: float = np.nan
    p_value: float = np.nan
    p_holm: float = np.nan
    outcome: str | None = None
    sentence: str | None = None


COMPARISON_COLUMNS = Row._fields


def contest_rows(
    contest: Contest, spec: CompareSpec, transductive: Collection[str] = ()
) -> Iterator[Row]:
    """Yield the rows of every representation against chance, then of every pair.

    Verdicts say which of a pair is among `transductive` and so uses more than the other.
    """
    against_chance: dict[str, AgainstChance] = {}
    for name in contest.curves:
        if np.isnan(contest.chance):  # of scores alone nobody knows what is guessed
            everywhere = np.ones(len(contest.budgets), dtype=bool)
            against_chance[name] = AgainstChance(name, everywhere, ABOVE)
            yield from _loss_rows(contest, name, spec.level)
            continue
        rows = _chance_rows(contest, name, spec)
        above = np.array([row.outcome == ABOVE for row in rows[:-1]])
        against_chance[name] = AgainstChance(name, above, str(rows[-1].outcome))
        yield from rows
        yield from _permutation_rows(contest, name, spec.level)
        yield from _loss_rows(contest, name, spec.level)
    for a, b in pairs(list(contest.curves), spec):
        sides = against_chance[a], against_chance[b]
        yield from _pair_rows(contest, *sides, spec, transductive)


def pairs(names: list[str], spec: CompareSpec) -> list[tuple[str, str]]:
    """Return the pairs to compare: those of the study file, or each with the baseline.

    The baseline is the first representation where it is not run. Of every two the later is compared
    with the earlier. Controls are compared with what they are controls of, and with nothing else.
    """
    mains = without_controls(names)
    with_controls = [(a, b) for a in mains for b in controls_of(a, names)]
    if spec.pairs == "all":
        return [(a, b) for place, a in enumerate(mains) for b in mains[:place]] + with_controls
    if spec.pairs is None:
        baseline = spec.baseline if spec.baseline in mains else mains[0]
        return [(a, baseline) for a in mains if a != baseline] + with_controls
    asked = [(a, b) for a, b in spec.pairs if a in names and b in names]
    return list(dict.fromkeys(asked + with_controls))


def _chance_rows(contest: Contest, name: str, spec: CompareSpec) -> list[Row]:
    above = contest.curves[name].shifted(-contest.chance)
    ends = np.array(METRICS[contest.metric].bounds) - contest.chance
    bounds = interval(above, spec.level, spec.interval).within(*ends)
    rows = [
        row._replace(outcome=_against_chance(row))
        for row in _curve_rows(contest, "chance", above, bounds, name, "chance")
    ]
    outcomes = [str(row.outcome) for row in rows]
    # The band holds at all budgets at once, so that one budget above chance is enough.
    overall = next((word for word in (ABOVE, OPEN) if word in outcomes), NOT_ABOVE)
    return [*rows, _row(contest, "chance", name, "chance", outcome=overall)]


def _against_chance(row: Row) -> str:
    """Tell a score that is no higher than chance from one that may be."""
    if row.low_simultaneous > 0:
        return ABOVE
    return NOT_ABOVE if row.value <= 0 else OPEN


def _permutation_rows(contest: Contest, name: str, level: float) -> Iterator[Row]:
    """Yield what the system scores against labels that mean nothing.

    The p value counts how often that is at least the score (Phipson and Smyth 2010: plus one).
    """
    scores, reached = contest.permuted[name], contest.curves[name].estimate
    tails = [(1 - level) / 2, (1 + level) / 2]
    for number, percentage in enumerate(contest.budgets):
        low, high = np.quantile(scores[:, number], tails)
        # Equal scores count as reached; sums in another order may differ by rounding.
        beyond = int((scores[:, number] >= reached[number] - 1e-12).sum())
        yield _row(
            contest,
            PERMUTATION,
            name,
            "permuted labels",
            percentage=percentage,
            value=scores[:, number].mean(),
            low=low,
            high=high,
            p_value=(1 + beyond) / (1 + len(scores)),
        )


def _loss_rows(contest: Contest, name: str, level: float) -> Iterator[Row]:
    """Yield the largest loss between two budgets; `with_losses` says whether it is resolved."""
    loss = largest_loss(contest.curves[name], contest.budgets)
    if loss is not None:
        yield _row(
            contest,
            MONOTONE,
            name,
            FEWER_LABELS,
            value=loss.value,
            p_value=loss.p_value,
            sentence=sentence(f"{contest.classifier}@{name}", loss, level),
        )


def _pair_rows(
    contest: Contest,
    first: AgainstChance,
    second: AgainstChance,
    spec: CompareSpec,
    transductive: Collection[str],
) -> Iterator[Row]:
    budgets, level, a, b = contest.budgets, spec.level, first.name, second.name
    difference = contest.curves[a] - contest.curves[b]
    bounds = _bounds(contest, difference, spec)
    words = told(bounds, first.above, second.above)
    rows = _curve_rows(contest, "difference", difference, bounds, a, b)
    yield from (row._replace(outcome=word) for row, word in zip(rows, words, strict=True))
    for statistic, log in (("area_linear", False), ("area_log", True)):
        area = difference.mapped(area_weights(budgets, log)[None])
        yield from _area_rows(contest, statistic, area, spec, a, b)
    places = (
        crossover(difference, budgets, level),
        labels_saved(contest.curves[a], contest.curves[b], budgets, level),
    )
    above = first.above | second.above
    crossing, saved = (at_chance(place, budgets, above) for place in places)
    yield _place_row(contest, "crossover", a, b, crossing)
    yield _place_row(contest, "labels_saved", a, b, saved)
    opinion = second_opinion(difference, spec.rope)
    three = {"value": opinion.a, "low": opinion.same, "high": opinion.b}
    yield _row(contest, "bayes", a, b, percentage=budgets[-1], **three)
    findings = Findings(
        contest.classifier, first, second, difference, words, crossing, saved, transductive
    )
    yield _row(contest, "verdict", a, b, sentence=verdict(findings, budgets, level))


def _bounds(contest: Contest, difference: Curve, spec: CompareSpec) -> Interval:
    """Return the intervals of a difference, which cannot exceed the width of the range."""
    widest = METRICS[contest.metric].width
    bounds = interval_of_difference(difference, spec.level, spec.interval)
    return bounds.within(-widest, widest)


def _curve_rows(
    contest: Contest, statistic: str, curve: Curve, bounds: Interval, a: str, b: str
) -> Iterator[Row]:
    """Yield a row a budget."""
    for number, value in enumerate(curve.estimate):
        numbers = {name: values[number] for name, values in bounds._asdict().items()}
        percentage = contest.budgets[number]
        yield _row(contest, statistic, a, b, percentage=percentage, value=value, **numbers)


def _area_rows(
    contest: Contest, statistic: str, area: Curve, spec: CompareSpec, a: str, b: str
) -> Iterator[Row]:
    """Yield the row of an area, which is of no budget and has no band."""
    bounds = _bounds(contest, area, spec)
    numbers = {name: getattr(bounds, name)[0] for name in ("low", "high", "p_value")}
    yield _row(contest, statistic, a, b, value=area.estimate[0], **numbers)


def _place_row(contest: Contest, statistic: str, a: str, b: str, place: Place) -> Row:
    return _row(contest, statistic, a, b, **place._asdict())


def _row(contest: Contest, statistic: str, a: str, b: str, **values: Any) -> Row:
    return Row(statistic, contest.classifier, a, b, contest.metric, **values)
