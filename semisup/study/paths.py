"""Paths of a study file: variables and ``~`` expanded, looked for beside the file first."""

import os
import re
from difflib import get_close_matches
from pathlib import Path

from semisup.errors import SpecError
from semisup.remote.urls import is_url, was_url
from semisup.study.spelling import on_disk_as

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|([A-Za-z_]\w*))")


def expand(text: str, where: str = "path") -> str:
    """Replace ``${VAR}``, ``${VAR:-default}`` and ``$VAR``.

    Raises
    ------
    SpecError
        If the variable of a ``${VAR}`` is not set; a ``$VAR`` then is a name with a dollar in it.

    Examples
    --------
    >>> expand("${SEMISUP_NO_SUCH_VARIABLE:-corpora}/ravdess")
    'corpora/ravdess'
    """

    def value(match: re.Match[str]) -> str:
        name, default, bare = match.groups()
        if bare:
            return os.environ.get(bare) or match[0]
        # as in a shell, ":-" takes the default for an empty variable too
        content = os.environ.get(name) or default
        if content is None:
            raise SpecError(f"{where} uses ${{{name}}}, but the variable {name} is not set")
        return content

    return _VARIABLE.sub(value, text)


def with_home(path: Path | str) -> Path:
    """Replace a leading ``~``, which shells leave as it is in ``--out=~/results`` and in quotes.

    Raises
    ------
    SpecError
        If it is a URL where a path must be.

    Examples
    --------
    >>> with_home("~/results") == Path.home() / "results"
    True
    >>> with_home("~$notes.wav").name
    '~$notes.wav'
    """
    if was_url(path) and not os.path.lexists(path):
        raise SpecError(
            f"{path} is a URL: of a study its corpora, tables and weights may be at URLs, and its "
            "--out; all else is on this machine"
        )
    try:
        return Path(path).expanduser()
    except RuntimeError:  # nobody of that name: as in a shell, it is the name of a file
        return Path(path)


def instead_of(path: Path, most: int = 5) -> str:
    """Say what there is instead of a path that is not there: a like name, or what lies around.

    Parameters
    ----------
    path : Path
    most : int
        How many names to show.
    """
    path = path.absolute()
    folder = next(above for above in path.parents if os.path.isdir(above))
    missing = path.relative_to(folder).parts[0]
    try:
        entries = sorted(entry for entry in folder.iterdir() if entry.name[0] != ".")
        names = {entry.name.casefold(): f"{entry.name}{'/' * entry.is_dir()}" for entry in entries}
    except OSError:
        return f"{folder} is there, but may not be read"
    close = get_close_matches(missing.casefold(), names, n=1, cutoff=0.6)
    if close:
        return f"{folder} has '{names[close[0]]}'"
    shown = ", ".join([*names.values()][:most]) + ", ..." * (len(names) > most)
    return f"{folder} has {shown or 'nothing in it'}"


def find_path(text: str, base: Path) -> Path:
    """Return the path meant: below the study file's folder, unless it is there as given alone.

    Of a URL it is that of the copy here, which is fetched.
    """
    text = expand(text)
    if is_url(text):
        from semisup.remote.inputs import fetched  # imports pandas, and help must not

        return fetched(text)
    path = with_home(text)
    beside, given = on_disk_as(base / path), on_disk_as(path)
    # of one that is nowhere, a message names the first place where it was looked for
    return given if given.exists() and not beside.exists() else beside
