"""Summaries of the scores over the draws: means, and how far the draws lie apart.

In: `scores`, one row a cell (representation, classifier, percentage, draw). Out: one row a
representation, classifier, percentage and metric. Intervals that also count the test speakers need
the predictions: `semisup.comparison.table`.
"""

from collections.abc import Iterable

import pandas as pd

from semisup.errors import TableError, UnknownNameError, nearest
from semisup.metrics import CLASS_METRICS, METRICS, Metric

#: What stands for a classifier where a row is of the mean over them.
MEAN = "mean"
CELL = ("representation", "classifier", "percentage", "draw")
SCORE_COLUMNS = (*CELL[:3], "n_recordings", "n_rows", "draw", "unit", *CLASS_METRICS)
SUMMARY_COLUMNS = (
    "representation",
    "classifier",
    "percentage",
    "n_recordings",
    "n_rows",
    "metric",
    "mean",
    "low",
    "high",
    "draws",
)
#: Quantiles of the draws between which the interval lies.
INTERVAL = (0.025, 0.975)


def require_columns(table: pd.DataFrame, columns: Iterable[str], what: str) -> pd.DataFrame:
    """Return the table if it has the columns.

    Raises
    ------
    TableError
        Naming the missing columns and those that were found.
    """
    columns = list(columns)
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise TableError(
            f"A table of {what} needs the columns {', '.join(columns)}; "
            f"missing: {', '.join(missing)}; found: {', '.join(map(str, table.columns)) or 'none'}"
        )
    return table


def require_metric(name: str) -> Metric:
    """Return the metric of a name.

    Raises
    ------
    UnknownNameError
        If there is none, naming the nearest.
    """
    if name not in METRICS:
        raise UnknownNameError(f"There is no metric '{name}'; {nearest(name, METRICS)}")
    return METRICS[name]


def check_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores if they can be summarised: all columns, one unit, each cell once.

    Raises
    ------
    TableError
        If a column is missing, there are no rows, a cell is there twice, or scores by recording
        and by chunk are mixed. A table of an earlier version may lack a metric, but not all.
    """
    others = [name for name in SCORE_COLUMNS if name not in METRICS]
    lacks_all = scores.columns.isin(METRICS).sum() == 0
    require_columns(scores, SCORE_COLUMNS if lacks_all else others, "scores")
    if scores.empty:
        raise TableError("The table of scores has no rows")
    units = sorted(scores["unit"].astype(str).unique())
    if len(units) > 1:
        raise TableError(f"Scores of one unit can be summarised, found several: {', '.join(units)}")
    keys = [*CELL, "repeat"] if "repeat" in scores else list(CELL)
    twice = scores[scores.duplicated(keys)]
    if len(twice):
        cell = ", ".join(f"{name} {twice[name].iloc[0]}" for name in keys)
        raise TableError(f"{len(twice)} cells of the scores are there twice, the first: {cell}")
    return scores


def summarise(scores: pd.DataFrame) -> pd.DataFrame:
    """Take the mean and the 95 % interval of every metric over the draws.

    Parameters
    ----------
    scores : DataFrame
        Columns `SCORE_COLUMNS`, one row a cell.

    Returns
    -------
    DataFrame
        Columns `SUMMARY_COLUMNS`, tidy: one row a representation, classifier, percentage and
        metric. `n_recordings` and `n_rows` are means over the draws; `low` and `high` are the 2.5
        and 97.5 percentiles of the draws, NaN where there is one draw only: an interval of no
        width would claim what one draw cannot tell. Representations and classifiers keep the order
        of the scores, percentages ascend.

    Raises
    ------
    TableError
        As `check_scores`.
    """
    keys = ["representation", "classifier", "percentage"]
    there = [name for name in METRICS if name in scores]
    tidy = check_scores(scores).melt(
        id_vars=[*keys, "n_recordings", "n_rows"], value_vars=there, var_name="metric"
    )
    groups = tidy.groupby([*keys, "metric"], sort=False, observed=True)
    summary = groups.agg(
        n_recordings=("n_recordings", "mean"),
        n_rows=("n_rows", "mean"),
        mean=("value", "mean"),
        draws=("value", "size"),
    )
    for name, quantile in zip(("low", "high"), INTERVAL, strict=True):
        summary[name] = groups["value"].quantile(quantile).where(summary["draws"] > 1)
    return _in_order(summary.reset_index(), scores)[list(SUMMARY_COLUMNS)]


def _in_order(summary: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    orders = {name: list(scores[name].unique()) for name in ("representation", "classifier")}
    orders["metric"] = list(METRICS)

    def rank(column: pd.Series) -> pd.Series:
        order = orders.get(str(column.name))
        if order is None:
            return column
        return pd.Series([order.index(name) for name in column], index=column.index)

    by = ["representation", "classifier", "percentage", "metric"]
    return summary.sort_values(by, key=rank, ignore_index=True)
