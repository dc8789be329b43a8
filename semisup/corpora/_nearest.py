"""The nearest folder that would do: where a corpus folder is missing or holds something else.

In: the folder that was named, and what it should hold. Out: one that holds it, or None. The search
goes down from the folder and from those above it, and ends after some thousand names.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

#: Names of files and folders that are looked at, steps down, and folders above that are searched.
MOST, DEPTH, ABOVE = 5000, 4, 2

Fits = Callable[[Path], bool]


def nearest_folder(root: Path, fits: Fits) -> Path | None:
    """Return a folder near to another one that fits, of several the one whose name is most alike.

    Parameters
    ----------
    root : Path
        Which does not fit, or is not there.
    fits : callable
        Tells whether a folder holds what it should.
    """
    root = root.absolute()
    start = next(folder for folder in (root, *root.parents) if os.path.isdir(folder))
    left = [MOST]
    for base in (start, *start.parents[:ABOVE]):
        # all files of a system, or of all people on it, are not near to anything
        if base in (Path(base.anchor), Path.home().parent):
            return None
        found = [folder for folder in _below(base, left) if fits(folder)]
        if found:
            return max(found, key=lambda folder: (_likeness(folder, root), -len(folder.parts)))
    return None


def _below(base: Path, left: list[int]) -> Iterator[Path]:
    """Yield a folder and those below it, nearest first, until enough names have been seen."""
    waiting = deque([(base, 0)])
    while waiting and left[0] > 0:
        folder, depth = waiting.popleft()
        yield folder
        if depth == DEPTH:
            continue
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if entry.name[0] != ".")
        except OSError:  # of others, or gone
            continue
        left[0] -= len(names)
        waiting += [(folder / n, depth + 1) for n in names if os.path.isdir(folder / n)]


def _likeness(folder: Path, root: Path) -> float:
    names = folder.name.casefold(), root.name.casefold()
    return round(SequenceMatcher(None, *names).ratio(), 2)


def holds_files(folder: Path, patterns: Sequence[str], wanted: Fits) -> bool:
    """Tell whether a file that matches a pattern is wanted; the first of each are looked at."""
    try:
        return any(
            wanted(path)
            for pattern in patterns
            for _, path in zip(range(20), folder.glob(pattern), strict=False)
        )
    except OSError:
        return False
