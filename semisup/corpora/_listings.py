"""Reading the tables that come with a corpus: a CSV, TSV or Parquet file in, a DataFrame out."""

import csv
from collections.abc import Iterable
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pandas as pd
from pandas.errors import ParserWarning

from semisup.engine.failures import words_of
from semisup.engine.parquet import read_checked
from semisup.errors import CorpusError
from semisup.study.paths import instead_of

#: Other suffixes are read as CSV.
TAB_SUFFIXES = (".tsv", ".tab")
#: Spreadsheets begin a UTF-8 file with a mark that is not part of the first name.
ENCODING = "utf-8-sig"


def read_listing(path: Path, needed: Iterable[str]) -> pd.DataFrame:
    """Read a table and make sure of its columns.

    A ``"`` quotes a cell only where that loses no row: lone ones in sentences are text.

    Parameters
    ----------
    path : Path
        ``.parquet``, ``.tsv`` or CSV, in UTF-8.
    needed : iterable of str
        Columns that must be there.

    Returns
    -------
    DataFrame
        Of a CSV or TSV file all cells are text, without spaces around, "" where empty; a Parquet
        file keeps its types, and its index becomes columns.

    Raises
    ------
    CorpusError
        If the file is missing, unreadable or lacks a column; it names the columns found.
    """
    if not path.is_file():
        raise CorpusError(f"There is no table {path}; {instead_of(path)}")
    try:
        table = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path)
    # pandas and pyarrow raise their own sub-classes of the first two.
    except (ValueError, OSError, ParserWarning) as error:
        raise CorpusError(f"The table {path} cannot be read: {words_of(error)}") from error
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise CorpusError(
            f"The table {path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"it has {', '.join(table.columns)}"
        )
    return table


def _read_text(path: Path) -> pd.DataFrame:
    separator = "\t" if path.suffix.lower() in TAB_SUFFIXES else ","
    # line ends as they are: a table of another system's is split into the rows that pandas sees
    with path.open(encoding=ENCODING, newline="") as file:
        mark = _lone_mark(list(file), separator)
    try:
        table = _parse(path, separator, csv.QUOTE_MINIMAL if mark is None else csv.QUOTE_NONE)
    except (ValueError, ParserWarning) as error:
        if mark is None:
            raise
        # other rows quote cells with separators in them, so no reading keeps every row
        raise ValueError(f'a mark " opened in line {mark} is not closed in its cell') from error
    table.columns = table.columns.str.strip()
    return table.apply(lambda column: column.str.strip())


def _parse(path: Path, separator: str, quoting: int) -> pd.DataFrame:
    with catch_warnings():
        # Rows longer than the header would shift every cell or lose some.
        simplefilter("error", ParserWarning)
        return pd.read_csv(
            path,
            sep=separator,
            # speaker 03 stays 03, and the sentence "NA" stays text
            dtype=str,
            keep_default_na=False,
            # without it, rows that end in a comma would make the first column an index
            index_col=False,
            encoding=ENCODING,
            quoting=quoting,
        )


def _lone_mark(lines: list[str], separator: str) -> int | None:
    """Return the line of the first ``"`` that is text and quotes no cell, None where all quote.

    It is text where quoting would make one row of lines that are rows as they stand, or where it is
    never closed; in a tab-separated file, which seldom has quotes, also where it would make one
    cell of several, or where its cell goes on after the closing mark.
    """
    is_strict = separator == "\t"
    separators = lines[0].count(separator) if lines else 0
    # an empty line more: a cell that takes it in is never closed
    reader = csv.reader([*lines, ""], delimiter=separator, strict=is_strict)
    first = 0
    try:
        for cells in reader:
            rows = [
                line
                for line in lines[first : reader.line_num]
                if line.count(separator) == separators
            ]
            is_joined = is_strict and rows and len(cells) <= separators
            # the lines of one sentence with line breaks have one row's separators together
            if len(rows) > 1 or is_joined or reader.line_num > len(lines) > first:
                return first + 1
            first = reader.line_num
    # what is after a closing mark, or a cell longer than any sentence
    except csv.Error:
        return first + 1
    return None


def _read_parquet(path: Path) -> pd.DataFrame:
    table = read_checked(path)
    # audformat keeps file, start and end in the index.
    named = [name for name in table.index.names if name is not None]
    table = table.reset_index(level=named) if named else table
    return table.rename(columns=str)
