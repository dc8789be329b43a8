"""URLs, and where this machine keeps its copies of what is there.

``s3://bucket/folder`` is at ``<cache>/inputs/s3/bucket/folder`` where it is read, and below
``outputs`` where it is written: a place tells its URL, and all that works on folders works on it.
"""

import os
import re
from pathlib import Path

from semisup.errors import SpecError

#: Where copies are kept; a folder on a shared disk where workers of a cluster must see them.
VARIABLE = "SEMISUP_CACHE"
# two letters at least: one letter is a drive of Windows
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
#: What `Path` makes of a URL.
_COLLAPSED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")


def is_url(text: str | Path) -> bool:
    """Tell a URL from a path.

    Examples
    --------
    >>> is_url("s3://bucket/folder"), is_url("folder"), is_url("c:/folder")
    (True, False, False)
    """
    return _URL.match(str(text)) is not None


def was_url(path: Path | str) -> bool:
    """Tell what was a URL before somebody took it for a path.

    Examples
    --------
    >>> was_url(Path("s3://bucket/folder")), was_url("s3://bucket"), was_url(Path("c:/folder"))
    (True, True, False)
    """
    return is_url(path) or _COLLAPSED.match(str(path)) is not None


def cache() -> Path:
    """Return the folder of all copies, in the user's cache where no variable names one."""
    usual = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get(VARIABLE) or f"{usual}/semisup").expanduser().absolute()


def input_place(url: str) -> Path:
    """Return where the copy of a folder or file is that is read."""
    return cache() / "inputs" / _path_of(url)


def output_place(root: Path | str) -> Path:
    """Return the root of artefacts: the place of a URL's copy, or the path as it is."""
    # whoever made a path of a URL meant the URL
    text = _COLLAPSED.sub(r"\1://", str(root)) if isinstance(root, Path) else root
    return cache() / "outputs" / _path_of(text) if is_url(text) else Path(root)


def url_of(folder: Path) -> str:
    """Return the URL of a folder that is the copy of one to write, "" of any other."""
    outputs = cache() / "outputs"
    if not folder.absolute().is_relative_to(outputs):
        return ""
    protocol, _, rest = folder.absolute().relative_to(outputs).as_posix().partition("/")
    return f"{protocol}://{'/' * (protocol == 'file')}{rest}"


def _path_of(url: str) -> str:
    match = _URL.match(url)
    parts = match[2].strip("/").split("/") if match else []
    if match is None or not parts[0] or {"", ".", ".."} & set(parts):
        raise SpecError(
            f"'{url}' is no URL of a folder or file: s3://BUCKET/FOLDER is, without '..' or an "
            "empty name in it"
        )
    return "/".join([match[1].lower(), *parts])
