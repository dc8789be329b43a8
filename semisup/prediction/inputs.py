"""Files to predict: files, folders and patterns in; files out, each once."""

import glob
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from semisup.engine.progress import say
from semisup.errors import BadAudioError
from semisup.prediction.recipe import PICTURE, SOUND
from semisup.recordings.formats import is_audio
from semisup.recordings.names import printable
from semisup.recordings.pictures import is_picture
from semisup.study.paths import with_home


def files_of(named: Iterable[Path | str], media: Collection[str]) -> list[Path]:
    """Return the files that are meant.

    Parameters
    ----------
    named : iterable of Path or str
        Files, folders, which are looked through to their last sub-folder, and patterns such as
        ``"talks/**/*.wav"`` that no shell has replaced.
    media : collection of {"sound", "picture"}
        What is taken from folders and patterns; a file that is named is taken as it is.

    Returns
    -------
    list of Path
        In the order of the names, those of a folder or pattern sorted.

    Raises
    ------
    BadAudioError
        If a folder holds no recording, or no file is like a pattern.
    """
    meant = (_meant(with_home(Path(printable(str(name)))), media) for name in named)
    return list(dict.fromkeys(path for paths in meant for path in paths))


def _meant(path: Path, media: Collection[str]) -> list[Path]:
    if path.is_dir():
        return _recordings(path, list(_below(path)), media)
    if path.exists() or not glob.has_magic(str(path)):
        return [path]  # of one that is not there it is said later, with all others
    like = sorted(Path(name) for name in glob.glob(str(path), recursive=True))
    if not like:
        raise BadAudioError(f"{path}: no file is like this pattern")
    files = [file for one in like for file in (_below(one) if one.is_dir() else [one])]
    return _recordings(path, files, media)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and its sub-folders in order, without hidden ones."""
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        yield from (Path(above) / name for name in sorted(names) if name[0] != ".")


def _recordings(place: Path, files: list[Path], media: Collection[str]) -> list[Path]:
    taken = [file for file in files if _is_taken(file, media)]
    if not taken:
        what = " or ".join({SOUND: "recording", PICTURE: "picture"}[name] for name in media)
        raise BadAudioError(f"{place}: there is no {what} in it, of {len(files)} files")
    others = len(files) - len(taken)
    rest = f", {others:,} other{'s' * (others != 1)} left out" if others else ""
    say(f"{place}: {len(taken):,} file{'s' * (len(taken) != 1)}{rest}")
    return taken


def _is_taken(file: Path, media: Collection[str]) -> bool:
    return (PICTURE in media and is_picture(file)) or (SOUND in media and is_audio(file))
