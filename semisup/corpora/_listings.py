"""Reading the tables that come with a corpus: a CSV, TSV or Parquet file in, a DataFrame out."""

from collections.abc import Iterable
from csv import QUOTE_MINIMAL, QUOTE_NONE
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pandas as pd
from pandas.errors import ParserWarning

from semisup.errors import CorpusError
from semisup.study.paths import instead_of

#: Other suffixes are read as CSV.
TAB_SUFFIXES = (".tsv", ".tab")


def read_listing(path: Path, needed: Iterable[str], quotes: bool = True) -> pd.DataFrame:
    """Read a table and make sure of its columns.

    Parameters
    ----------
    path : Path
        ``.parquet``, ``.tsv`` or CSV, in UTF-8.
    needed : iterable of str
        Columns that must be there.
    quotes : bool
        Whether ``"`` quotes a cell; without, a lone one in a sentence is text.

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
        table = _read_parquet(path) if path.suffix == ".parquet" else _read_text(path, quotes)
    # pandas and pyarrow raise their own sub-classes of the first two.
    except (ValueError, OSError, ParserWarning) as error:
        reason = str(error).strip().partition("\n")[0]
        raise CorpusError(f"The table {path} cannot be read: {reason}") from error
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise CorpusError(
            f"The table {path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"it has {', '.join(table.columns)}"
        )
    return table


def _read_text(path: Path, quotes: bool) -> pd.DataFrame:
    with catch_warnings():
        # Rows longer than the header would shift every cell or lose some.
        simplefilter("error", ParserWarning)
        table = pd.read_csv(
            path,
            sep="\t" if path.suffix in TAB_SUFFIXES else ",",
            # speaker 03 stays 03, and the sentence "NA" stays text
            dtype=str,
            keep_default_na=False,
            # without it, rows that end in a comma would make the first column an index
            index_col=False,
            # Spreadsheets begin a UTF-8 file with a mark that is not part of the first name.
            encoding="utf-8-sig",
            quoting=QUOTE_MINIMAL if quotes else QUOTE_NONE,
        )
    table.columns = table.columns.str.strip()
    return table.apply(lambda column: column.str.strip())


def _read_parquet(path: Path) -> pd.DataFrame:
    table = pd.read_parquet(path)
    # audformat keeps file, start and end in the index.
    named = [name for name in table.index.names if name is not None]
    table = table.reset_index(level=named) if named else table
    return table.rename(columns=str)
