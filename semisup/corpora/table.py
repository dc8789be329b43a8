"""Any table of recordings (CSV, TSV, Parquet) with the columns file, label and speaker.

In: a table as audformat and nkululeko write them, ``start`` and ``end`` of excerpts optional, as
seconds or as durations such as ``0 days 00:00:01.5``. Out: one row a recording, the table's other
columns kept.
"""

import os.path
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.corpora._contract import RATER, SCAN_COLUMNS, Corpus, require_folder
from semisup.corpora._listings import read_listing
from semisup.corpora._naming import Naming, named
from semisup.errors import CorpusError, SpecError
from semisup.recordings.manifest import RESERVED
from semisup.remote.inputs import fetch_files, fetched
from semisup.remote.urls import is_url
from semisup.study.paths import expand, instead_of, with_home
from semisup.study.spelling import on_disk_as

HOLDS = "the audio files that the table names"
#: How pandas and others write "nothing there".
BLANK = ("", "NaT", "nan", "NaN", "None", "<NA>")


class Options(Naming):
    """`[corpus]` keys of a table."""

    adapter: Literal["table"] = "table"
    path: str = Field(description="the table; below the root, or else as given; or its URL")
    audio: bool = Field(True, description="false: there are only feature tables, no file is opened")
    file_column: str = Field(
        "file", description="paths of the files, below the root, or URLs; $VAR and ~ are expanded"
    )
    label_column: str = Field(
        "label", description="not needed with role = 'unlabelled' or label_pattern"
    )
    speaker_column: str = Field(
        "speaker", description="not needed with speaker_pattern; may be the column of [split], too"
    )
    start_column: str = Field(
        "start",
        description="optional: seconds or durations; '' where the table's are not of its files",
    )
    end_column: str = Field("end", description="optional: the end of the file where blank")
    raters: list[str] = Field(
        default_factory=list,
        description="columns of labels that single raters gave, blank where one gave none: how far "
        "they agree stands beside the scores",
    )


class Table(Corpus[Options]):
    """Recordings that a table lists."""

    Options = Options
    citation = "Cite the corpus that the table lists."
    licence = "as the corpus that the table lists"
    source = "your own table of recordings"
    labels = ("label",)
    renames = True
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
        require_folder(root, "table", HOLDS, self.source, self._has_table)
        listing = _find(root, self.options.path)
        table = read_listing(listing, _needed(self.options))
        if table.empty:
            raise CorpusError(f"The table {listing} has no rows")
        scanned = named(_scan_columns(table, self.options), self.options, f"The table {listing}")
        if self.has_files:
            scanned = _find_files(scanned, root)
        return scanned.sort_values(["path", "start"], kind="stable", ignore_index=True)

    def _has_table(self, folder: Path) -> bool:
        return (folder / with_home(expand(self.options.path))).is_file()


def _needed(options: Options) -> list[str]:
    """Return the columns that the table must have: not those whose content paths tell."""
    needed = [options.file_column]
    if options.role != "unlabelled" and options.label_pattern is None:
        needed.append(options.label_column)
    if options.speaker_pattern is None:
        needed.append(options.speaker_column)
    return [*needed, *options.raters]


def _find(root: Path, text: str) -> Path:
    text = expand(text)
    if is_url(text):
        return fetched(text)
    path = with_home(text)
    places = (on_disk_as(root / path), on_disk_as(path))
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
    for name in options.raters:
        rating = _text(table, name)
        scanned[RATER + name] = rating.map(lambda label: options.map_labels.get(label, label))
    others = table.drop(columns=[name for name in _dropped(options) if name in table])
    # as text, like the speaker: a split by this column names its values
    if options.speaker_column in others:
        others[options.speaker_column] = scanned["speaker"]
    return scanned.join(
        others.rename(columns=lambda name: f"table_{name}" if name in RESERVED else name)
    )


def _dropped(options: Options) -> set[str]:
    """Return the columns that the manifest has under names of its own alone.

    The speaker's is kept beside it, unless their names are the same: it may be the split's, too.
    """
    named = {
        options.file_column,
        options.label_column,
        options.start_column,
        options.end_column,
    }
    return named | set(options.raters) | ({options.speaker_column} & set(RESERVED))


def _find_files(scanned: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Expand variables and ``~`` in the paths, and fetch URLs; what cannot be is a reason."""
    files = [_find_file(root, path) for path in scanned["path"]]
    fetch_files(path for path, _ in files if is_url(path))
    paths, reasons = (pd.Series(column, scanned.index) for column in zip(*files, strict=True))
    reason = scanned["reason"]
    return scanned.assign(path=paths, reason=reason.mask(reason == "", reasons))


def _find_file(root: Path, path: str) -> tuple[str, str]:
    """Return a path, relative to the root where it is below, and why it cannot be expanded."""
    # a file may have a dollar in its name
    if not ("$" in path or path.startswith("~")) or os.path.isfile(on_disk_as(root / path)):
        return path, ""
    try:
        path = expand(path, "its path")
        if is_url(path):
            return path, ""
        place = Path(path).expanduser()
    except SpecError as error:
        return path, str(error)
    except RuntimeError:
        return path, f"there is no home folder '{path.partition('/')[0]}'"
    root = root.absolute()
    return (place.relative_to(root) if place.is_relative_to(root) else place).as_posix(), ""


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
    # to pandas, "1,5" and "1 5" are durations, of 15 nanoseconds
    has_comma = text.str.contains(",", na=False)
    has_unit = text.str.contains("[A-Za-z:]", na=False) & ~has_comma
    durations = pd.to_timedelta(text.where(seconds.isna() & has_unit), errors="coerce")
    seconds = seconds.fillna(durations.dt.total_seconds())
    why = f"{name} '" + text + "' is neither seconds nor a duration"
    why = why.mask(has_comma, f"{name} '" + text + "' has a comma: decimals need a point")
    # "inf" is a number to pandas, but not a time
    return seconds, why.where(text.notna() & ~np.isfinite(seconds), "")
