"""Columns of a table of recordings: which is the file, the label and the speaker.

In: a table, or a folder that may hold one. Out: the keys of `[corpus]` of the adapter `table`, and
the folder that the files are in.
"""

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import pandas as pd

from semisup.corpora import read_listing
from semisup.drafting.fields import Field
from semisup.drafting.guesses import class_field
from semisup.errors import CorpusError, nearest
from semisup.recordings.formats import SUFFIXES

TABLES = (".csv", ".tsv", ".tab", ".parquet")
#: What columns are called, the likeliest first; in small letters, without "_" and "-".
LABELS = (
    *("label", "labels", "emotion", "class", "classname", "category", "genre", "valence"),
    *("sentiment", "diagnosis", "intent", "species", "target"),
)
SPEAKERS = (
    *("speaker", "speakerid", "spkrid", "spkid", "spk", "actor", "actorid", "subject"),
    *("subjectid", "participant", "participantid", "patient", "patientid", "clientid", "singer"),
    *("artist", "artistname", "person", "personid", "userid", "user", "srcfile"),
)
#: Keys that need not be written.
DEFAULTS = {"file_column": "file", "label_column": "label", "speaker_column": "speaker"}
#: Rows by which files are looked for, and the share that must be there.
TRIED, SHARE = 40, 0.8
#: Folders in which the files of a table are looked for, and tables of a folder.
MOST = 200


def table_in(root: Path, paths: Sequence[str]) -> Path | None:
    """Return the table in a folder, or one below it, that lists most of its recordings."""
    places = [*root.glob("*.*"), *root.glob("*/*.*")]
    tables = sorted(path for path in places if path.suffix.lower() in TABLES)
    # of rows that are as many as files, others are of something else
    return next((path for path in tables[:MOST] if _lists(path, len(paths))), None)


def _lists(path: Path, n_files: int) -> bool:
    try:
        table = read_listing(path, ())
    except CorpusError:  # somebody's notes
        return False
    if len(table) < n_files / 2 or _labels(table, None) is None:
        return False
    return _files(path, table) is not None


def columns_of(path: Path, label: str | None, role: str) -> tuple[Path, dict[str, str]]:
    """Return the folder of a table's files and the keys of `[corpus]`.

    Raises
    ------
    CorpusError
        If no column names files that are there, or none tells classes.
    """
    table = read_listing(path, ())
    files = _files(path, table)
    if files is None:
        raise CorpusError(
            f"No column of {path} names files that are there, in {path.parent} or a folder below; "
            f"it has {', '.join(table.columns)}"
        )
    root, column = files
    # below the root, or from there
    keys = {"adapter": "table", "path": Path(os.path.relpath(path, root)).as_posix()}
    keys["file_column"] = column
    if role == "unlabelled":
        keys["role"] = role
    else:
        keys["label_column"] = _checked(path, table.drop(columns=column), label)
    taken = {column, keys.get("label_column", "")}
    speaker = _first(SPEAKERS, [name for name in table.columns if name not in taken])
    if speaker:
        keys["speaker_column"] = speaker
    return root, keys


def named(path: Path, keys: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return the paths that a table names and their labels, "" where it has none."""
    table = read_listing(path, ())
    files = _text(table[keys["file_column"]]).str.replace("\\", "/")
    column = keys.get("label_column")
    labels = list(_text(table[column])) if column else [""] * len(table)
    return list(files), labels


def _checked(path: Path, table: pd.DataFrame, label: str | None) -> str:
    if label is not None and label not in table.columns:
        raise CorpusError(f"{path} has no column '{label}'; {nearest(label, list(table.columns))}")
    column = _labels(table, label)
    if column is None:
        raise CorpusError(
            f"No column of {path} tells two or more classes of several recordings each; it has "
            f"{', '.join(table.columns)}: --label COLUMN names it"
        )
    return column


def _labels(table: pd.DataFrame, label: str | None) -> str | None:
    if label is not None:
        return label
    values = {name: tuple(_text(table[name])) for name in table.columns}
    fields = {
        name: Field(column, name, place)
        for place, (name, column) in enumerate(values.items())
        if len(set(column) - {""}) > 1
    }
    several = [name for name, field in fields.items() if 2 * len(field.counts) <= len(table)]
    best = class_field([*fields.values()])
    return _first(LABELS, several) or (best.pattern if best else None)


def _first(wanted: Iterable[str], names: Sequence[str]) -> str | None:
    plain = {
        name.lower().replace("_", "").replace("-", "").replace(" ", ""): name for name in names
    }
    return next((plain[name] for name in wanted if name in plain), None)


def _files(path: Path, table: pd.DataFrame) -> tuple[Path, str] | None:
    """Return the folder and the column whose values are files in it."""
    for name in table.columns:
        values = _text(table[name]).str.replace("\\", "/")
        tried = values[:: max(1, len(values) // TRIED)][:TRIED]
        if not tried.str.lower().str.endswith(SUFFIXES).mean() >= SHARE:
            continue
        for root in _folders(path.parent):
            if sum(os.path.isfile(root / file) for file in tried) >= SHARE * len(tried):
                return root, name
    return None


def _folders(base: Path) -> Iterable[Path]:
    yield base
    for place in (base, base.parent):
        yield from islice((path for path in sorted(place.iterdir()) if path.is_dir()), MOST)
    yield base.parent


def _text(column: pd.Series) -> pd.Series:
    return column.astype(str).mask(column.isna(), "").str.strip()
