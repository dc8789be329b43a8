"""Feature tables: columns `recording`, `chunk` (-1 for a whole recording), one column a feature."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.errors import TableError

KEYS = ("recording", "chunk")
#: What pandas calls an index that has no name, where it is saved or made a column.
INDEX_NAMES = re.compile(r"Unnamed: \d+.*|index|level_\d+|__index_level_\d+__")
#: In fewer rows a feature may count from 0 by chance.
FEWEST_COUNTED = 10


class Rows(NamedTuple):
    """The rows of a feature table that belong to some recordings."""

    features: np.ndarray  # (n_rows, n_features), float64
    owner: np.ndarray  # (n_rows,), position of each row's recording in the list asked for
    chunk: np.ndarray  # (n_rows,)


def check_table(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table if it is a feature table.

    Raises
    ------
    TableError
        If a key column is missing, a feature is not a finite number, or a row comes twice; the
        message names the table, the column and the first recording.
    """
    missing = [key for key in KEYS if key not in table.columns]
    if missing:
        raise TableError(
            f"The feature table '{name}' needs the columns recording and chunk; "
            f"missing: {', '.join(missing)}, found: {', '.join(map(str, table.columns[:6]))}"
        )
    names = feature_names(table)
    if not names:
        raise TableError(f"The feature table '{name}' has no feature columns")
    _check_numbers(table, names, name)
    twice = table[table.duplicated(list(KEYS))]
    if len(twice):
        raise TableError(
            f"The feature table '{name}' has {len(twice)} rows that repeat a recording and chunk; "
            f"the first: {twice['recording'].iloc[0]}, chunk {twice['chunk'].iloc[0]}"
        )
    return table


def check_extracted(table: pd.DataFrame, name: str, wanted: pd.Series, level: str) -> pd.DataFrame:
    """Return the table that a representation has made, if it keeps to its contract.

    Parameters
    ----------
    table : DataFrame
    name : str
        Of the representation.
    wanted : Series of str
        The recordings whose features were asked for.
    level : {"recording", "chunk"}
        What one row should be.

    Raises
    ------
    TableError
        If it is not a feature table, has rows of other recordings, or chunks where each row should
        be a recording.
    """
    check_table(table, name)
    others = table[~table["recording"].isin(wanted)]
    if len(others):
        raise TableError(
            f"The feature table '{name}' has {len(others)} rows of recordings that were not asked "
            f"for; the first: {others['recording'].iloc[0]}"
        )
    if level == "recording" and (table["chunk"] != -1).any():
        raise TableError(
            f"The feature table '{name}' has chunks, but each of its rows should be a recording"
        )
    return table


def check_no_index(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a feature table of the user's if no feature of it counts its rows.

    The order of rows often is that of classes or speakers, so that their number tells the label.

    Raises
    ------
    TableError
        If columns are an index that was saved with the table, by their names or because they count
        the rows or the recordings, in any order; the message names them.
    """
    # a recording has several rows where these are chunks
    recordings = table.drop_duplicates("recording") if "recording" in table else table
    counters = [
        str(column)
        for column in feature_names(table)
        if _is_unnamed(str(column), table[column])
        or any(_counts(rows[column].to_numpy()) for rows in (table, recordings))
    ]
    if counters:
        one = len(counters) == 1
        raise TableError(
            f"The feature table '{name}' has {'a column' if one else 'columns'} "
            f"{_quoted(counters)} that {'is' if one else 'are'} no feature but an index, which "
            "counts rows; leave it out, with pandas by to_csv(..., index=False)"
        )
    return table


def feature_names(table: pd.DataFrame) -> list[str]:
    """Return the columns that are features."""
    return [column for column in table.columns if column not in KEYS]


def numbered(prefix: str, count: int) -> list[str]:
    """Name features that have numbers only, from 0, two digits at least.

    Examples
    --------
    >>> numbered("code", 2)
    ['code_00', 'code_01']
    """
    width = max(2, len(str(count - 1)))
    return [f"{prefix}_{number:0{width}d}" for number in range(count)]


def feature_table(recordings: pd.DataFrame, values: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Return a table of one row a recording: recording, chunk -1, then the features."""
    table = pd.DataFrame(values, columns=names)
    table.insert(0, "recording", recordings["recording"].to_numpy())
    # int32 as of chunks, so that tables of both levels have one type of column
    table.insert(1, "chunk", np.int32(-1))
    return table


def index_of(recordings: pd.DataFrame, counts: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """Return recording and chunk, counted from 0, of rows of which each recording has a count."""
    chunks = [np.arange(count, dtype=np.int32) for count in counts]
    return pd.DataFrame(
        {
            "recording": np.repeat(recordings["recording"].to_numpy(), counts),
            # begins with nothing: without recordings there is still a column of integers
            "chunk": np.concatenate([np.empty(0, np.int32), *chunks]),
        }
    )


def rows_of(table: pd.DataFrame, recordings: Iterable[str]) -> Rows:
    """Pick the rows of some recordings, in the order of the table.

    Parameters
    ----------
    table : DataFrame
        A feature table.
    recordings : iterable of str
        Recordings wanted; those that the table lacks give no row.
    """
    positions = {recording: position for position, recording in enumerate(recordings)}
    # NaN for recordings that were not asked for, so the positions are floats up to the end
    owner = table["recording"].map(positions)
    wanted = owner.notna().to_numpy()
    chosen = table.loc[wanted]
    return Rows(
        chosen[feature_names(table)].to_numpy(dtype=np.float64),
        owner[wanted].to_numpy(dtype=np.int64),
        chosen["chunk"].to_numpy(),
    )


def _check_numbers(table: pd.DataFrame, names: list[str], name: str) -> None:
    # types first: text such as "1.5" would be turned into numbers without a word
    types = table.dtypes[names]
    if not types.map(pd.api.types.is_numeric_dtype).all():
        column = next(c for c in names if not pd.api.types.is_numeric_dtype(types[c]))
        raise TableError(f"The feature table '{name}' has a column '{column}' that is not numeric")
    bad = ~np.isfinite(table[names].to_numpy(dtype=np.float64))
    if bad.any():
        place = int(np.argmax(bad.any(axis=0)))
        column, rows = names[place], bad[:, place]
        raise TableError(
            f"The feature table '{name}' has {rows.sum()} values in '{column}' that are NaN or "
            f"infinite, the first for the recording {table['recording'][rows].iloc[0]}"
        )


def _is_unnamed(column: str, values: pd.Series) -> bool:
    """Tell whether a column has a name of an index; a feature may be called index, too."""
    if INDEX_NAMES.fullmatch(column) is None:
        return False
    return column.startswith(("Unnamed", "__")) or (
        values.is_unique and _are_whole(values.to_numpy())
    )


def _counts(values: np.ndarray) -> bool:
    """Tell whether values are 0 to n - 1, or 1 to n, in any order."""
    if len(values) < FEWEST_COUNTED or not _are_whole(values):
        return False
    first = values.min()
    # the cheap test before the sorting of thousands of columns
    if first not in (0, 1) or values.max() != first + len(values) - 1:
        return False
    return len(np.unique(values)) == len(values)


def _are_whole(values: np.ndarray) -> bool:
    if not pd.api.types.is_numeric_dtype(values.dtype) or values.dtype == bool:
        return False
    return bool(np.isfinite(values).all() and (values == np.floor(values)).all())


def _quoted(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"'{name}'" for name in names[:most]) + more
