"""Columns of a table that was made elsewhere: which there may be, and what stands in them.

In: a file, or a DataFrame. Out: a DataFrame of names as text and numbers as numbers, and sentences
on all that is wrong with them.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.comparison import MEAN
from semisup.corpora import read_listing
from semisup.curve.class_names import class_names
from semisup.errors import CorpusError, TableError, nearest
from semisup.metrics import METRICS
from semisup.study.paths import with_home
from semisup.study.wholes import WHOLE

#: What the tables of a study call the same.
SAME = {"percentage": "budget", "repeat": "fold", "label": "true"}
SYSTEM = ("system", "representation", "classifier")
#: Columns of whole numbers, what stands for one that is not there, and the least there can be.
INTEGERS = {"fold": (0, 0), "draw": (0, 0), "chunk": (-1, -1)}
COUNTS = ("n_recordings", "n_rows")
#: No whole number is as large: those of more digits than a float has are not told apart.
MOST = 2**53
NAMES = ("recording", "true", "speaker", "predicted")
SCORE = "score"
#: What begins the name of a column of probabilities; the class follows.
PROBABILITY = "p_"
#: Names that the tables of the comparison need for themselves.
_TAKEN = {"representation": ("chance",), "classifier": (MEAN,)}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(\+[A-Za-z0-9][\w.-]*)*")


class Columns(NamedTuple):
    """A table with known columns.

    Parameters
    ----------
    table : DataFrame
        representation, classifier, budget, draw and what else there is.
    has_predictions : bool
        Whether there are predictions, and not scores alone.
    """

    table: pd.DataFrame
    has_predictions: bool

    @property
    def classes(self) -> list[str]:
        """The classes that have a column of probabilities."""
        return [name.removeprefix(PROBABILITY) for name in probability_columns(self.table)]


def probability_columns(table: pd.DataFrame) -> list[str]:
    """Return the names of the columns of probabilities."""
    return [name for name in table.columns if name.startswith(PROBABILITY)]


def read(source: Path | pd.DataFrame) -> pd.DataFrame:
    """Read a table: CSV, TSV or Parquet, the predictions of a study among them.

    Raises
    ------
    TableError
        If there is no such file, it cannot be read, or it has no rows.
    """
    if isinstance(source, pd.DataFrame):
        table = source.rename(columns=str)
    else:
        path = with_home(source)
        try:
            table = read_listing(path, ())
        except CorpusError as error:
            raise TableError(str(error)) from error
        table = _with_class_names(table, path)
    if table.empty:
        raise TableError(f"{_called(source)} has no rows")
    return table


def _called(source: Path | pd.DataFrame) -> str:
    return "The table" if isinstance(source, pd.DataFrame) else f"The table {source}"


def _with_class_names(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Put the names of the classes into the predictions of a study, which have their places."""
    classes = class_names(path) if path.suffix.lower() == ".parquet" else None
    if classes is None or "predicted" not in table:
        return table
    return table.assign(predicted=np.array(classes, dtype=object)[table["predicted"]])


def checked(table: pd.DataFrame, problems: list[str]) -> Columns:
    """Tell the columns, and turn them into names and numbers; problems get a sentence each."""
    table = _known(table, problems)
    has_predictions = "predicted" in table
    if not has_predictions and not {SCORE, *METRICS} & set(table):
        problems.append(
            "there is neither a column predicted, of predictions, nor one of scores: "
            f"{SCORE}, or {', '.join(METRICS)}"
        )
    if has_predictions and "recording" not in table:
        problems.append("the column recording is missing: which recording each prediction is of")
    for name in NAMES:
        if name in table:
            table[name] = text(table[name])
            if name != "speaker":
                _complain(table[name] == "", name, "is empty", problems)
    _numbers(table, problems)
    return Columns(_with_systems(table, problems), has_predictions)


def _known(table: pd.DataFrame, problems: list[str]) -> pd.DataFrame:
    """Return the columns that are known, by the names that they have here."""
    known = [*SYSTEM, "budget", *INTEGERS, *COUNTS, *NAMES, "probability", "unit", SCORE, *METRICS]
    names = {name: SAME.get(name, name) for name in table.columns}
    for name, meant in names.items():
        if meant not in known and not meant.startswith(PROBABILITY):
            problems.append(f"the column {name} is not known; {nearest(name, known)}")
    for meant in dict.fromkeys(names.values()):
        several = [name for name, other in names.items() if other == meant]
        if len(several) > 1:
            problems.append(f"the columns {' and '.join(several)} are the same; leave one out")
    chosen = {meant: name for name, meant in names.items() if meant in known or _is_share(meant)}
    return pd.DataFrame({meant: table[name] for meant, name in chosen.items()})


