"""What lies in a folder: a corpus that has an adapter, a table of recordings, or named files.

In: a folder or a table, and someone to ask. Out: the keys of a `[corpus]` table, the recordings
that its adapter lists with them, and lines that say what was taken for what.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from semisup import registry
from semisup.corpora import Corpus, adapter, audio_files, other_labels
from semisup.drafting import columns
from semisup.drafting.fields import fields_of, values_of
from semisup.drafting.guesses import class_field, speaker_field
from semisup.errors import CorpusError, SpecError
from semisup.recordings.formats import SUFFIXES
from semisup.recordings.pictures import is_picture

#: What `[corpus] speaker_pattern` is where nobody knows the speakers: each file is by itself.
EACH_ITSELF = "(.+)"
#: The label pattern that the adapter `folder` needs none for.
FIRST_FOLDER = "^([^/]+)/"
EXAMPLES = 3

#: Is asked for a class or a speaker pattern: what it is of, the guess or None, and the paths.
#: Answers with a pattern, None for no such thing.
Ask = Callable[[str, str | None, Sequence[str]], str | None]


class Source(NamedTuple):
    """Recordings and how a study names them.

    Parameters
    ----------
    root : Path
        The folder of the recordings.
    keys : dict
        Of the `[corpus]` table, without root.
    recordings : DataFrame
        Those that can be used as far as names tell: path, label, speaker, start, end.
    told : list of str
        What was recognised, a line each.
    remarks : dict of str to str
        What a key of the table means, as a comment.
    """

    root: Path
    keys: dict[str, str]
    recordings: pd.DataFrame
    told: list[str]
    remarks: dict[str, str]

    @property
    def knows_speakers(self) -> bool:
        """Whether several recordings may be of one speaker."""
        return self.keys.get("speaker_pattern") != EACH_ITSELF


def source_of(place: Path, ask: Ask, label: str | None = None, role: str = "all") -> Source:
    """Tell what lies in a folder, or what a table lists.

    Parameters
    ----------
    place : Path
    ask : callable
        Confirms or corrects a guess.
    label : str, optional
        Which of a corpus's labels, or which column of a table.
    role : str
        "unlabelled": no classes are looked for.

    Raises
    ------
    CorpusError
        If there is nothing to make a study of: what was seen and what to do.
    """
    if place.is_file():
        return _of_table(place, ask, label, role)
    if not place.is_dir():
        raise CorpusError(f"There is no folder or table {place}")
    root = _descended(place)
    known = _recognised(root)
    if known:
        return _of_corpus(root, known, label, role)
    paths = audio_files(root)
    if not paths:
        raise CorpusError(_nothing(root))
    table = columns.table_in(root, paths)
    if table:
        return _of_table(table, ask, label, role)
    if label is not None:
        raise SpecError(
            f"--label {label} is of a corpus that gives several labels, or a column of a table; "
            f"{root} is neither: its folders or names tell the classes"
        )
    return _of_names(root, paths, ask, role)


def _descended(root: Path) -> Path:
    """Go down while a folder holds one other folder and nothing else, as archives unpack."""
    inside = [path for path in root.iterdir() if path.name[0] != "."]
    # a corpus may have one folder in it, and be known by it
    if len(inside) == 1 and inside[0].is_dir() and not _recognised(root):
        return _descended(inside[0])
    return root


def _recognised(root: Path) -> str:
    return next((name for name in registry.corpora.names() if adapter(name).recognises(root)), "")


def _listed(root: Path, keys: dict[str, str]) -> pd.DataFrame:
    kind = adapter(keys["adapter"])
    rows = kind(kind.Options(**keys)).listed(root)
    usable = rows["reason"] == ""
    if keys.get("role") != "unlabelled":
        usable &= rows["label"] != ""
    if not usable.any():
        why = next((text for text in (*rows["reason"], *rows["no_label"]) if text), "none")
        raise CorpusError(f"None of the {len(rows)} recordings in {root} can be used: {why}")
    return rows[usable].reset_index(drop=True)


def _of_corpus(root: Path, name: str, label: str | None, role: str) -> Source:
    kind: type[Corpus] = adapter(name)
    keys = {"adapter": name}
    remarks = {}
    if role == "unlabelled":
        keys["role"] = role
    elif len(kind.labels) > 1 or label:
        keys["label"] = label or kind.labels[0]
    rows = _listed(root, keys)
    if "label" in keys:
        remarks["label"] = other_labels(kind, keys["label"], kind(kind.Options(**keys)).scan(root))
    summary = registry.corpora.summary(name).partition(":")[0]
    told = [f"{summary}: {_counted(rows)} in {root}"]
    if "label" in keys:
        told.append(f'label = "{keys["label"]}", {remarks["label"]}')
    return Source(root, keys, rows, told, remarks)


def _of_table(path: Path, ask: Ask, label: str | None, role: str) -> Source:
    root, keys = columns.columns_of(path, label, role)
    if "speaker_column" not in keys:
        keys["speaker_pattern"] = _speaker_pattern(*columns.named(path, keys), ask)
    keys = {key: value for key, value in keys.items() if value != columns.DEFAULTS.get(key)}
    rows = _listed(root, keys)
    told = [f"A table, {path.name}: {_counted(rows)}"]
    return Source(root, keys, rows, told, _remarks(keys, list(rows["path"])))


def _of_names(root: Path, paths: list[str], ask: Ask, role: str) -> Source:
    keys = {"adapter": "folder"}
    labels = [""] * len(paths)
    if role == "unlabelled":
        keys["role"] = role
    else:
        guess = class_field(fields_of(paths))
        pattern = ask("class", guess and guess.pattern, paths)
        if pattern is None:
            raise CorpusError(_no_classes(root, paths))
        labels = list(values_of(pattern, paths))
        if pattern != FIRST_FOLDER:
            keys["label_pattern"] = pattern
    keys["speaker_pattern"] = _speaker_pattern(paths, labels, ask)
    rows = _listed(root, keys)
    told = [f"A folder: {_counted(rows)} in {root}"]
    return Source(root, keys, rows, told, _remarks(keys, list(rows["path"])))


def _speaker_pattern(paths: Sequence[str], labels: Sequence[str], ask: Ask) -> str:
    guess = speaker_field(fields_of(paths), labels)
    return ask("speaker", guess and guess.pattern, paths) or EACH_ITSELF


def _remarks(keys: dict[str, str], paths: list[str]) -> dict[str, str]:
    """Show what patterns find in the first path."""
    remarks = {
        key: f"{paths[0]} -> {values_of(pattern, paths[:1])[0]}"
        for key, pattern in keys.items()
        if key.endswith("_pattern")
    }
    if keys.get("speaker_pattern") == EACH_ITSELF:
        remarks["speaker_pattern"] = "no speakers known: each recording is by itself"
    return remarks


def examples(pattern: str, paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return paths with other values each, and what a pattern finds in them."""
    firsts: dict[str, str] = {}
    for path, value in zip(paths, values_of(pattern, paths), strict=True):
        firsts.setdefault(value, path)
    shown = [(path, value) for value, path in firsts.items() if value]
    return shown[:: max(1, len(shown) // EXAMPLES)][:EXAMPLES]


def _counted(rows: pd.DataFrame) -> str:
    speakers = rows["speaker"].nunique()
    return f"{len(rows):,} recordings of {speakers:,} speaker{'s' * (speakers != 1)}"


def _nothing(root: Path) -> str:
    """Say that a folder holds no recordings, what it holds, and what to do."""
    files = [path for path in root.rglob("*") if path.is_file() and path.name[0] != "."]
    pictures = sum(is_picture(str(path)) for path in files)
    if pictures:
        return (
            f"{root} holds no recordings, but {pictures:,} pictures: write a study file with "
            '[corpus] adapter = "pictures" (docs/KEYS.md)'
        )
    seen = f"{len(files):,} other files, such as {files[0].name}" if files else "nothing"
    return (
        f"{root} holds {seen}, and no recordings ({', '.join(SUFFIXES[:6])}, ...): give the folder "
        "that they are in"
    )


def _no_classes(root: Path, paths: Sequence[str]) -> str:
    return (
        f"{root} holds {len(paths):,} recordings, such as {paths[0]}, but neither folders nor "
        "names tell their classes: put them in a folder a class, or write a table and draft from "
        f"that, such as {root / 'labels.csv'} with the lines:\n"
        f"file,label,speaker\n{paths[0]},CLASS,SPEAKER"
    )
