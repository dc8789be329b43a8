"""The contents of an exported folder: a hash of every file, so that none is changed unseen.

Hashes tell damage and changes by hand. Who may write the folder can write new ones: what keeps a
stranger's folder from running anything is how its files are read (`semisup.prediction.fitted`).
"""

import hashlib
import json
import os
from pathlib import Path

from semisup.engine.artefacts import write_json
from semisup.errors import SemisupError

NAME = "contents.json"


def is_sealed(folder: Path) -> bool:
    """Tell whether a folder claims to be an exported one."""
    return (folder / NAME).is_file()


def seal_folder(folder: Path) -> Path:
    """Write the hashes of all files of a folder."""
    return write_json(folder / NAME, _contents(_hashes(folder)))


def check_folder(folder: Path) -> None:
    """Raise where a file of a sealed folder is missing, changed or was added.

    Raises
    ------
    SemisupError
        Naming the first such file.
    """
    try:
        sealed = json.loads((folder / NAME).read_bytes())
        told = dict(sealed["files"])
        is_whole = sealed == _contents(told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        is_whole = False
    if not is_whole:
        raise SemisupError(
            f"{folder / NAME} is missing or has been changed: export the model again"
        )
    there = _hashes(folder)
    for name in sorted({*told, *there}):
        if told.get(name) != there.get(name):
            what = "is missing" if name not in there else "has been changed"
            what = what if name in told else "is no file of the model"
            raise SemisupError(f"{folder / name} {what} since the model was exported")


def _contents(files: dict[str, str]) -> dict[str, object]:
    """Return hashes with a hash of them all, which names the model."""
    text = json.dumps(files, sort_keys=True)
    return {"files": files, "model": hashlib.sha256(text.encode()).hexdigest()}


def _hashes(folder: Path) -> dict[str, str]:
    """Return the hash of every file by its path; hidden ones, such as of file managers, aside."""
    paths = [
        Path(above) / name
        for above, folders, names in os.walk(folder)
        for name in (*names, *(one for one in folders if (Path(above) / one).is_symlink()))
        if name[0] != "." and name != NAME
    ]
    return {path.relative_to(folder).as_posix(): _hash(path) for path in paths}


def _hash(path: Path) -> str:
    # a link leads out of the folder: none is exported, and none is followed
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
