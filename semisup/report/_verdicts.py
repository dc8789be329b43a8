"""The first screen: the question, the verdicts, and what a reader must not overlook."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import pandas as pd

from semisup.comparison import MEAN
from semisup.comparison.added import Added, added_by_learning
from semisup.comparison.monotone import LOSES, MONOTONE
from semisup.comparison.told import AHEAD, BEHIND, OPEN
from semisup.comparison.verdict import NOT_ABOVE
from semisup.features import speakers
from semisup.features.speakers import TRANSDUCTIVE, USES_OTHERS
from semisup.figures.paired import CHANCE, select
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import line_styles
from semisup.report._words import (
    classifier_name,
    interval,
    labels_used,
    listed,
    name_of,
    system_name,
)
from semisup.study.controls import without_controls

#: Outcomes against chance that a reader must know of, at no budget higher or perhaps by chance.
AT_CHANCE = {NOT_ABOVE: "Not above chance", OPEN: "Not resolved from chance"}


class Verdict(NamedTuple):
    """One sentence, and a mark to find it by: "ahead", "behind", "mixed" or "open"."""

    classifier: str
    mark: str
    sentence: str


class Pair(NamedTuple):
    """The verdicts on two representations."""

    first: str
    second: str
    colour: str
    overall: Verdict | None
    verdicts: list[Verdict]
    is_main: bool  # compared with the baseline


class Learned(NamedTuple):
    """What learning added to a representation: a mark and a finding for each of its controls."""

    title: str
    where: str
    colour: str
    findings: list[tuple[str, str]]


def question(tables: StudyTables) -> str:
    """Ask what the study asks."""
    if tables.has_one_budget:
        return _question_of_one_budget(tables)
    baseline, names = tables.baseline, without_controls(tables.representations)
    others = [name_of(name) for name in names if name != baseline]
    if not others:
        return f"How good is {name_of(baseline)}, at which label budget, with which classifier?"
    return (
        f"Is {listed(others, 'or')} worth more than {name_of(baseline)}, at which label budget, "
        "with which classifier, and is the difference real?"
    )


def pairs_of(tables: StudyTables, metric: str) -> list[Pair]:
    """Gather the verdicts by pair, those with the baseline first."""
    comparison = tables.comparison
    if comparison is None or "verdict" not in set(comparison["statistic"]):
        return []
    styles, baseline = line_styles(tables.representations), tables.baseline
    rows = select(comparison, "verdict", metric=metric)
    differences, pairs = select(comparison, "difference", metric=metric), []
    for (a, b), of_pair in rows.groupby(["representation_a", "representation_b"], sort=False):
        verdicts = [
            _verdict(differences, (a, b, name), sentence, tables)
            for name, sentence in of_pair[["classifier", "sentence"]].itertuples(index=False)
        ]
        overall = next((verdict for verdict in verdicts if verdict.classifier == MEAN), None)
        others = [
            verdict._replace(classifier=classifier_name(verdict.classifier))
            for verdict in verdicts
            if verdict.classifier != MEAN
        ]
        colour = styles[a]["color"] if a in styles else "#555555"
        pairs.append(Pair(name_of(a), name_of(b), colour, overall, others, b == baseline))
    # a stable sort: within both groups pairs keep the order of the comparison
    return sorted(pairs, key=lambda pair: not pair.is_main)


def learned_of(tables: StudyTables, metric: str) -> list[Learned]:
    """Say what learning added to each representation that the study controls."""
    if tables.comparison is None:
        return []
    styles = line_styles(tables.representations)
    groups: dict[tuple[str, str], list[Added]] = {}
    for added in added_by_learning(tables.comparison, metric):
        groups.setdefault((added.representation, added.where), []).append(added)
    return [
        Learned(
            name_of(name),
            where,
            styles[name]["color"],
            [(added.mark, added.finding) for added in group],
        )
        for (name, where), group in groups.items()
    ]


def cautions(tables: StudyTables, metric: str) -> list[str]:
    """Say what would mislead a reader who sees the curves only."""
    sentences = [
        f"The encoder of {name_of(name)} collapsed: it gives every chunk nearly the same code. "
        "Its scores are not to be taken for a result of training."
        for name in tables.collapsed
    ]
    sentences += _of_speakers(tables)
    for outcome, words in AT_CHANCE.items():
        guessers = _at_chance(tables.comparison, metric, tables.representations, outcome)
        if guessers:
            sentences.append(f"{words} at 95 %: {listed(guessers)}.")
    sentences += _losses(tables.comparison, metric, tables.representations)
    draws = int(tables.summary["draws"].max())
    if draws == 1:
        sentences.append(
            "One draw of the labelled recordings: how much the scores would differ with other "
            "labelled recordings can't be told."
        )
    return sentences


def _of_speakers(tables: StudyTables) -> list[str]:
    """Say which representations need a speaker's other recordings, and where that misleads."""
    names = [name_of(name) for name in tables.transductive]
    if not names:
        return []
    uses = USES_OTHERS if len(names) == 1 else USES_OTHERS.replace("uses", "use", 1)
    sentence = (
        f"{listed(names)} {uses} ({TRANSDUCTIVE}): the scores are those of a speaker of whom "
        "several recordings are there at once, not of a single one."
    )
    recordings = tables.recordings
    warned = [] if recordings is None else speakers.warnings(names, recordings)
    return [sentence, *(f"{warning}." for warning in warned)]


