"""The first screen: the question, the verdicts, and what a reader must not overlook."""

from typing import NamedTuple

import pandas as pd

from semisup.figures._paired import CHANCE, select
from semisup.figures._panel import MEAN
from semisup.figures._style import line_styles
from semisup.plotting import notes_beside
from semisup.report._words import classifier_name, listed, name_of
from semisup.study_tables import StudyTables


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
    is_main: bool  # compared with the first representation of the study


def question(tables: StudyTables) -> str:
    """Ask what the study asks."""
    names = [name_of(name) for name in tables.representations]
    if len(names) < 2:
        return f"How good is {names[0]}, at which label budget, with which classifier?"
    return (
        f"Is {listed(names[1:], 'or')} worth more than {names[0]}, at which label budget, "
        "with which classifier, and is the difference real?"
    )


def pairs_of(tables: StudyTables, metric: str) -> list[Pair]:
    """Gather the verdicts by pair, those with the first representation first."""
    comparison = tables.comparison
    if comparison is None or "verdict" not in set(comparison["statistic"]):
        return []
    styles, first = line_styles(tables.representations), tables.representations[0]
    rows = select(comparison, "verdict", metric=metric)
    found = []
    for (a, b), own in rows.groupby(["representation_a", "representation_b"], sort=False):
        verdicts = [
            Verdict(name, _mark(comparison, metric, a, b, name), sentence)
            for name, sentence in own[["classifier", "sentence"]].itertuples(index=False)
        ]
        overall = next((verdict for verdict in verdicts if verdict.classifier == MEAN), None)
        others = [
            verdict._replace(classifier=classifier_name(verdict.classifier))
            for verdict in verdicts
            if verdict.classifier != MEAN
        ]
        colour = styles[a]["color"] if a in styles else "#555555"
        found.append(Pair(name_of(a), name_of(b), colour, overall, others, b == first))
    return sorted(found, key=lambda pair: not pair.is_main)


def cautions(tables: StudyTables, metric: str) -> list[str]:
    """Say what would mislead a reader who sees the curves only."""
    collapsed = notes_beside(tables.folder, tables.representations)
    found = [
        f"The encoder of {name_of(name)} collapsed: it gives every chunk nearly the same code. "
        "Its scores are not to be taken for a result of training."
        for name in collapsed
    ]
    low = _not_above_chance(tables.comparison, metric)
    if low:
        found.append(f"Not above chance at 95 %: {listed(low)}.")
    draws = int(tables.summary["draws"].max())
    if draws == 1:
        found.append(
            "One draw of the labelled recordings: how much the curves would differ with other "
            "labelled recordings can't be told."
        )
    return found


def nothing_compared(tables: StudyTables) -> str:
    """Say why there are no verdicts; empty where there are some."""
    if len(tables.representations) < 2:
        return "The study has one representation: there is nothing to compare it with."
    if tables.comparison is None:
        return (
            "No verdicts: the compare stage has not run (comparison.csv is not there). The curves "
            "below show means only; whether a difference is real can't be read from them."
        )
    return ""


def _mark(comparison: pd.DataFrame, metric: str, a: str, b: str, classifier: str) -> str:
    rows = select(comparison, "difference", metric=metric)
    wanted = rows[["representation_a", "representation_b", "classifier"]] == [a, b, classifier]
    own = rows[wanted.all(axis=1)]
    ahead, behind = (own["low_simultaneous"] > 0).any(), (own["high_simultaneous"] < 0).any()
    if ahead and behind:
        return "mixed"
    return "ahead" if ahead else "behind" if behind else "open"


def _not_above_chance(comparison: pd.DataFrame | None, metric: str) -> list[str]:
    if comparison is None or CHANCE not in set(comparison["statistic"]):
        return []
    rows = select(comparison, "chance", metric=metric)
    overall = rows[rows["percentage"].isna() & (rows["classifier"] != MEAN)]
    low = overall[overall["outcome"] != "above"]
    return [
        f"{classifier_name(c)} on {name_of(name)}"
        for c, name in low[["classifier", "representation_a"]].itertuples(index=False)
    ]
