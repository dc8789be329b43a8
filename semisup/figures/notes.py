"""What must be said of a study's representations, read from the notes that runs leave beside it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from semisup.features.speakers import TRANSDUCTIVE


def notes_beside(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return what must be said of representations: what is wrong with it, "transductive" or both.

    Parameters
    ----------
    folder : Path
        A study's folder; ``<name>/health.json`` and ``transductive.json`` are looked for in it.
    names : iterable of str
        Representations.
    """
    marked = transductive_beside(folder)
    notes = {
        name: [_note(_health(folder, name)), TRANSDUCTIVE * (name in marked)] for name in names
    }
    return {name: ", ".join(filter(None, said)) for name, said in notes.items() if any(said)}


def is_collapsed(folder: Path, name: str) -> bool:
    """Tell whether the health of a representation says that it is collapsed."""
    return bool(_health(folder, name).get("collapsed"))


def _health(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name / "health.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _note(health: dict[str, Any]) -> str:
    # kinds that say no more of themselves than that they are collapsed have no note
    return str(health.get("note", "")) or "collapsed" * bool(health.get("collapsed"))


def transductive_beside(folder: Path) -> list[str]:
    """Return the representations that use a speaker's other recordings, as a run has noted."""
    return names_in(folder / "transductive.json")


def names_in(path: Path) -> list[str]:
    """Return the names that a run has noted in a file; none where it has not."""
    return json.loads(path.read_text("utf-8")) if path.exists() else []
