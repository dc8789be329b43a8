"""Lengths of recordings by their headers, and the chunk that nearly all of them fill."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.engine.progress import Amount, track
from semisup.recordings.names import on_disk

#: Hz: what all measured studies of the project have; more takes as many times longer.
SAMPLE_RATE = 8000
#: Share of the recordings that a chunk is no longer than.
KEPT = 0.95
#: Samples of a chunk: at most as in the original study, at least half a second.
LONGEST, SHORTEST, ROUND = 30_000, 4_000, 1_000
#: Readers: headers on a network disk are waited for, not worked on.
READERS = 8


def seconds_of(root: Path, recordings: pd.DataFrame) -> np.ndarray:
    """Return the seconds of each recording, NaN where its header does not tell.

    Parameters
    ----------
    root : Path
    recordings : DataFrame
        path, start and end.
    """
    files = list(dict.fromkeys(recordings["path"]))
    whole = dict(zip(files, _of_files([on_disk(root / file) for file in files]), strict=True))
    seconds = recordings["path"].map(whole).astype(float)
    start, end = recordings["start"].fillna(0.0), recordings["end"]
    return (end.where(end.notna(), seconds) - start).to_numpy(dtype=float)


def _of_files(paths: Sequence[Path]) -> list[float]:
    return list(track(_read(paths), Amount("look at lengths", "files", len(paths))))


def _read(paths: Sequence[Path]) -> Iterator[float]:
    with ThreadPoolExecutor(READERS) as readers:
        yield from readers.map(_seconds, paths)


def _seconds(path: Path) -> float:
    import soundfile

    try:
        header = soundfile.info(os.fspath(path))
    except (soundfile.SoundFileError, OSError):  # check says what is wrong with it
        return np.nan
    # libsndfile's number where a header does not tell
    return header.frames / header.samplerate if header.frames < 2**62 else np.nan


def chunk_samples(seconds: np.ndarray) -> int:
    """Return the chunk length that nearly all recordings reach, of all where none is known.

    Examples
    --------
    >>> chunk_samples(np.array([2.6, 3.0, 4.0]))
    20000
    """
    known = seconds[~np.isnan(seconds)]
    if not known.size:
        return LONGEST
    shortest = np.sort(known)[int((1 - KEPT) * known.size)]
    return int(np.clip(shortest * SAMPLE_RATE // ROUND * ROUND, SHORTEST, LONGEST))
