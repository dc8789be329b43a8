"""The contract of a corpus adapter, and what adapters have in common.

An adapter is one file of this room with one class; its docstring's first line describes the corpus.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Generic, Literal, TypeVar

import numpy as np
import pandas as pd

from semisup import registry
from semisup.corpora._naming import renamed
from semisup.corpora._nearest import Fits, holds_files, nearest_folder
from semisup.corpora._walk import files_below
from semisup.errors import CorpusError, OutsideError, SpecError, nearest
from semisup.recordings.formats import is_audio
from semisup.recordings.names import on_disk, printable
from semisup.study.paths import instead_of
from semisup.study.spec import CorpusSpec

#: path: relative to the root, with forward slashes; label and speaker: "" where there is none;
#: start, end: seconds, NaN for a whole file; reason: why to leave the row out, "" to keep it;
#: no_label: why there is no label, which is a reason to leave the row out only where labels count.
SCAN_COLUMNS = ("path", "label", "speaker", "start", "end", "reason", "no_label")

#: Valence of an emotion, by the words that corpora use. Surprise belongs to none.
VALENCE = {
    **dict.fromkeys(("angry", "anger", "fearful", "fear", "disgust", "disgusted"), "negative"),
    **dict.fromkeys(("sad", "sadness", "boredom", "bored"), "negative"),
    **dict.fromkeys(("neutral", "calm"), "neutral"),
    **dict.fromkeys(("happy", "happiness", "joy"), "positive"),
}


OptionsType = TypeVar("OptionsType", bound=CorpusSpec)
#: What the columns of labels that single raters gave begin with.
RATER = "rater_"


class Corpus(Generic[OptionsType]):
    """One adapter with its options.

    Parameters
    ----------
    options : CorpusSpec
        Of the class `Options`: the keys of ``[corpus]``.

    Attributes
    ----------
    Options : type
        The adapter's own keys, with defaults.
    citation, licence, source : str
        How to cite the corpus, under which licence it comes, where to get it.
    labels : tuple of str
        The labels it can give; the first is the default.
    default_root : {"required", "generated", "study"}
        What its folder is where the study gives none: an error, a folder of the study's artefacts
        that it generates its recordings in, or the folder of the study file.
    renames : bool
        Whether `scan` gives the labels the names of ``map_labels`` itself.
    first_label_from : str
        What the first label is made from, "" where the corpus gives it as it is.
    """

    Options: ClassVar[type[CorpusSpec]] = CorpusSpec
    citation: ClassVar[str] = "Cite the corpus."
    licence: ClassVar[str] = "unknown"
    source: ClassVar[str] = "unknown"
    labels: ClassVar[tuple[str, ...]] = ("label",)
    default_root: ClassVar[Literal["required", "generated", "study"]] = "required"
    renames: ClassVar[bool] = False
    first_label_from: ClassVar[str] = ""

    def __init__(self, options: OptionsType) -> None:
        self.options = options

    @property
    def has_files(self) -> bool:
        """Whether there are files to decode, and not feature tables alone."""
        return True

    @classmethod
    def recognises(cls, root: Path) -> bool:
        """Tell, quickly, whether a folder is laid out as the corpus is: `semisup init` asks."""
        return False

    def scan(self, root: Path) -> pd.DataFrame:
        """List the recordings below a folder; nothing is decoded here.

        Returns
        -------
        DataFrame
            One row a recording, sorted by path, columns `SCAN_COLUMNS` and any of its own (such as
            ``gender``: "female", "male" or "").
        """
        raise NotImplementedError

    def listed(self, root: Path) -> pd.DataFrame:
        """List the recordings with their labels as the study names them.

        Raises
        ------
        CorpusError
            If ``map_labels`` names a label that the corpus does not have.
        """
        table = self.scan(root)
        if self.renames:
            return table
        place = f"The {self.options.adapter} corpus {root}"
        return renamed(table, self.options.map_labels, place)

    def chosen_label(self) -> str:
        """Return the label that the study asks for, the adapter's first if it asks for none.

        Raises
        ------
        SpecError
            If the adapter cannot give it.
        """
        label = self.labels[0] if self.options.label is None else self.options.label
        if label not in self.labels:
            raise SpecError(
                f"[corpus] label = '{label}': the corpus '{self.options.adapter}' gives "
                f"{' or '.join(self.labels)}; {nearest(label, self.labels)}"
            )
        return label


def adapter(name: str) -> type[Corpus]:
    """Return the adapter of a name, or of a reference to code from outside.

    Raises
    ------
    UnknownNameError
        If there is no such adapter; the nearest name is named.
    OutsideError
        If what a reference names cannot be imported, or is not an adapter.
    """
    entry = registry.corpora.load(name, Corpus)
    if isinstance(entry, type) and issubclass(entry, Corpus):
        return entry
    raise OutsideError(f"'{name}' is not a corpus adapter: it must be a subclass of semisup.Corpus")


def other_labels(corpus: type[Corpus], label: str, listed: pd.DataFrame) -> str:
    """Say what a label of a corpus is made from, and which others there are.

    Parameters
    ----------
    corpus : type
    label : str
    listed : DataFrame
        Its recordings, with a column for each of the others.

    Examples
    --------
    >>> from semisup.corpora import adapter
    >>> other_labels(adapter("emodb"), "valence", pd.DataFrame({"emotion": ["anger", "fear"]}))
    'from emotion; label = "emotion" for the two classes'
    """
    source = corpus.first_label_from if label == corpus.labels[0] else ""
    others = [
        f'label = "{name}" for the {_in_words(listed.loc[listed[name] != "", name].nunique())} '
        "classes"
        for name in corpus.labels
        if name != label and name in listed
    ]
    return "; ".join([*([f"from {source}"] if source else []), *others])


def _in_words(count: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[count] if count < len(words) else str(count)


def files_of(root: Path, suffixes: Iterable[str], pattern: str = "**/*") -> list[str]:
    """Return the files of some suffixes below `root`, relative, sorted, with forward slashes.

    Names that are not UTF-8 are made printable. Links are followed; one to nothing is listed
    whatever its suffix, as it may be a class.
    """
    return _listed(root, pattern, lambda path: path.suffix.lower() in suffixes)


def audio_files(root: Path, pattern: str = "**/*") -> list[str]:
    """Return all files below `root` that match and look like audio, by suffix or by content.

    What is in them may be unreadable; then `skipped.csv` has the reason. See `files_of`.
    """
    return _listed(root, pattern, is_audio)


def _listed(root: Path, pattern: str, wanted: Callable[[Path], bool]) -> list[str]:
    return sorted(
        printable(path)
        for path in files_below(root, pattern)
        if wanted(root / path) or not (root / path).exists()
    )


def first_with_audio(
    root: Path, adapter: str, patterns: Sequence[str], holds: str, source: str, name: str
) -> list[str]:
    """Return the audio files of the first pattern that finds any, paths relative to `root`.

    Parameters
    ----------
    root : Path
    adapter : str
    patterns : sequence of str
    holds, source : str
        What the folder should hold and where to get it.
    name : str
        A regular expression of the corpus's file names, without suffix: by them the nearest folder
        that would do is known.

    Raises
    ------
    CorpusError
        If the folder is missing, or no pattern finds a file: what was looked for and what is there.
    """

    def is_of_corpus(path: Path) -> bool:
        return is_audio(path) and re.fullmatch(name, path.stem) is not None

    def fits(folder: Path) -> bool:
        return holds_files(folder, patterns, is_of_corpus)

    require_folder(root, adapter, holds, source, fits)
    for pattern in patterns:
        paths = audio_files(root, pattern)
        if any(on_disk(root / path).exists() for path in paths):
            return paths
    raise wrong_layout(root, adapter, holds, fits)


def wrong_layout(root: Path, adapter: str, holds: str, fits: Fits | None = None) -> CorpusError:
    """Make the error for a corpus folder that does not hold what it should, as one that `fits`."""
    names = sorted(printable(path.name) + "/" * path.is_dir() for path in root.iterdir())
    instead = ", ".join(names[:5]) + ", ..." * (len(names) > 5) if names else "nothing"
    return CorpusError(
        f"The {adapter} folder {root} should hold {holds}; found: {instead}{_nearest(root, fits)}"
    )


def require_folder(
    root: Path, adapter: str, holds: str, source: str, fits: Fits | None = None
) -> None:
    """Raise where the corpus folder is missing, saying what it should hold and where to get it."""
    if not root.is_dir():
        raise CorpusError(
            f"The {adapter} folder {root} does not exist; it should hold {holds} (from {source}); "
            + instead_of(root)
            + _nearest(root, fits)
        )


def _nearest(root: Path, fits: Fits | None) -> str:
    """Name the nearest folder that would do, for the end of a sentence; "" if there is none."""
    folder = nearest_folder(root, fits) if fits else None
    return f"; nearest such folder: {printable(str(folder))}" if folder else ""


def scan_table(rows: Iterable[Mapping[str, object]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Make a scan table: missing columns get their "nothing" value, the order is by path.

    Parameters
    ----------
    rows : iterable of dict
        One a recording; ``path`` at least.
    columns : iterable of str
        Text columns of the adapter's own, kept after `SCAN_COLUMNS`.
    """
    blank = {**dict.fromkeys([*SCAN_COLUMNS, *columns], ""), "start": np.nan, "end": np.nan}
    # by column: a dict for every recording would take more memory than all that is in it
    values: dict[str, list[object]] = {name: [] for name in blank}
    for row in rows:
        for name, nothing in blank.items():
            values[name].append(row.get(name, nothing))
    table = pd.DataFrame(values)
    # file systems list in any order, and the order decides which recordings a seed draws
    return table.sort_values(["path", "start"], kind="stable", ignore_index=True)


def emotion_label(wanted: str, emotion: str) -> dict[str, str]:
    """Give the scan columns of an emotion as the label that is wanted: emotion or valence.

    Examples
    --------
    >>> emotion_label("valence", "anger")["label"], emotion_label("emotion", "anger")["label"]
    ('negative', 'anger')
    """
    label = {"label": emotion} if wanted == "emotion" else valence_or_reason(emotion)
    return {**label, "emotion": emotion}


def valence_or_reason(emotion: str) -> dict[str, str]:
    """Give the valence of an emotion as scan columns, or why there is none.

    Examples
    --------
    >>> valence_or_reason("anger")["label"]
    'negative'
    >>> valence_or_reason("surprise")["no_label"]
    "the emotion 'surprise' has no valence"
    """
    label = VALENCE.get(emotion, "")
    return {"label": label, "no_label": "" if label else f"the emotion '{emotion}' has no valence"}
