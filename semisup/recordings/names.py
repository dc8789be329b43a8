r"""Names of files that are not UTF-8, as older systems and archives leave them.

Neither a table nor a terminal can hold such a name: it is written with its odd bytes as ``\xNN``,
the file is left out, and whoever reads the reason renames it.
"""

import os
import re
from pathlib import Path

NOT_UTF8 = r"its name is not UTF-8 (the odd bytes are written \xNN here): rename it"

#: How Python holds a byte that is not UTF-8, and how it is written here.
_HELD = re.compile("[\udc80-\udcff]")
_WRITTEN = re.compile(r"\\x([89a-f][0-9a-f])")


def printable(name: str) -> str:
    r"""Write the bytes of a name that are not UTF-8 as ``\xNN``.

    Examples
    --------
    >>> print(printable("caf\udce9.wav"))
    caf\xe9.wav
    """
    written = _HELD.sub(lambda held: rf"\x{ord(held[0]) - 0xDC00:02x}", name)
    # Windows allows other halves of characters, too
    return written.encode("utf-8", "backslashreplace").decode("utf-8")


def on_disk(path: Path) -> Path:
    """Return the path of the file that a printable name stands for."""
    # unlike `Path.exists`, no error for what no file system would take for a name
    if os.path.exists(path) or not _WRITTEN.search(str(path)):
        return path
    return Path(_WRITTEN.sub(lambda byte: chr(0xDC00 + int(byte[1], 16)), str(path)))


def is_not_utf8(path: Path) -> bool:
    """Tell whether a path, or the file that its printable name stands for, is not UTF-8."""
    if printable(str(path)) != str(path):
        return True
    raw = on_disk(path)
    return raw != path and os.path.lexists(raw)
