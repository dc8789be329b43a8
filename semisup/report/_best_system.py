"""The best system in one sentence, with its interval and the level of chance.

In: `systems.csv`, `comparison.csv` and the summary of a study. Out: a sentence, which names no
winner that is not resolved from chance, and none of one order of the labelled recordings.
"""

import pandas as pd

from semisup.comparison.systems import BEHIND, BEST
from semisup.comparison.verdict import ABOVE
from semisup.features.speakers import TRANSDUCTIVE
from semisup.figures.study_tables import StudyTables
from semisup.metrics import METRICS
from semisup.report._words import labels_used, short, system_in_sentence
from semisup.study.controls import without_controls


def best_system(tables: StudyTables, metric: str) -> str:
    """Name the system of the highest score at the largest label budget, and what is known of it."""
    budget = tables.summary["percentage"].max()
    rows = _measured(tables, metric, budget)
    measured = rows is not None
    if rows is None:
        rows = _by_mean(tables, metric, budget)
    best = rows.iloc[0]
    system = system_in_sentence(best["classifier"], best["representation"])
    system += f" ({TRANSDUCTIVE})" * (best["representation"] in tables.transductive)
    score = f"{METRICS[metric].phrase} {short(best['value'])}{_interval(best)}"
    above = _is_above_chance(tables, metric, best)
    is_best = measured and above is not False and len(rows) > 1
    begin = "Best system" if is_best else "Highest score" if len(rows) > 1 else "The system"
    clauses = [
        f"{begin}: {system}, {score} with {labels_used(budget)}",
        _chance(tables.chance(metric), above),
        _others(rows) if is_best else "",
    ]
    return "; ".join(filter(None, clauses)) + "."


def _measured(tables: StudyTables, metric: str, budget: float) -> pd.DataFrame | None:
    """Return the rows of `systems.csv`, the best one first; None where they can't tell."""
    if tables.systems is None:
        return None
    rows = tables.systems
    rows = rows[(rows["metric"] == metric) & (rows["percentage"] == budget)]
    # of one order no difference has a band
    others = rows[rows["outcome"] != BEST]
    if BEST not in set(rows["outcome"]) or others["difference_low"].isna().any():
        return None
    return pd.concat([rows[rows["outcome"] == BEST], others])


def _by_mean(tables: StudyTables, metric: str, budget: float) -> pd.DataFrame:
    rows = tables.summary[tables.summary["metric"] == metric]
    rows = rows[rows["percentage"] == budget].rename(columns={"mean": "value"})
    rows = rows[rows["representation"].isin(without_controls(tables.representations))]
    return rows.sort_values("value", ascending=False, kind="stable")


def _interval(row: pd.Series) -> str:
    has_ends = pd.notna(row["low"]) and pd.notna(row["high"])
    return f" [{short(row['low'])}, {short(row['high'])}]" if has_ends else ""


def _is_above_chance(tables: StudyTables, metric: str, system: pd.Series) -> bool | None:
    """Tell whether a system is above chance at the largest budget; None where nobody tested."""
    rows = tables.comparison
    if rows is None:
        return None
    rows = rows[(rows["statistic"] == "chance") & (rows["metric"] == metric)]
    rows = rows[rows["classifier"] == system["classifier"]]
    rows = rows[rows["representation_a"] == system["representation"]].dropna(subset="percentage")
    rows = rows[rows["percentage"] == rows["percentage"].max()]
    return None if rows.empty else bool((rows["outcome"] == ABOVE).all())


def _chance(level: float | None, above: bool | None) -> str:
    if level is None:
        return "not resolved from chance" if above is False else ""
    return f"{'not resolved from ' if above is False else ''}chance{_is(above)} {short(level)}"


def _is(above: bool | None) -> str:
    return ", which is" if above is False else ""


def _others(rows: pd.DataFrame) -> str:
    """Say how many of the others the data tell from the best."""
    level, n = int((rows["outcome"].iloc[1:] != BEHIND).sum()), len(rows) - 1
    if not level:
        return "the data tell every other system from it"
    if level == n:
        return (
            f"the data tell none of the {n} other systems from it"
            if n > 1
            else ("the data do not tell the other system from it")
        )
    return f"the data do not tell {level} of the {n} other systems from it"
