"""Artefacts on disk: written whole or not at all, each with its fingerprint beside it.

A fingerprint is a hash of everything that an artefact was made from. An artefact is current where
the fingerprint beside it is the one that it would be made with now.
"""

import csv
import hashlib
import json
import os
import platform
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from semisup.engine.failures import writing

#: This machine, in a few letters that fit into any name.
_HERE = hashlib.sha256(platform.node().encode()).hexdigest()[:6]

#: Names under which artefacts are written, as `partial_path` makes them, and did without threads.
_PARTIAL = re.compile(r"\..+\.[0-9a-f]{6}-\d+(-\d+)?\.partial(\.\w+)?", re.DOTALL)
#: Of the name of the file that holds a fingerprint.
_SUFFIX = ".fingerprint"


def fingerprint(*parts: Any) -> str:
    """Hash anything that JSON can write.

    Examples
    --------
    >>> fingerprint("split", 1, {"seed": 0}) == fingerprint("split", 1, {"seed": 0})
    True
    >>> fingerprint("split", 1) == fingerprint("split", 2)
    False
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    # 128 bits: short enough for names of files and folders, too many to meet twice by chance
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def file_hash(path: Path) -> str:
    """Return a hash of a user's file, such as a table or weights, "" where there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def table_fingerprint(table: pd.DataFrame) -> str:
    """Hash the columns, the row order and the values of a table."""
    # pandas hashes rows alone, so that a renamed column would go unnoticed
    hashed = pd.util.hash_pandas_object(table, index=False).to_numpy()
    return fingerprint(list(table.columns), hashlib.sha256(hashed.tobytes()).hexdigest())


def partial_path(path: Path) -> Path:
    """Return the temporary name of an artefact, by which nobody else writes it.

    It keeps the suffix, which tells many libraries what to write, and has machine, process and
    thread: work of two runs, of two workers of a cluster, or of two threads of one worker may make
    the same artefact at once.
    """
    me = f"{_HERE}-{os.getpid()}-{threading.get_native_id()}"
    return path.with_name(f".{path.stem}.{me}.partial{path.suffix}")


def write_whole(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` make a file or folder under a temporary name, then rename it to `path`.

    Raises
    ------
    OutputError
        If the file system does not let it: what is there stays.
    """
    partial = partial_path(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(partial)
        try:
            write(partial)
            # a file is replaced in one move; a folder cannot be while another is in its place, and
            # a folder that is in the place of a file is not ours to remove
            if path.is_dir() and partial.is_dir():
                _remove(path)
            os.replace(partial, path)
        finally:
            _remove(partial)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file whole, UTF-8, with line feeds on every system."""
    return write_whole(path, lambda partial: partial.write_bytes(text.encode()))


def write_json(path: Path, content: Any) -> Path:
    """Write JSON with sorted keys and an indent of two."""
    return write_text(
        path, json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )


def write_table(path: Path, table: pd.DataFrame) -> Path:
    """Write a table whole, as Parquet or CSV by the suffix; the same table gives the same bytes."""
    if path.suffix == ".parquet":
        return write_whole(path, lambda partial: table.to_parquet(partial, index=False))
    quoting = csv.QUOTE_NONNUMERIC if _has_returns(table) else csv.QUOTE_MINIMAL
    return write_whole(
        path,
        lambda partial: table.to_csv(partial, index=False, lineterminator="\n", quoting=quoting),
    )


def _has_returns(table: pd.DataFrame) -> bool:
    """Tell whether a cell holds a carriage return, which csv leaves bare and ends a row for it."""
    texts = table.select_dtypes(["object", "string", "category"])
    return any("\r" in str(name) for name in table) or any(
        texts[name].astype(str).str.contains("\r", regex=False).any() for name in texts
    )


def fingerprint_path(path: Path) -> Path:
    """Return the file that holds the fingerprint of an artefact."""
    return path.with_name(f".{path.name}{_SUFFIX}")


def begun(paths: Iterable[Path]) -> list[Path]:
    """Mark what a run is about to make as its own and not finished; return what was not marked.

    Whatever ends the run from now on, a later one knows these artefacts from files of the user's.
    """
    paths = list(paths)
    new = [path for path in paths if not fingerprint_path(path).exists()]
    for path in paths:
        write_text(fingerprint_path(path), "")
    return new


def forsake(paths: Iterable[Path]) -> None:
    """Take back the marks of artefacts that were not made after all."""
    for path in paths:
        if not os.path.lexists(path):
            fingerprint_path(path).unlink(missing_ok=True)
            # folders that were made for the marks
            with suppress(OSError):
                path.parent.rmdir()


def marked_in(folder: Path, but: Iterable[str] = ()) -> Iterator[Path]:
    """Yield every artefact below a folder, finished or not, by its mark, and what was half written.

    Parameters
    ----------
    folder : Path
    but : iterable of str
        Folders in it that are left out.
    """
    left_out = {str(folder / name) for name in but}
    for above, folders, names in os.walk(folder):
        here = Path(above)
        # stores of arrays are artefacts, not folders of them
        folders[:] = [
            name for name in folders if name[-5:] != ".zarr" and str(here / name) not in left_out
        ]
        for name in (*names, *folders):
            if name.startswith(".") and name.endswith(_SUFFIX):
                yield here / name.removeprefix(".").removesuffix(_SUFFIX)
            elif _PARTIAL.fullmatch(name):
                yield here / name


def remove(path: Path) -> None:
    """Remove an artefact and its mark, and its folder if that leaves it empty."""
    _remove(path)
    fingerprint_path(path).unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def seal(paths: Iterable[Path], fingerprint: str) -> None:
    """Write the fingerprint beside each finished artefact."""
    for path in paths:
        write_text(fingerprint_path(path), fingerprint + "\n")


def is_current(paths: Iterable[Path], fingerprint: str) -> bool:
    """Tell whether all artefacts are there and were made with this fingerprint."""
    return all(
        path.exists()
        and fingerprint_path(path).exists()
        and fingerprint_path(path).read_text().strip() == fingerprint
        for path in paths
    )


def is_sealed(path: Path) -> bool:
    """Tell whether a fingerprint lies beside a path."""
    return fingerprint_path(path).exists()


def discard(paths: Iterable[Path]) -> None:
    """Take the fingerprints away: the artefacts are made again, and stay, marked, till then."""
    begun(path for path in paths if is_sealed(path))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
