"""Rows of `comparison.csv` that figures and report ask for."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from semisup.comparison import require_columns
from semisup.errors import UnknownNameError, nearest

COLUMNS = (
    "statistic",
    "classifier",
    "representation_a",
    "representation_b",
    "metric",
    "percentage",
    "value",
    "low",
    "high",
    "low_simultaneous",
    "high_simultaneous",
    "p_value",
    "p_holm",
    "outcome",
    "sentence",
)
PAIR = ("representation_a", "representation_b")
#: What a representation is compared with in the rows "chance".
CHANCE = "chance"


def select(comparison: pd.DataFrame, statistic: str, **values: str) -> pd.DataFrame:
    """Return the rows of a statistic with these values, in the order of the table.

    Raises
    ------
    TableError
        If a column is missing.
    UnknownNameError
        If the statistic has rows, but none with one of the values.
    """
    rows = require_columns(comparison, COLUMNS, "the comparison")
    rows = rows[rows["statistic"] == statistic]
    for column, value in values.items():
        names = list(rows[column].unique())
        # A study of one representation compares nothing: no row of any value is no mistake.
        if names and value not in names:
            # which pairs are compared is the study's choice
            more = '; [compare] pairs = "all" compares every two' * (column in PAIR)
            raise UnknownNameError(
                f"The comparison has no {column} '{value}'; {nearest(value, names)}{more}"
            )
        rows = rows[rows[column] == value]
    return rows


def pairs(comparison: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the compared representations, a and b, in the order of the table."""
    rows = select(comparison, "difference")
    table = rows[["representation_a", "representation_b"]].drop_duplicates()
    return list(table.itertuples(index=False, name=None))


def representations(comparison: pd.DataFrame) -> list[str]:
    """Return the compared representations in the study's order: b stands before a there."""
    rows = select(comparison, "difference")
    return list(dict.fromkeys([*rows["representation_b"], *rows["representation_a"]]))


def baselines(comparison: pd.DataFrame) -> list[str]:
    """Return the representations that others are compared with."""
    return list(select(comparison, "difference")["representation_b"].unique())


def classifiers(comparison: pd.DataFrame) -> list[str]:
    """Return the classifiers, and "mean" where it is there."""
    return list(select(comparison, "difference")["classifier"].unique())


def stretches(ahead: Sequence[int]) -> list[tuple[int, int, int]]:
    """Find runs of budgets where the difference is resolved and has one sign.

    Parameters
    ----------
    ahead : sequence of int
        1 where a is ahead, -1 where b is, 0 where the data do not tell.

    Returns
    -------
    list of (first, last, sign)
        Positions, both included.

    Examples
    --------
    >>> stretches([0, 1, 1, 0, -1])
    [(1, 2, 1), (4, 4, -1)]
    """
    signs = np.asarray(ahead)
    edges = np.flatnonzero(np.diff(signs)) + 1
    starts, stops = np.r_[0, edges], np.r_[edges, len(signs)]
    return [
        (int(start), int(stop) - 1, int(signs[start]))
        for start, stop in zip(starts, stops, strict=True)
        if stop > start and signs[start]
    ]
