"""Every system at the largest label budget, and which of them the data tell from the best.

In: the summary and `systems.csv` of a study. Out: one table of text, and one sentence.
"""

import pandas as pd

from semisup.figures.study_tables import StudyTables
from semisup.figures.systems import metrics_beside, systems_table
from semisup.metrics import METRICS
from semisup.report._words import (
    classifier_name,
    interval,
    name_of,
)

#: A sentence names so many systems at most; the table has them all.
MOST_NAMED = 6
#: Outcomes of `systems.csv`, and what stands for them where nobody measured any.
BEST, BEHIND, UNKNOWN = "best", "behind", "unknown"
#: How sure the sentence and the outcomes are.
_BAND = "(95 %, all pairs at once)"
_SYSTEM = ["classifier", "representation"]


def systems_text(tables: StudyTables, metric: str) -> tuple[str, pd.DataFrame]:
    """Write the scores of every system by a metric and the one beside it, best first.

    Returns
    -------
    caption : str
    table : DataFrame
        Classifier, Representation, then a column a metric: the mean and its 95 % interval; and
        "Behind the best" and "Outcome" where `systems.csv` tells them of the first metric.
    """
    metrics = metrics_beside(metric, set(tables.summary["metric"]))
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