def nothing_compared(tables: StudyTables) -> str:
    """Say why there are no verdicts; empty where there are some."""
    one = tables.has_one_budget
    if len(_systems(tables) if one else tables.representations) < 2:
        what = "system" if one else "representation"
        return f"The study has one {what}: there is nothing to compare it with."
    if tables.comparison is None:
        return (
            "No verdicts: the compare stage has not run (comparison.csv is not there). The "
            f"{'scores' if one else 'curves'} below show means only; whether a difference is real "
            "can't be read from them."
        )
    return ""


def _question_of_one_budget(tables: StudyTables) -> str:
    systems, used = _systems(tables), labels_used(tables.summary["percentage"].max())
    if len(systems) == 1:
        return f"How well does {system_name(*systems[0])} tell the classes with {used}?"
    return (
        f"Which of these {len(systems)} systems tells the classes best with {used}, "
        "and is the difference real?"
    )


def _systems(tables: StudyTables) -> list[tuple[str, str]]:
    rows = tables.summary[["classifier", "representation"]].drop_duplicates()
    return list(rows.itertuples(index=False, name=None))


def _verdict(
    rows: pd.DataFrame, case: tuple[str, str, str], sentence: str, tables: StudyTables
) -> Verdict:
    """Mark a verdict; that of one label budget is put in words that know of no other."""
    is_case = rows[["representation_a", "representation_b", "classifier"]] == list(case)
    differences = rows[is_case.all(axis=1)]
    mark = _mark(differences)
    if tables.has_one_budget and len(differences):
        sentence = _difference(differences.iloc[0], case, mark, tables.transductive)
    return Verdict(case[2], mark, sentence)


def _difference(
    row: pd.Series, case: tuple[str, str, str], mark: str, transductive: Collection[str]
) -> str:
    """Say who is ahead at the only label budget, with the band that the mark is read from."""
    a, b = map(name_of, case[:2])
    verdicts = {"ahead": f"{a} is ahead of {b}", "behind": f"{a} is behind {b}"}
    words = verdicts.get(mark, f"{a} and {b} are not told apart")
    ends = {"low": row["low_simultaneous"], "high": row["high_simultaneous"]}
    band = interval(pd.Series({"value": row["value"], **ends}))
    more = speakers.unlike(a, b, [name_of(name) for name in transductive])
    clauses = [f"{words}, difference {band} (95 %)", *filter(None, [more])]
    return f"{classifier_name(case[2])}: {'; '.join(clauses)}."


def _mark(differences: pd.DataFrame) -> str:
    ahead, behind = ((differences["outcome"] == word).any() for word in (AHEAD, BEHIND))
    if ahead and behind:
        return "mixed"
    return "ahead" if ahead else "behind" if behind else "open"


def _losses(comparison: pd.DataFrame | None, metric: str, names: Sequence[str]) -> list[str]:
    """Say which systems more labels made worse, and how far that can be told."""
    if comparison is None or MONOTONE not in set(comparison["statistic"]):
        return []
    rows = select(comparison, MONOTONE, metric=metric)
    resolved = (rows["outcome"] == LOSES) & (rows["classifier"] != MEAN)
    rows = rows[resolved & rows["representation_a"].isin(without_controls(names))]
    return [
        text.replace(f"{c}@{name}", system_name(c, name), 1) + "."
        for c, name, text in rows[["classifier", "representation_a", "sentence"]].itertuples(
            index=False
        )
    ]


def _at_chance(
    comparison: pd.DataFrame | None, metric: str, names: Sequence[str], outcome: str
) -> list[str]:
    if comparison is None or CHANCE not in set(comparison["statistic"]):
        return []
    rows = select(comparison, "chance", metric=metric)
    # the row without a budget says whether the system is above chance at any
    overall = rows[rows["percentage"].isna() & (rows["classifier"] != MEAN)]
    low = overall[overall["outcome"] == outcome]
    # of what nothing was learned for, a guess is no news
    low = low[low["representation_a"].isin(without_controls(names))]
    return [
        f"{classifier_name(c)} on {name_of(name)}"
        for c, name in low[["classifier", "representation_a"]].itertuples(index=False)
    ]
