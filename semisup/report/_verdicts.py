"""The verdicts on every two representations that were compared, classifier by classifier.

In: `comparison.csv`. Out: sentences in the names that figures have; what is not resolved is named
in one line, not said again for each classifier.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from semisup.comparison import MEAN
from semisup.comparison.added import Added, added_by_learning
from semisup.comparison.standing import Standing, standing
from semisup.comparison.told import AHEAD, BEHIND
from semisup.figures.paired import pairs as compared_pairs
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import line_styles
from semisup.report._budgets import where
from semisup.report._standing import SIDES, leads, rest, uses_more
from semisup.report._words import classifier_name, in_sentence, is_plural, listed, name_of, short
from semisup.study.controls import controlled


class Verdict(NamedTuple):
    """One sentence, and a mark to find it by: "ahead", "behind" or "mixed"."""

    classifier: str
    mark: str
    sentence: str


class Pair(NamedTuple):
    """The verdicts on two representations."""

    first: str
    second: str
    colour: str
    #: Those that are resolved, that on the mean of the classifiers first.
    verdicts: list[Verdict]
    #: Classifiers with which nothing is resolved, a line; empty where there are none.
    unresolved: str
    #: What one of the two uses and the other does not; empty where they are alike.
    unlike: str
    is_main: bool  # compared with the baseline, and no control


class Learned(NamedTuple):
    """What learning added to a representation: a mark and a finding for each of its controls."""

    title: str
    where: str
    colour: str
    findings: list[tuple[str, str]]


def pairs_of(tables: StudyTables, metric: str) -> list[Pair]:
    """Gather the verdicts by pair, those with the baseline first."""
    comparison = tables.comparison
    if comparison is None:
        return []
    pairs = []
    for a, b in compared_pairs(comparison):
        one = standing(comparison, a, b, metric)
        if one is not None:
            pairs.append(_pair(one, tables, metric))
    # a stable sort: within both groups pairs keep the order of the comparison
    return sorted(pairs, key=lambda pair: not pair.is_main)


def learned_of(tables: StudyTables, metric: str) -> list[Learned]:
    """Say what learning added to each representation that the study controls."""
    if tables.comparison is None:
        return []
    styles = line_styles(tables.representations)
    groups: dict[tuple[str, str], list[Added]] = {}
    for added in added_by_learning(tables.comparison, metric):
        groups.setdefault((added.representation, _where(added)), []).append(added)
    return [
        Learned(
            name_of(name),
            where_,
            styles[name]["color"],
            [(added.mark, added.finding) for added in group],
        )
        for (name, where_), group in groups.items()
    ]


def _where(added: Added) -> str:
    who = "mean of the classifiers" if added.classifier == MEAN else in_sentence(added.classifier)
    return f"at {added.percentage:g} % of the labels ({who})"


def _pair(one: Standing, tables: StudyTables, metric: str) -> Pair:
    styles = line_styles(tables.representations)
    order = [MEAN] * (MEAN in one.told) + one.classifiers
    verdicts = [_verdict(one, name, tables, metric) for name in order]
    unresolved = [
        "the mean" if name == MEAN else in_sentence(name)
        for name, verdict in zip(order, verdicts, strict=True)
        if verdict is None
    ]
    more = uses_more(one, tables.transductive)
    is_control = controlled(one.second, tables.representations) is not None
    return Pair(
        name_of(one.first),
        name_of(one.second),
        styles[one.first]["color"] if one.first in styles else "#555555",
        [verdict for verdict in verdicts if verdict is not None],
        _unresolved(one, unresolved, len(order)),
        f"{more[0].upper()}{more[1:]}." if more else "",
        tables.baseline in (one.first, one.second) and not is_control,
    )


def _unresolved(one: Standing, names: list[str], n: int) -> str:
    if not names:
        return ""
    if not one.has_bands:
        return "One order of the labelled recordings can't tell them apart."
    who = listed(names) if len(names) < n else "any classifier"
    return f"Nothing is resolved with {who}."


def _verdict(one: Standing, name: str, tables: StudyTables, metric: str) -> Verdict | None:
    """Say who is ahead with a classifier, or on their mean; None where nothing is resolved."""
    words = one.told[name]
    sides = [side for side in SIDES if (words == side).any()]
    if not sides:
        return None
    mark = "mixed" if len(sides) == 2 else "ahead" if sides == [AHEAD] else "behind"
    title = classifier_name(name)
    if len(one.budgets) == 1:
        return Verdict(
            title, mark, f"{title}: {leads(one, sides[0])} by {_by(one, name, sides[0])}."
        )
    clauses = [f"{where(words == side, one.budgets)}, {leads(one, side)}" for side in sides]
    assert tables.comparison is not None
    places = _places(tables.comparison, one, name, metric)
    text = "; ".join(filter(None, [*clauses, rest(words, one.budgets), *places]))
    return Verdict(title, mark, f"{title}: {text}.")


def _by(one: Standing, name: str, side: str) -> str:
    value, low, high = one.bands.loc[name].iloc[-1]
    if side == BEHIND:
        value, low, high = -value, -high, -low
    return f"{short(value)} [{short(low)}, {short(high)}]"


def _places(comparison: pd.DataFrame, one: Standing, name: str, metric: str) -> Iterator[str]:
    """Say where the curves cross and how many labels the first saves, where that is resolved."""
    keys = {"classifier": name, "metric": metric}
    keys |= {"representation_a": one.first, "representation_b": one.second}
    rows = comparison[comparison["statistic"].isin(["crossover", "labels_saved"])]
    for column, value in keys.items():
        rows = rows[rows[column] == value]
    for statistic, outcome, *numbers in rows[
        ["statistic", "outcome", "value", "low", "high"]
    ].itertuples(index=False):
        value, low, high = numbers
        percent = f"{value:.3g} % [{low:.3g}, {high:.3g}] of the labels"
        if statistic == "crossover" and outcome == "crossing":
            yield f"the curves cross at {percent}"
        if statistic == "labels_saved" and outcome == "reached" and (one.told[name] == AHEAD).any():
            most = "at most " if value <= one.budgets[0] else ""
            need = "need" if is_plural(one.first) else "needs"
            yield (
                f"{in_sentence(one.first)} {need} {most}{percent} for what "
                f"{in_sentence(one.second)} {'reach' if is_plural(one.second) else 'reaches'} "
                "with all"
            )
