"""Every system at the largest label budget, and which of them the data tell from the best.

In: the summary and `systems.csv` of a study. Out: one table of text, and one sentence.
"""

from typing import NamedTuple

import pandas as pd

from semisup.features.speakers import USES_OTHERS
from semisup.figures.study_tables import StudyTables
from semisup.figures.systems import metrics_beside, systems_table
from semisup.metrics import METRICS
from semisup.report._words import (
    classifier_name,
    interval,
    labels_used,
    listed,
    name_of,
    system_name,
)

#: A sentence names so many systems at most; the table has them all.
MOST_NAMED = 6
#: Outcomes of `systems.csv`, and what stands for them where nobody measured any.
BEST, BEHIND, UNKNOWN = "best", "behind", "unknown"
#: How sure the sentence and the outcomes are.
_BAND = "(95 %, all pairs at once)"
_SYSTEM = ["classifier", "representation"]


class Best(NamedTuple):
    """Two sentences: which system is best, and which of the others are behind it."""

    best: str
    others: str


def systems_text(tables: StudyTables, metric: str) -> tuple[str, pd.DataFrame]:
    """Write the scores of every system by a metric and the one beside it, best first.

    Returns
    -------
    caption : str
    table : DataFrame
        Classifier, Representation, then a column a metric: the mean and its 95 % interval; and
        "Behind the best" and "Outcome" where `systems.csv` tells them of the first metric.
    """
    metrics = metrics_beside(metric)
    systems = systems_table(tables.summary, metrics)
    written = {
        name_of(name): [interval(row) for _, row in _values(systems, name).iterrows()]
        for name in metrics
    }
    kinds = {
        "Classifier": [classifier_name(name) for name in systems["classifier"]],
        "Representation": [name_of(name) for name in systems["representation"]],
    }
    budget = tables.summary["percentage"].max()
    titles = " and ".join(written)
    caption = f"All systems at {budget:g} % of labels: {titles} with 95 % intervals, best first"
    against = against_the_best(tables, metric)
    if against is not None:
        if len(against) < len(systems):
            caption += "; controls are no candidates"
        written |= _outcomes(systems[_SYSTEM].merge(against, how="left", on=_SYSTEM))
        caption += f"; behind the best: {METRICS[metric].phrase} less that of the best {_BAND}"
    return caption, pd.DataFrame({**kinds, **written})


def ranked(tables: StudyTables, metric: str) -> list[tuple[str, str, float]]:
    """List the systems, best first: classifier, representation, score at the largest budget."""
    systems = systems_table(tables.summary, [metric])
    return list(
        systems[["classifier", "representation", metric]].itertuples(index=False, name=None)
    )


def against_the_best(tables: StudyTables, metric: str) -> pd.DataFrame | None:
    """Return the rows of `systems.csv` of a metric, the best first; None where it has none."""
    if tables.systems is None:
        return None
    largest = tables.systems["percentage"] == tables.summary["percentage"].max()
    rows = tables.systems[largest & (tables.systems["metric"] == metric)]
    if BEST not in set(rows["outcome"]):
        return None
    ordered = rows.sort_values("value", ascending=False, kind="stable")
    # not by its mean: a system of the same mean could stand before it
    first = ordered["outcome"] == BEST
    return pd.concat([ordered[first], ordered[~first]], ignore_index=True)


def best_of(tables: StudyTables, metric: str) -> Best | None:
    """Say which system is best at the largest label budget, and which others are behind it.

    Without `systems.csv` the best of a study of one label budget is named by its mean alone;
    nothing is said of one of several budgets: its answer is the verdicts.
    """
    rows = against_the_best(tables, metric)
    if rows is None and not tables.has_one_budget:
        return None
    rows = _by_mean(tables, metric) if rows is None else rows
    best = rows.iloc[0]
    system, used = system_name(*best[_SYSTEM]), labels_used(best["percentage"])
    if len(rows) == 1:
        return Best(f"{system} with {used}: {METRICS[metric].phrase} {interval(best)}.", "")
    system += _uses(rows, tables)
    sentence = f"{system} has the highest {METRICS[metric].phrase} with {used}: {interval(best)}."
    return Best(sentence, _others(rows.iloc[1:]))


def _uses(rows: pd.DataFrame, tables: StudyTables) -> str:
    """Say of the best, the first of the rows, that it uses more than some other does."""
    first, *others = rows["representation"].isin(tables.transductive)
    return f", which {USES_OTHERS}," if first and not all(others) else ""


def _by_mean(tables: StudyTables, metric: str) -> pd.DataFrame:
    """Give the summary the columns of `systems.csv`, but for differences, which it can't tell."""
    systems = systems_table(tables.summary, [metric])
    budget = tables.summary["percentage"].max()
    kinds = systems[_SYSTEM].assign(percentage=budget, outcome=UNKNOWN)
    return pd.concat([kinds, _values(systems, metric)], axis=1)


def _others(rows: pd.DataFrame) -> str:
    """Say which systems are behind the best; of the two groups the smaller one is named."""
    if (rows["outcome"] == UNKNOWN).all():
        return "Whether any other is behind it can't be told: systems.csv is not there."
    groups: dict[bool, list[str]] = {True: [], False: []}
    for *system, outcome in rows[[*_SYSTEM, "outcome"]].itertuples(index=False):
        groups[outcome == BEHIND].append(system_name(*system))
    behind, level, n = groups[True], groups[False], len(rows)
    if n == 1:
        verdict = "is behind it" if behind else "is not told apart from it"
        return f"The other system, {(behind + level)[0]}, {verdict} {_BAND}."
    if not behind:
        return f"None of the {n} other systems is told apart from it {_BAND}."
    if not level:
        return f"All {n} other systems are behind it {_BAND}{_named(behind)}."
    few = len(behind) <= len(level)
    rest = "the other is" if len(level) == 1 else f"the other {len(level)} are"
    verb = "is" if len(behind) == 1 else "are"
    return (
        f"{len(behind)} of the {n} other systems {verb} behind it {_BAND}"
        f"{_named(behind) if few else ''}; {rest} not told apart from it"
        f"{'' if few else _named(level)}."
    )


def _named(names: list[str]) -> str:
    return f": {listed(names)}" if len(names) <= MOST_NAMED else ""


def _outcomes(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Write the difference from the best and its outcome; "-" of the best and of who is unknown."""
    names = {"difference": "value", "difference_low": "low", "difference_high": "high"}
    bands = rows[list(names)].rename(columns=names)
    outcomes = rows["outcome"].fillna("-").tolist()
    return {
        "Behind the best": [
            "-" if outcome == BEST else interval(band)
            for outcome, (_, band) in zip(outcomes, bands.iterrows(), strict=True)
        ],
        "Outcome": outcomes,
    }


def _values(systems: pd.DataFrame, metric: str) -> pd.DataFrame:
    columns = [metric, f"{metric}_low", f"{metric}_high"]
    return systems[columns].set_axis(["value", "low", "high"], axis=1)
