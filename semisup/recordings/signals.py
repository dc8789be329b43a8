"""Signals of recordings: rows of the manifest in, decoded, cut and resampled signals out.

Whatever makes features reads recordings here, so that all of them decode, cut and resample alike.
`signals_of` yields signals one by one, `streams_of` the blocks of each; `map_signals` and
`map_batches` make arrays of them in parallel, and an interrupted run goes on from its finished
parts.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.parallel import Workers, batches, map_to_parts
from semisup.recordings import pictures
from semisup.recordings.audio import load, stream
from semisup.recordings.manifest import excerpt

#: What a worker must know of a recording; labels and subsets never reach it.
COLUMNS = ["path", "start", "end"]
#: Recordings a part: always the same ones together, whatever the number of jobs.
BATCH = 32

#: Makes an array of one signal and its sample rate.
OfSignal = Callable[[np.ndarray, int], np.ndarray]
#: Makes an array of each signal of a batch, in their order; signals may be iterators of blocks.
OfBatch = Callable[[Iterator[Any], int], Iterable[np.ndarray]]


class Batch(NamedTuple):
    """What is to be done for one part."""

    rows: pd.DataFrame
    function: OfBatch
    sample_rate: int
    picture_size: int | None
    streamed: bool


def signals_of(
    rows: pd.DataFrame, sample_rate: int, picture_size: int | None = None
) -> Iterator[np.ndarray]:
    """Decode recordings one after the other, so that memory holds one at a time.

    Parameters
    ----------
    rows : DataFrame
        path, start and end of recordings, as in the manifest: NaN where nothing is cut off.
    sample_rate : int
        Of the signals, in Hz, whatever the files'.
    picture_size : int, optional
        Pixels a side of recordings that are pictures; without it there is none.

    Yields
    ------
    ndarray of shape (n_samples,), float64
        In the order of the rows; of a picture (picture_size, picture_size, 3), float32.

    Raises
    ------
    BadAudioError, BadPictureError
        If a recording cannot be read or the excerpt is not within it.
    """
    for row in rows.itertuples():
        if picture_size is not None and pictures.is_picture(row.path):
            yield pictures.load(row.path, picture_size)
        else:
            # in a manifest is what was inspected
            yield load(row.path, sample_rate, *excerpt(row.start, row.end), inspected=True)[0]


def streams_of(rows: pd.DataFrame, sample_rate: int) -> Iterator[Iterator[np.ndarray]]:
    """Decode recordings one after the other, each block by block; see `signals_of`.

    Yields
    ------
    iterator of ndarray of shape (n_samples,), float64
        To be used up before the next one is asked for.
    """
    for row in rows.itertuples():
        yield stream(row.path, sample_rate, *excerpt(row.start, row.end))


def map_signals(
    function: OfSignal,
    rows: pd.DataFrame,
    sample_rate: int,
    parts: Path,
    workers: Workers,
    label: str,
) -> list[np.ndarray]:
    """Make an array of every recording by itself, in parallel; see `map_batches`.

    Parameters
    ----------
    function : callable
        Takes a signal and its sample rate, returns an array of one axis or more, such as a vector
        of features. Can be pickled, as a function of a module or its `functools.partial` can.
    rows, sample_rate, parts, workers, label
        As in `map_batches`.

    Returns
    -------
    list of ndarray
        In the order of the rows.
    """
    return map_batches(one_by_one(function), rows, sample_rate, parts, workers, label)


def map_batches(
    function: OfBatch,
    rows: pd.DataFrame,
    sample_rate: int,
    parts: Path,
    workers: Workers,
    label: str,
    batch: int | None = None,
    picture_size: int | None = None,
    streamed: bool = False,
    apart: bool = False,
) -> list[np.ndarray]:
    """Make an array of every recording, those of a batch together, in parallel.

    Parameters
    ----------
    function : callable
        Takes an iterator over the signals of a batch and their sample rate, returns one array a
        signal, all of one type and alike but for the length of the first axis. Can be pickled.
    rows : DataFrame
        As in `signals_of`.
    sample_rate : int
        As in `signals_of`.
    parts : Path
        Folder for finished batches; name it by the fingerprint of all that goes in.
    workers : Workers
        Who does it.
    label : str
        What the progress bar calls it.
    batch : int, optional
        Recordings a part, `BATCH` if left out.
    picture_size : int, optional
        As in `signals_of`.
    streamed : bool
        Give the function `streams_of` recordings, so that the longest takes no more memory.
    apart : bool
        As in `map_to_parts`.

    Returns
    -------
    list of ndarray
        In the order of the rows.
    """
    todo = [
        Batch(members, function, sample_rate, picture_size, streamed)
        for members in batches(rows[COLUMNS], batch or BATCH)
    ]
    sizes = [len(members.rows) for members in todo]
    names = [named(label, members.rows["path"]) for members in todo]
    paths = map_to_parts(
        _write_part, todo, parts, ".npz", workers, label, "recordings", sizes, names, apart
    )
    return [array for path in paths for array in read_part(path)]


def named(label: str, paths: Sequence[str]) -> str:
    """Name what is made of some recordings, for an error.

    Examples
    --------
    >>> named("features code", ["a.wav", "b.wav", "c.wav"])
    'features code of a.wav and the 2 recordings after it'
    """
    first, *others = paths
    after = f" and the {len(others)} recordings after it" if others else ""
    return f"{label} of {first}{after}"


def one_by_one(function: OfSignal) -> OfBatch:
    """Return what makes an array of each signal of a batch by itself."""
    return partial(_one_by_one, function)


def _one_by_one(
    function: OfSignal, signals: Iterator[np.ndarray], sample_rate: int
) -> Iterator[np.ndarray]:
    return (function(signal, sample_rate) for signal in signals)


def _write_part(batch: Batch, path: Path) -> None:
    signals: Iterator[Any] = (
        streams_of(batch.rows, batch.sample_rate)
        if batch.streamed
        else signals_of(batch.rows, batch.sample_rate, batch.picture_size)
    )
    arrays = list(batch.function(signals, batch.sample_rate))
    # end to end: arrays of different lengths are one file that needs no pickling
    np.savez(path, values=np.concatenate(arrays), lengths=[len(array) for array in arrays])


def read_part(path: Path) -> list[np.ndarray]:
    """Return the arrays of a part that `map_batches` has written."""
    with np.load(path) as part:
        return np.split(part["values"], np.cumsum(part["lengths"])[:-1])
