"""Any table of recordings (CSV, TSV, Parquet) with the columns file, label and speaker.

In: a table as audformat and nkululeko write them, ``start`` and ``end`` of excerpts optional, as
seconds or as durations such as ``0 days 00:00:01.5``. Out: one row a recording, the table's other
columns kept.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.corpora._contract import SCAN_COLUMNS, Corpus, require_folder
from semisup.corpora._listings import read_listing
from semisup.errors import CorpusError
from semisup.recordings.manifest import RESERVED
from semisup.study.paths import instead_of
from semisup.study.spec import CorpusSpec

HOLDS = "the audio files that the table names"
#: How pandas and others write "nothing there".
BLANK = ("", "NaT", "nan", "NaN", "None", "<NA>")


class Options(CorpusSpec):
    """`[corpus]` keys of a table."""

    adapter: Literal["table"] = "table"
    path: str = Field(description="the table; below the root, or else as given")
    audio: bool = Field(True, description="false: there are only feature tables, no file is opened")
    file_column: str = Field("file", description="paths of the files, below the root")
    label_column: str = Field("label", description="not needed with role = 'unlabelled'")
    speaker_column: str = "speaker"
    start_column: str = Field("start", description="optional: seconds or durations")
    end_column: str = Field("end", description="optional: the end of the file where blank")


class Table(Corpus[Options]):
    """Recordings that a table lists."""

    Options = Options
    citation = "Cite the corpus that the table lists."
    licence = "as the corpus that the table lists"
    source = "your own table of recordings"
    labels = ("label",)
    default_root = "study"

    @property
    def has_files(self) -> bool:
        """Whether there are files to decode, and not feature tables alone."""
        return self.options.audio

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings; own columns: the table's others.

        A column whose name the manifest needs for itself is kept as ``table_<name>``.

        Raises
        ------
        CorpusError
            If the folder or the table is missing, or the table lacks a column.
        """
        self.chosen_label()
        require_folder(root, "table", HOLDS, self.source)
        needed = [self.options.file_column, self.options.speaker_column]
        if self.options.role == "all":
            needed.insert(1, self.options.label_column)
        listing = _find(root, self.options.path)
        table = read_listing(listing, needed)
        if table.empty:
            raise CorpusError(f"The table {listing} has no rows")
        scanned = _scan_columns(table, self.options)
        return scanned.sort_values(["path", "start"], kind="stable", ignore_index=True)


def _find(root: Path, path: str) -> Path:
    places = (root / path, Path(path))
    listing = next((place for place in places if place.is_file()), None)
    if listing is None:
        raise CorpusError(
            f"There is no table {places[0]}, nor {places[1].absolute()}; {instead_of(places[0])}"
        )
    return listing


def _scan_columns(table: pd.DataFrame, options: Options) -> pd.DataFrame:
    start, bad_start = _seconds(table, options.start_column)
    end, bad_end = _seconds(table, options.end_column)
    label = _text(table, options.label_column)
    path = _text(table, options.file_column)
    ours = {
        # tables are written on Windows, too
        "path": path.str.replace("\\", "/"),
        "label": label,
        "speaker": _text(table, options.speaker_column),
        # From 0 to the end is the whole file.
        "start": start.mask((start == 0) & end.isna()),
        "end": end,
        "reason": bad_start.mask(bad_start == "", bad_end).mask(
            path == "", "the table names no file"
        ),
        "no_label": pd.Series("", table.index).mask(label == "", "the table gives no label"),
    }
    scanned = pd.DataFrame(ours, columns=list(SCAN_COLUMNS))
    others = table.drop(columns=[name for name in _named(options) if name in table])
    return scanned.join(
        others.rename(columns=lambda name: f"table_{name}" if name in RESERVED else name)
    )


def _named(options: Options) -> tuple[str, ...]:
    return (
        options.file_column,
        options.label_column,
        options.speaker_column,
        options.start_column,
        options.end_column,
    )


def _text(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, "" where it is blank or missing."""
    if name not in table:
        return pd.Series("", table.index)
    column = table[name]
    # A whole number that a blank in the column made a float is still the name 3, not 3.0.
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype(str).mask(column.isna(), "").str.strip()


def _seconds(table: pd.DataFrame, name: str) -> tuple[pd.Series, pd.Series]:
    """Return a column as seconds, NaN where blank, and why a cell is neither, "" where it is."""
    if name not in table:
        return pd.Series(np.nan, table.index), pd.Series("", table.index)
    column = table[name]
    if pd.api.types.is_timedelta64_dtype(column):
        return column.dt.total_seconds(), pd.Series("", table.index)
    text = column.astype(str).str.strip()
    text = text.mask(column.isna() | text.isin(BLANK))
    seconds = pd.to_numeric(text, errors="coerce").astype(float)
    durations = pd.to_timedelta(text.where(seconds.isna()), errors="coerce").dt.total_seconds()
    seconds = seconds.fillna(durations)
    # "inf" is a number to pandas, but not a time
    why = f"{name} '" + text + "' is neither seconds nor a duration"
    return seconds, why.where(text.notna() & ~np.isfinite(seconds), "")
