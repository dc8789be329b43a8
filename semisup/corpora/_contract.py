"""What a corpus adapter is, and the few things that adapters share.

An adapter is one file of this folder. Its docstring's first line describes the corpus; it has

`CITATION`, `LICENCE`, `SOURCE` : str
    How to cite the corpus, under which licence it comes, where to get it.
`LABELS` : tuple of str
    The labels it can give; the first is the default.
`Options` : subclass of `CorpusSpec`
    Its own keys in `[corpus]`; ``adapter: Literal["<name>"]``.
`scan(root, options)` : function
    Path and options in, table out: one row a recording, nothing decoded, sorted by path, columns
    `SCAN_COLUMNS` and any of its own (such as ``gender``: "female", "male" or "").
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.errors import CorpusError, SpecError, nearest
from semisup.recordings.audio import SUFFIXES
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


def chosen_label(options: CorpusSpec, labels: tuple[str, ...]) -> str:
    """Return the label that the study asks for, the adapter's first if it asks for none.

    Raises
    ------
    SpecError
        If the adapter cannot give it.
    """
    label = labels[0] if options.label is None else options.label
    if label not in labels:
        raise SpecError(
            f"[corpus] label = '{label}': the corpus '{options.adapter}' gives "
            f"{' or '.join(labels)}; {nearest(label, labels)}"
        )
    return label


def files_of(root: Path, suffixes: Iterable[str], pattern: str = "**/*") -> list[str]:
    """Return the files of some suffixes below `root`, relative, sorted, with forward slashes.

    Hidden files and folders (such as the ``._x.wav`` that macOS leaves behind) hold no recordings.
    """
    found = (path.relative_to(root) for path in root.glob(pattern))
    return sorted(
        path.as_posix()
        for path in found
        if path.suffix.lower() in suffixes and not any(part[0] == "." for part in path.parts)
    )


def audio_files(root: Path, pattern: str = "**/*") -> list[str]:
    """Return all audio files below `root` that match; see `files_of`."""
    return files_of(root, SUFFIXES, pattern)


def first_with_audio(
    root: Path, adapter: str, patterns: Iterable[str], holds: str, source: str
) -> list[str]:
    """Return the audio files of the first pattern that finds any, paths relative to `root`.

    Raises
    ------
    CorpusError
        If the folder is missing, or no pattern finds a file: what was looked for and what is there.
    """
    require_folder(root, adapter, holds, source)
    for pattern in patterns:
        found = audio_files(root, pattern)
        if found:
            return found
    raise wrong_layout(root, adapter, holds)


def wrong_layout(root: Path, adapter: str, holds: str) -> CorpusError:
    """Make the error for a corpus folder that does not hold what it should."""
    names = sorted(path.name + "/" * path.is_dir() for path in root.iterdir())
    instead = ", ".join(names[:5]) + ", ..." * (len(names) > 5) if names else "nothing"
    return CorpusError(f"The {adapter} folder {root} should hold {holds}; found: {instead}")


def require_folder(root: Path, adapter: str, holds: str, source: str) -> None:
    """Raise where the corpus folder is missing, saying what it should hold and where to get it."""
    if not root.is_dir():
        raise CorpusError(
            f"The {adapter} folder {root} does not exist; it should hold {holds} (from {source})"
        )


def scan_table(rows: Iterable[Mapping[str, object]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Make a scan table: missing columns get their "nothing" value, the order is by path.

    Parameters
    ----------
    rows : iterable of dict
        One a recording; ``path`` at least.
    columns : iterable of str
        Text columns of the adapter's own, kept behind `SCAN_COLUMNS`.
    """
    own = [*SCAN_COLUMNS, *columns]
    blank = {**dict.fromkeys(own, ""), "start": np.nan, "end": np.nan}
    table = pd.DataFrame([{**blank, **row} for row in rows], columns=own)
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
