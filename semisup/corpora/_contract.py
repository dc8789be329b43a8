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

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.audio import SUFFIXES
from semisup.errors import CorpusError

#: path: relative to the root, with forward slashes; label and speaker: "" where there is none;
#: start, end: seconds, NaN for a whole file; reason: why to leave the row out, "" to keep it.
SCAN_COLUMNS = ("path", "label", "speaker", "start", "end", "reason")

#: Valence of an emotion, by the words that corpora use. Surprise belongs to none.
VALENCE = {
    **dict.fromkeys(("angry", "anger", "fearful", "fear", "disgust", "disgusted"), "negative"),
    **dict.fromkeys(("sad", "sadness", "boredom", "bored"), "negative"),
    **dict.fromkeys(("neutral", "calm"), "neutral"),
    **dict.fromkeys(("happy", "happiness", "joy"), "positive"),
}


def audio_files(root: Path, pattern: str = "**/*") -> list[str]:
    """Return all audio files below `root` that match, relative, sorted, with forward slashes.

    Hidden files (such as the ``._x.wav`` that macOS leaves behind) are not recordings.
    """
    found = (
        path.relative_to(root)
        for path in root.glob(pattern)
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    return sorted(path.as_posix() for path in found)


def scan_table(rows: Iterable[dict[str, object]], columns: Iterable[str] = ()) -> pd.DataFrame:
    """Make a scan table: missing columns get their "nothing" value, the order is by path.

    Parameters
    ----------
    rows : iterable of dict
        One a recording; ``path`` at least.
    columns : iterable of str
        Columns of the adapter's own, kept behind `SCAN_COLUMNS`.
    """
    blank = {"label": "", "speaker": "", "start": np.nan, "end": np.nan, "reason": ""}
    own = [*SCAN_COLUMNS, *columns]
    table = pd.DataFrame([{**blank, **row} for row in rows], columns=own)
    return table.sort_values(["path", "start"], kind="stable", ignore_index=True)


def valence_or_reason(emotion: str) -> dict[str, str]:
    """Give the valence of an emotion as scan columns, or why there is none.

    Examples
    --------
    >>> valence_or_reason("anger")["label"]
    'negative'
    >>> valence_or_reason("surprise")["reason"]
    "the emotion 'surprise' has no valence"
    """
    label = VALENCE.get(emotion, "")
    return {"label": label, "reason": "" if label else f"the emotion '{emotion}' has no valence"}


def require_folder(root: Path, adapter: str, holds: str, source: str) -> None:
    """Raise where the corpus folder is missing, saying what it should hold and where to get it."""
    if not root.is_dir():
        raise CorpusError(
            f"The {adapter} folder {root} does not exist; it should hold {holds} (from {source})"
        )