def _is_share(name: str) -> bool:
    return name.startswith(PROBABILITY)


def _numbers(table: pd.DataFrame, problems: list[str]) -> None:
    if "budget" not in table:
        table["budget"] = 100.0
    values = _numeric(table, "budget", problems)
    _complain((values <= 0) | (values > 100), "budget", "is no percentage up to 100", problems)
    for name, (otherwise, least) in INTEGERS.items():
        if name in table:
            _whole_numbers(table, name, least, problems)
        elif name != "fold":
            table[name] = otherwise
    for name in (SCORE, *METRICS):
        if name in table:
            _numeric(table, name, problems)
    for name in COUNTS:
        if name in table:
            _whole_numbers(table, name, 0, problems)
    for name in ("probability", *probability_columns(table)):
        if name in table:
            values = _numeric(table, name, problems, may_be_empty=True)
            _complain((values < 0) | (values > 1 + 1e-9), name, "is no probability", problems)


def _whole_numbers(table: pd.DataFrame, name: str, least: int, problems: list[str]) -> None:
    """Turn a column into whole numbers, 0 in the place of what is none."""
    values = _numeric(table, name, problems)
    finite = pd.Series(np.isfinite(values), values.index)
    wrong = (values < least) | (values % 1 != 0) | (values >= MOST)
    what = f"is no whole number from 0 to {MOST - 1}"
    _complain(wrong & finite, name, what, problems)
    table[name] = values.where(finite & ~wrong, 0).astype(int)


def _numeric(
    table: pd.DataFrame, name: str, problems: list[str], may_be_empty: bool = False
) -> pd.Series:
    """Turn a column into numbers."""
    column = table[name]
    values = pd.to_numeric(column, errors="coerce").astype(float)
    empty = column.isna() | (text(column) == "")
    wrong = ~np.isfinite(values)
    _complain(wrong & ~empty if may_be_empty else wrong, name, "is not numeric", problems, column)
    table[name] = values
    return values


def _complain(
    wrong: pd.Series, name: str, what: str, problems: list[str], cells: pd.Series | None = None
) -> None:
    """Say in how many rows a column is wrong, and where first."""
    if not wrong.any():
        return
    row = int(np.flatnonzero(wrong)[0])
    shown = "" if cells is None else f", '{cells.iloc[row]}'"
    rows = f"{wrong.sum()} rows, the first: row" if wrong.sum() > 1 else "row"
    problems.append(f"{name} {what} in {rows} {row + 1}{shown}")


def text(column: pd.Series) -> pd.Series:
    """Return a column as text, "" where it is empty."""
    # a whole number that a blank in the column made a float is still the name 3, not 3.0
    if pd.api.types.is_float_dtype(column):
        there = column.dropna()
        if ((there % 1 == 0) & (there.abs() < MOST)).all():
            column = column.astype("Int64")
    return column.astype(str).mask(column.isna(), "").str.strip()


def _with_systems(table: pd.DataFrame, problems: list[str]) -> pd.DataFrame:
    """Name representation and classifier of each row; a system without ``@`` is one whole."""
    if {"representation", "classifier"} <= set(table):
        for name in ("representation", "classifier"):
            table[name] = text(table[name])
    elif "system" in table:
        systems = text(table["system"])
        parts = systems.str.partition("@")
        are_pairs = bool(((parts[0] != "") & (parts[2] != "")).all())
        table["representation"] = parts[2] if are_pairs else systems.str.replace("@", ".")
        table["classifier"] = parts[0] if are_pairs else WHOLE
    else:
        problems.append("the column system is missing: what made each prediction")
        table["representation"], table["classifier"] = "system", WHOLE
    for name, taken in _TAKEN.items():
        problems += _name_problems(table[name].unique(), taken)
    return table


def _name_problems(names: Iterable[str], taken: tuple[str, ...]) -> list[str]:
    problems = [
        f"no system may be called '{name}', a word of the tables" for name in taken if name in names
    ]
    for name in names:
        # names go into those of files
        if not _NAME.fullmatch(name):
            proposal = re.sub(r"[^\w.+-]+", "_", name).strip("_.+-") or "system"
            problems.append(
                f"the system '{name}' is called by more than letters, digits, '_', '-', '.' and "
                f"'+': '{proposal}' would do"
            )
    return problems
