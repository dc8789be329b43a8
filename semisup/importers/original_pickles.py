r"""Feature tables from the older ``*_hlf.pickle`` and ``*_cf.pickle`` files.

In: a folder with the pickles of the original study (docs/CONCEPTS.md, Older pickles). Out: a folder
with `manifest.parquet`, the tables `handcrafted.parquet` and `code.parquet`, and a `study.toml`
that `semisup run` takes as it is.

======================== =============== ===================================================
file                     holds           becomes
======================== =============== ===================================================
training_data_hlf.pickle [X, y]          ``train_000000``, ... of the subset labelled
test_data_hlf.pickle     [X, y]          ``test_000000``, ... of the subset test
training_data_cf.pickle  [X, y, track]   chunks of the recordings ``train_<track>``
test_data_cf.pickle      [X, y]          ``test_chunk_000000``, ..., test, one chunk each
======================== =============== ===================================================

X holds vectors of 136 hand-crafted (hlf) or 64 code (cf) features; y is 0 (negative), 1 (neutral)
or 2 (positive); track is the row of the training hlf file from which a chunk was cut. A recording
shorter than a chunk has none. Names sort as the rows of the files do. Which test chunks were of one
recording was not kept: they have ``joined = False`` in the manifest, and a study that has them can
be scored by chunk only.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.artefacts import write_table, write_text
from semisup.errors import SpecError, TableError
from semisup.importers.restricted_pickle import load_plain
from semisup.study.paths import with_home

LABELS = ("negative", "neutral", "positive")
CODE_NAMES = tuple(f"code_{i:02d}" for i in range(64))
#: In pairs: neither of two is of use without the other.
FILES = (
    "training_data_hlf.pickle",
    "test_data_hlf.pickle",
    "training_data_cf.pickle",
    "test_data_cf.pickle",
)

_STUDY = """\
# Written by `semisup import-pickles`: feature tables of an older study, no audio.
name = "{name}"

[corpus]
adapter = "table"
root = "."
path = "manifest.parquet"
file_column = "recording"
audio = false

