"""Scores of the probabilities that classifiers give, beside those of what they predict.

In: `losses.parquet` and the classes of the test set. Out: `probabilities.csv`. Log loss and Brier
score are proper scoring rules (Gneiting and Raftery 2007, doi:10.1198/016214506000001437): they
punish probabilities that are not those of the classes, which no score of predictions sees.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from semisup.comparison.summary import INTERVAL
from semisup.metrics import PROBABILITY_METRICS

KEYS = ["representation", "classifier", "percentage"]
COLUMNS = (*KEYS, "metric", "mean", "low", "high", "draws", "chance")


def probabilities(losses: pd.DataFrame, truths: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Take the mean of every metric of probabilities over the draws.

    Parameters
    ----------
    losses : DataFrame
        One row a cell of a classifier with probabilities, a column each of `PROBABILITY_METRICS`.
    truths : mapping of str to ndarray of shape (n,)
        By representation: the true class of each scored unit.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a representation, classifier, percentage and metric. `low` and
        `high` are the 2.5 and 97.5 percentiles of the draws (NaN where there is one): they cover
        another order of the labelled recordings, not other test speakers. `chance`: of a
        classifier that gives every recording the classes' shares of the test set.
    """
    tidy = losses.melt(
        id_vars=[*KEYS, "draw"], value_vars=list(PROBABILITY_METRICS), var_name="metric"
    )
    # with folds, a draw's score is the mean of theirs
    names = [*KEYS, "metric"]
    draws = tidy.groupby([*names, "draw"], sort=False, observed=True)["value"].mean().reset_index()
    groups = draws.groupby(names, sort=False, observed=True)["value"]
    table = groups.agg(mean="mean", draws="size")
    for name, quantile in zip(("low", "high"), INTERVAL, strict=True):
        table[name] = groups.quantile(quantile).where(table["draws"] > 1)
    table = table.reset_index()
    levels = {
        (name, metric.name): metric.chance(_shares(truth))
        for name, truth in truths.items()
        for metric in PROBABILITY_METRICS.values()
    }
    named = zip(table["representation"], table["metric"], strict=True)
    table["chance"] = np.array([levels[pair] for pair in named], dtype=float)
    return _in_order(table)[list(COLUMNS)]


def _shares(truth: np.ndarray) -> np.ndarray:
    return np.unique(truth, return_counts=True)[1] / len(truth)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort by system in the order of the cells, then percentage and metric."""
    ranks = {
        name: {value: place for place, value in enumerate(order)}
        for name, order in (
            *((key, table[key].unique()) for key in KEYS[:2]),
            ("metric", PROBABILITY_METRICS),
        )
    }
    return table.sort_values(
        [*KEYS, "metric"],
        key=lambda column: column.map(ranks[column.name]) if column.name in ranks else column,
        ignore_index=True,
    )
