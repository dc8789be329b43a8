"""Names in two forms of Unicode: composed (one code for an é), decomposed (an e and its accent).

macOS and archives made there decompose the names of files; lists of them are mostly composed. To a
person, and here, they are the same name; where a folder has both, each is what it says.
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from unicodedata import normalize

#: Characters that choose between two looks of the one before.
SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def escaped(text: str) -> str:
    r"""Write characters by their codes.

    Examples
    --------
    >>> print(escaped("\u200b"))
    \u200b
    """
    return text.encode("unicode_escape").decode()


def composed(name: str) -> str:
    r"""Return the form of a name by which names are compared.

    Examples
    --------
    >>> composed("cafe\u0301") == "caf\u00e9"
    True
    """
    return normalize("NFC", name)


def on_disk_as(path: Path) -> Path:
    """Return a path as the file system spells it, or as it is where there is nothing like it."""
    if str(path).isascii() or os.path.lexists(path):
        return path
    found = Path(path.anchor)
    for part in path.relative_to(path.anchor).parts:
        name = part if os.path.lexists(found / part) else _spelled(found, part)
        if name is None:
            return path
        found /= name
    return found


def renamed(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    r"""Return the known name that each of some others is another form of.

    Names that are known themselves, and forms of one that is there too, are left out.

    Examples
    --------
    >>> renamed(["cafe\u0301", "tea"], ["caf\u00e9"]) == {"cafe\u0301": "caf\u00e9"}
    True
    """
    there, meant = set(names), set(known)
    forms = {composed(name): name for name in meant - there}
    # of several forms of one name the first is it, the others are other names
    others = {composed(name): name for name in sorted(there - meant, reverse=True)}
    return {others[form]: name for form, name in forms.items() if form in others}


def _spelled(folder: Path, name: str) -> str | None:
    try:
        changed = os.stat(folder).st_mtime_ns
        return _entries(folder, changed).get(composed(name))
    # no folder, or one that may not be read
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=16)
def _entries(folder: Path, changed: int) -> dict[str, str]:
    """Return the names in a folder by their composed forms; of several the first."""
    names = sorted(os.listdir(folder), reverse=True)
    return {composed(name): name for name in names if not name.isascii()}
