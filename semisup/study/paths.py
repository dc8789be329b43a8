"""Paths of a study file: ``${VAR}`` and ``~`` expanded, looked for beside the file first."""

import os
import re
from pathlib import Path

from semisup.errors import SpecError

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def expand(text: str, where: str = "path") -> str:
    """Replace ``${VAR}`` and ``${VAR:-default}``.

    Examples
    --------
    >>> expand("${SEMISUP_NO_SUCH_VARIABLE:-corpora}/ravdess")
    'corpora/ravdess'
    """

    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        # as in a shell, ":-" takes the default for an empty variable too
        content = os.environ.get(name) or default
        if content is None:
            raise SpecError(f"{where} uses ${{{name}}}, but the variable {name} is not set")
        return content

    return _VARIABLE.sub(value, text)


def find_path(text: str, base: Path) -> Path:
    """Return the path meant: below the study file's folder if it is there, else as given."""
    path = Path(expand(text)).expanduser()
    beside = base / path
    return beside if beside.exists() else path
