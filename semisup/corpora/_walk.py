"""Files below a folder, links followed.

In: a folder and a pattern. Out: paths relative to it. A circle of links ends where it comes back
to a folder that it is in; a link to nothing is a path, so that it can be named.
"""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from semisup.errors import CorpusError
from semisup.recordings.names import printable


class _Place(NamedTuple):
    """A folder on the way down.

    Parameters
    ----------
    path : str
        Relative to the root, with a slash at its end; "" for the root.
    above : frozenset of (int, int)
        Devices and inodes of the folder and of all that it is in.
    linked : bool
        Whether a link led here.
    """

    path: str
    above: frozenset[tuple[int, int]]
    linked: bool


def files_below(root: Path, pattern: str) -> Iterator[str]:
    """Yield the files, and the links to nothing, that match a pattern of `Path.glob`.

    Hidden files and folders (such as the ``._x.wav`` that macOS leaves behind) hold no recordings.

    Raises
    ------
    CorpusError
        If a folder cannot be listed: what is in it would vanish.
    """
    if not root.is_dir():
        return
    start = _Place("", frozenset({_identity(str(root))}), linked=False)
    yield from _matching(root, start, tuple(pattern.split("/")), set(start.above))


def _matching(
    root: Path, place: _Place, parts: tuple[str, ...], seen: set[tuple[int, int]]
) -> Iterator[str]:
    first, rest = parts[0], parts[1:]
    anywhere = first == "**"
    if anywhere:
        yield from _matching(root, place, rest, seen)
    for entry in _entries(root, place):
        if not anywhere and not fnmatchcase(entry.name, first):
            continue
        if not os.path.isdir(entry):
            # of a pattern that goes deeper, a link to nothing may be a folder that is gone
            if not anywhere and (not rest or not os.path.exists(entry)):
                yield place.path + entry.name
        elif anywhere or rest:
            inner = _enter(place, entry, seen)
            if inner is not None:
                yield from _matching(root, inner, parts if anywhere else rest, seen)


def _entries(root: Path, place: _Place) -> list[os.DirEntry[str]]:
    folder = root / place.path
    try:
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise CorpusError(
            f"The folder {printable(str(folder))} cannot be listed: {error.strerror}"
        ) from error
    return sorted(visible, key=lambda entry: entry.name)


def _enter(place: _Place, entry: os.DirEntry[str], seen: set[tuple[int, int]]) -> _Place | None:
    """Return the folder of an entry, None where a link leads back or on to what is listed."""
    identity = _identity(entry.path)
    is_link = entry.is_symlink()
    # links from within a linked folder lead to what is new only: folders that link to each other
    # would have as many paths as there are orders of them
    if identity in place.above or (is_link and place.linked and identity in seen):
        return None
    seen.add(identity)
    return _Place(f"{place.path}{entry.name}/", place.above | {identity}, place.linked or is_link)


def _identity(path: str) -> tuple[int, int]:
    stat = os.stat(path)
    return stat.st_dev, stat.st_ino
