"""What a run has read, noted as it goes, and looked at again before what is made of it is sealed.

A lock keeps two runs apart, but not everywhere (some network drives have none), and a recording can
be replaced while its features are computed. A step that was made while one of its inputs changed is
made again; what changed decides by its content, as ever, if that makes a difference.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from semisup.engine.artefacts import discard, fingerprint_path, is_sealed
from semisup.errors import SemisupError

#: Size, time of the content, time of any change: programs can set the second back, not the third.
State = tuple[int, int, int]
#: Of a file that is not there.
MISSING: State = (-1, -1, -1)
#: Changed files that a sentence names.
_NAMED = 2


class ChangedError(SemisupError):
    """What a step was made of is another thing than when it began."""


class Noted:
    """Files and artefacts as a run has read them."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}

    def note(self, paths: Iterable[Path]) -> None:
        """Keep the state that files, or artefacts and their fingerprints, have now."""
        for path in paths:
            for file in (path, fingerprint_path(path)):
                self._states[str(file)] = state_of(file)

    def note_as(self, path: str, state: State) -> None:
        """Keep the state that a file had when it was looked at."""
        self._states[path] = state

    def changed(self, but: Iterable[Path] = ()) -> list[Path]:
        """Return what differs now from what was noted, `but` for some artefacts."""
        left_out = {str(file) for path in but for file in (path, fingerprint_path(path))}
        return [
            Path(path)
            for path, state in self._states.items()
            if path not in left_out and state_of(path) != state
        ]


def state_of(path: str | Path) -> State:
    """Return what tells a changed file, without reading it."""
    try:
        stat = os.stat(path)
    # of ValueError are names that hold a zero byte
    except (OSError, ValueError):
        return MISSING
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def refuse(changed: list[Path], step: str) -> None:
    """Let artefacts that changed be made again, and say what a step cannot be sealed for.

    Raises
    ------
    ChangedError
        If there is anything.
    """
    if not changed:
        return
    discard(path for path in changed if is_sealed(path))
    names = ", ".join(map(str, changed[:_NAMED]))
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    raise ChangedError(f"{names}{more} changed while '{step}' was made from it")