[split]
strategy = "column"
column = "subset"
allow_unknown_speakers = true   # the pickles do not say who speaks
{representations}
[curve]
{order}
scale = "none"
balance = "none"                # as in the original study
unit = "chunk"
"""
#: By file: what is added to the study's name, and the keys of the orders. The original study had
#: one order, that of its files, which says nothing of others.
_ORDERS = {
    "study.toml": (
        "",
        'order = "prefix"                # that of the files, as in the original study',
    ),
    "random_orders.toml": ("_random", "draws = 20                      # random orders"),
}
_REPRESENTATION = """
[representations.{name}]
kind = "table"
path = "{name}.parquet"
"""


class Content(NamedTuple):
    """The rows of one file; `track` is empty where the file has none."""

    features: np.ndarray  # (n, width)
    labels: np.ndarray  # (n,), int, places in LABELS
    track: np.ndarray  # (n,) or (0,), int


def import_pickles(source: Path, target: Path) -> Path:
    """Turn the older feature pickles into tables and a study file.

    Parameters
    ----------
    source : Path
        Folder with the pair of hlf files, the pair of cf files, or both.
    target : Path
        Folder to write `manifest.parquet`, `handcrafted.parquet`, `code.parquet`, `study.toml` and
        `random_orders.toml` in; made if it is not there. Its name becomes the study's.

    Returns
    -------
    Path
        The study file; that of random orders lies beside it.

    Raises
    ------
    TableError
        If there is no whole pair, or listing everything that is wrong in the files: a name that a
        pickle must not ask for, wrong widths, lengths, labels or tracks, values that are not
        numeric.
    SpecError
        If the target has another study file already.
    """
    source, target = with_home(source), with_home(target)
    contents = _read_all(source)
    kinds = {"handcrafted": "hlf", "code": "cf"}
    tables = {
        name: _table(name, *_pair(contents, kind))
        for name, kind in kinds.items()
        if f"test_data_{kind}.pickle" in contents
    }
    studies = _studies(target, list(tables))
    # before anything is written: a study file that its user has changed is not ours to replace
    for path, study in studies.items():
        if path.exists() and path.read_text(encoding="utf-8") != study:
            raise SpecError(
                f"{path} is there and is not what would be written; choose another folder"
            )
    for name, table in tables.items():
        write_table(target / f"{name}.parquet", table)
    write_table(target / "manifest.parquet", _manifest(contents))
    for path, study in studies.items():
        write_text(path, study)
    return next(iter(studies))


def _pair(contents: dict[str, Content], kind: str) -> tuple[Content, Content]:
    return contents[f"training_data_{kind}.pickle"], contents[f"test_data_{kind}.pickle"]


def _read_all(source: Path) -> dict[str, Content]:
    """Read the files that are there; one error lists everything wrong in any of them."""
    present = [name for name in FILES if (source / name).exists()]
    if not present:
        raise TableError(f"{source} has none of the files {', '.join(FILES)}")
    problems = [
        f"{name} is there, but {other} is not"
        for pair in (FILES[:2], FILES[2:])
        for name, other in (pair, pair[::-1])
        if name in present and other not in present
    ]
    read = {name: _read(source / name, problems) for name in present}
    contents = {name: content for name, content in read.items() if content is not None}
    if "training_data_cf.pickle" in contents:
        _check_tracks(contents, problems)
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise TableError(f"The pickles in {source} have {count}:\n  " + "\n  ".join(problems))
    return contents


def _read(path: Path, problems: list[str]) -> Content | None:
    """Read one file, or add to the problems what is wrong with it."""
    wanted = ["X", "y", "track"] if path.name == "training_data_cf.pickle" else ["X", "y"]
    try:
        content = load_plain(path)
    except TableError as error:
        problems.append(str(error))
        return None
    sizes = [_length(item) for item in content] if isinstance(content, list) else []
    if len(sizes) != len(wanted) or len(set(sizes)) != 1 or not sizes[0]:
        problems.append(
            f"{path.name} must be a list [{', '.join(wanted)}] of equal lengths above 0; "
            f"found {_describe(sizes)}"
        )
        return None
    vectors, *numbers = content
    features = _features(path.name, vectors, problems)
    labels = _whole_numbers(path.name, "label", numbers[0], len(LABELS), problems)
    tracks = numbers[1] if "track" in wanted else []
    track = _whole_numbers(path.name, "track", tracks, 2**31, problems)
    if features is None or labels is None or track is None:
        return None
    return Content(features, labels, track)


def _length(item: Any) -> int | None:
    return len(item) if isinstance(item, list) or np.ndim(item) else None


def _describe(sizes: list[int | None]) -> str:
    if not sizes:
        return "no list"
    return "lengths " + ", ".join("none" if size is None else str(size) for size in sizes)


def _features(name: str, vectors: Any, problems: list[str]) -> np.ndarray | None:
    width, dtype = (136, np.float64) if "hlf" in name else (64, np.float32)
    rows = [_vector(vector, dtype) for vector in vectors]
    wrong = [i for i, row in enumerate(rows) if row is None or row.shape != (width,)]
    if wrong:
        row = rows[wrong[0]]
        what = "not a vector of numbers" if row is None else f"of shape {row.shape}"
        problems.append(
            f"{name}: {len(wrong)} of {len(rows)} rows are no vectors of {width} numbers; "
            f"the first is row {wrong[0]}, {what}"
        )
        return None
    features = np.stack([row for row in rows if row is not None])
    bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(bad):
        problems.append(
            f"{name}: {len(bad)} of {len(rows)} rows hold NaN or infinite values; "
            f"the first is row {bad[0]}"
        )
        return None
    return features


def _vector(values: Any, dtype: type[np.floating]) -> np.ndarray | None:
    try:
        with np.errstate(over="ignore"):  # too large for float32 is infinite, and listed as such
            return np.asarray(values, dtype=dtype)
    except (ValueError, TypeError, OverflowError):
        return None


def _whole_numbers(
    name: str, what: str, values: Any, below: int, problems: list[str]
) -> np.ndarray | None:
    numbers = _vector(values, np.float64)
    if numbers is None or numbers.ndim != 1:
        problems.append(f"{name}: the {what}s are not one whole number a row")
        return None
    bad = np.flatnonzero((numbers % 1 != 0) | ~((numbers >= 0) & (numbers < below)))
    if len(bad):
        problems.append(
            f"{name}: {len(bad)} of {len(numbers)} {what}s are not whole numbers from 0 to "
            f"{below - 1}; the first is row {bad[0]}, {numbers[bad[0]]:g}"
        )
        return None
    return numbers.astype(np.int64)


def _check_tracks(contents: dict[str, Content], problems: list[str]) -> None:
    """Check that the training chunks are of recordings that there are, with the same label."""
    name = "training_data_cf.pickle"
    chunks = contents[name]
    labels = _training_labels(contents)
    outside = np.flatnonzero(~np.isin(chunks.track, labels.index))
    if len(outside):
        problems.append(
            f"{name}: {len(outside)} chunks have a track that is no row of "
            f"training_data_hlf.pickle (0 to {len(labels) - 1}); the first is row {outside[0]}, "
            f"track {chunks.track[outside[0]]}"
        )
        return
    actual = labels[chunks.track].to_numpy()
    other = np.flatnonzero(actual != chunks.labels)
    if len(other):
        row = other[0]
        problems.append(
            f"{name}: {len(other)} chunks have another label than their recording; the first is "
            f"row {row}, {LABELS[chunks.labels[row]]}, of the recording "
            f"{_names('train', [chunks.track[row]])[0]}, {LABELS[actual[row]]}"
        )


def _training_labels(contents: dict[str, Content]) -> "pd.Series[int]":
    """Return the label of each training recording by its number, ascending."""
    if "training_data_hlf.pickle" in contents:
        return pd.Series(contents["training_data_hlf.pickle"].labels)
    # recordings too short for a chunk are not in this file, and so not in the study
    chunks = contents["training_data_cf.pickle"]
    return pd.Series(chunks.labels).groupby(chunks.track).first()


def _names(prefix: str, numbers: Any) -> list[str]:
    """Name recordings so that names sort as their numbers do (up to a million)."""
    return [f"{prefix}_{number:06d}" for number in numbers]


def _table(name: str, training: Content, test: Content) -> pd.DataFrame:
    """Make a feature table: recording, chunk (-1 for a whole recording), the features."""
    features = np.concatenate([training.features, test.features])
    if name == "handcrafted":
        from semisup.signals.handcrafted import FEATURE_NAMES

        of_training = _names("train", range(len(training.labels)))
        recording = of_training + _names("test", range(len(test.labels)))
        columns, chunk = list(FEATURE_NAMES), np.full(len(recording), -1)
    else:
        of_training = _names("train", training.track)
        recording = of_training + _names("test_chunk", range(len(test.labels)))
        # The test names differ, so each test chunk is the first of its own.
        columns, chunk = list(CODE_NAMES), pd.Series(recording).groupby(recording).cumcount()
    table = pd.DataFrame(features, columns=columns)
    table.insert(0, "recording", recording)
    table.insert(1, "chunk", np.asarray(chunk, dtype=np.int32))
    return table


def _manifest(contents: dict[str, Content]) -> pd.DataFrame:
    training = _training_labels(contents)
    rows = [_rows("train", "labelled", training.index, training, joined=True)]
    for name, prefix in (("hlf", "test"), ("cf", "test_chunk")):
        if (test := contents.get(f"test_data_{name}.pickle")) is not None:
            numbers = range(len(test.labels))
            rows.append(_rows(prefix, "test", numbers, test.labels, joined=name == "hlf"))
    return pd.concat(rows, ignore_index=True)


def _rows(prefix: str, subset: str, numbers: Any, labels: Any, joined: bool) -> pd.DataFrame:
    blank = {"speaker": "", "seconds": np.nan, "start": np.nan, "end": np.nan}
    recording = pd.Series(_names(prefix, numbers), dtype=str)
    table = pd.DataFrame({"recording": recording, "path": ""})
    return table.assign(
        label=[LABELS[label] for label in labels], **blank, subset=subset, joined=joined
    )


def _studies(target: Path, tables: list[str]) -> dict[Path, str]:
    """Return the study files by their paths, the original order first."""
    # The name goes into file names: what a folder may have and a study may not becomes "_".
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", target.resolve().name).lstrip("_.-") or "imported"
    representations = "".join(_REPRESENTATION.format(name=table) for table in tables)
    return {
        target / file: _STUDY.format(
            name=name + added, representations=representations, order=order
        )
        for file, (added, order) in _ORDERS.items()
    }
