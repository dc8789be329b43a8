"""Features of one's own files: paths in, rows of a representation with their places out.

The rows are made by the kind itself, with the study's options and trained models: a recording of
the study gets the rows that it has there.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.curve.sources import Features
from semisup.engine.parallel import Workers, batches, run_each
from semisup.errors import BadAudioError, BadPictureError, SemisupError
from semisup.features.arrays import Arrays
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import feature_names
from semisup.prediction.recipe import PICTURE, SOUND, Recipe
from semisup.recordings import pictures
from semisup.recordings.audio import inspect
from semisup.recordings.chunks import build, open_store
from semisup.recordings.pictures import is_picture
from semisup.recordings.signals import named
from semisup.study.paths import instead_of

#: Seconds of a file that are in memory at once where it is cut into windows.
LONG = 600.0
#: Files that are decoded by one worker, one after the other.
TOGETHER = 32
#: Share by which a file may be longer than the study's recordings and still be one window: lengths
#: are rounded.
AS_LONG = 1e-6
#: Errors that are about one file: the others can still be predicted.
UNUSABLE = (BadAudioError, BadPictureError)


class OwnRows(NamedTuple):
    """Rows of a representation and where in which file they lie.

    Parameters
    ----------
    places : DataFrame
        file (the path as given), window (from 0), start, end (seconds); line i is of row i.
    rows : ndarray of shape (n, n_features), or ArrayRows of shape (n, ...)
    """

    places: pd.DataFrame
    rows: Features


def usable(
    media: Collection[str], files: Iterable[Path], workers: Workers, folder: Path
) -> tuple[dict[Path, float], dict[Path, str]]:
    """Decode each file once, in parallel.

    Parameters
    ----------
    media : collection of {"sound", "picture"}
        What the system learned from: it takes nothing else.
    files : iterable of Path
    workers : Workers
    folder : Path
        That workers of a cluster must see.

    Returns
    -------
    seconds : dict
        Duration of each file that can be used, of a picture 0; one that is given twice is there
        once.
    failed : dict
        Why the others cannot.
    """
    once = list(dict.fromkeys(files))
    together = batches(once, TOGETHER)
    items = [([path.absolute() for path in paths], media) for paths in together]
    names = [named("the check", [str(path) for path in paths]) for paths in together]
    seconds: dict[Path, float] = {}
    failed: dict[Path, str] = {}
    done = sorted(run_each(_lengths, items, names, workers, folder))
    for path, length in zip(once, chain.from_iterable(one.result for one in done), strict=True):
        if isinstance(length, str):
            failed[path] = length + _instead(path)
        else:
            seconds[path] = length
    return seconds, failed


def _lengths(paths: list[Path], media: Collection[str]) -> list[float | str]:
    """Return the duration of each file, or why it cannot be used."""
    return [_length(path, media) for path in paths]


def _length(path: Path, media: Collection[str]) -> float | str:
    try:
        return _seconds(path, media)
    except UNUSABLE as error:
        return _reason(error, path)


def _instead(path: Path) -> str:
    """Say what there is instead of a file that is not there, for the end of a sentence."""
    return "" if os.path.lexists(path) else f"; {instead_of(path)}"


def _seconds(path: Path, media: Collection[str]) -> float:
    """Return the duration of a file that is a picture or a sound, as `media` has them."""
    if is_picture(path):
        if PICTURE not in media:
            raise BadPictureError(f"{path}: it is a picture, and the study's recordings are sounds")
        pictures.inspect(path)
        return 0.0
    if SOUND not in media:
        raise BadAudioError(f"{path}: it is not a picture, as the study's recordings are")
    return inspect(path).seconds


def own_rows(
    recipe: Recipe, seconds: dict[Path, float], folder: Path
) -> tuple[OwnRows | None, dict[Path, str]]:
    """Compute a representation on files.

    Parameters
    ----------
    recipe : Recipe
        Of the representation.
    seconds : dict
        Duration of each file.
    folder : Path
        For what is written on the way; rows of arrays are read from there.

    Returns
    -------
    OwnRows or None
        Of all files that have not failed; None if all have.
    failed : dict
        Why some files have no rows.
    """
    try:
        return _rows(recipe, seconds, folder / "all"), {}
    except UNUSABLE:
        # an error ends all at the first bad file: one by one, every bad file is named
        failed = {}
        for number, path in enumerate(seconds):
            try:
                _rows(recipe, {path: seconds[path]}, folder / str(number))
            except UNUSABLE as error:
                failed[path] = _reason(error, path) + _instead(path)
    usable_files = {path: length for path, length in seconds.items() if path not in failed}
    if not usable_files:
        return None, failed
    return _rows(recipe, usable_files, folder / "usable"), failed


def _rows(recipe: Recipe, seconds: dict[Path, float], folder: Path) -> OwnRows:
    name, kind = recipe.name, recipe.kind
    recordings = pd.concat(
        [
            _recordings(path, number, length, _edges(kind, length, recipe.longest))
            for number, (path, length) in enumerate(seconds.items())
        ]
    )
    rows: Features
    if isinstance(kind, ArrayRepresentation):
        store = folder / "rows.zarr"
        index = kind.arrays(_inputs(recipe, name, recordings, folder), store)
        rows = Arrays(store, kind.pooled).rows(np.arange(len(index)))
    else:
        index = _table(recipe, name, recordings, folder)
        rows = index[feature_names(index)].to_numpy(dtype=np.float64)
    places = _places(recipe, index[["recording", "chunk"]], recordings, folder)
    return OwnRows(places, rows)


def _edges(kind: Representation, seconds: float, longest: float) -> list[tuple[float, float]]:
    """Return start and end (seconds) of the parts of a file that are read one at a time."""
    grid = kind.grid()
    if grid is not None and grid.of_windows and seconds > LONG:
        return parts_of_windows(seconds, grid.step, grid.length, LONG)
    return equal_parts(seconds, longest)


def _recordings(
    path: Path, number: int, seconds: float, edges: list[tuple[float, float]]
) -> pd.DataFrame:
    """Return a file, or each of its parts, as a manifest lists recordings."""
    start, end = np.array(edges).T
    whole = len(edges) == 1
    return pd.DataFrame(
        {
            "recording": [f"{number}-{part}" for part in range(len(edges))],
            "file": str(path),
            # workers of a cluster have working directories of their own
            "path": str(path.absolute()),
            # NaN is the whole file, to its last sample, as in the manifest
            "start": np.nan if whole else start,
            "end": np.nan if whole else end,
            "seconds": end - start,
            "file_seconds": seconds,
            "speaker": "",
            "subset": "test",
        }
    )


def equal_parts(seconds: float, longest: float) -> list[tuple[float, float]]:
    """Cut a file into as few equal parts as are no longer than `longest`.

    Examples
    --------
    >>> equal_parts(10.0, 6.0)
    [(0.0, 5.0), (5.0, 10.0)]
    """
    count = max(1, int(np.ceil(seconds / longest - AS_LONG)))
    edges = np.linspace(0, seconds, count + 1).tolist()
    return list(pairwise(edges))


def parts_of_windows(
    seconds: float, step: float, length: float, most: float
) -> list[tuple[float, float]]:
    """Cut a file into parts that hold whole windows, each window in one of them.

    Parameters
    ----------
    seconds, step, length : float
        Duration, and the windows' step and length, in seconds.
    most : float
        Seconds from the first window of a part to that of the next, about.

    Examples
    --------
    >>> parts_of_windows(10.0, step=1.0, length=3.0, most=4.0)
    [(0.0, 6.5), (4.0, 10.0)]
    >>> parts_of_windows(5.0, step=1.0, length=3.0, most=4.0)
    [(0.0, 5.0)]
    """
    count = max(1, int((seconds - length) / step + AS_LONG) + 1)
    together = max(1, int(most / step))
    parts = []
    for first in range(0, count, together):
        last = first + together - 1
        # half a step more: rounding of samples must not cost the last window
        end = last * step + length + min(step, length) / 2 if last < count - 1 else seconds
        parts.append((first * step, min(end, seconds)))
    return parts


def _table(recipe: Recipe, name: str, recordings: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return the feature table of a representation, made of those of its parents if it has any."""
    kind = recipe.kinds[name]
    tables = {parent: _table(recipe, parent, recordings, folder) for parent in kind.parents()}
    return kind.extract(_inputs(recipe, name, recordings, folder, tables))


def _inputs(
    recipe: Recipe,
    name: str,
    recordings: pd.DataFrame,
    folder: Path,
    tables: dict[str, pd.DataFrame] | None = None,
) -> Inputs:
    """Return the inputs of the kind as in the study, but of these recordings alone."""
    data = Inputs(
        name=name,
        folder=recipe.models / name,
        parts=folder / f"parts-{name}",
        base=recipe.base,
        seed=recipe.seed,
        sample_rate=recipe.chunks.sample_rate,
        recordings=recordings,
        tables=tables or {},
        wanted=("test",),
        workers=recipe.workers,
    )
    if recipe.kinds[name].needs != "chunks":
        return data
    short = build(recordings, recipe.chunks, folder / "chunks", folder, recipe.workers)
    if len(short):
        raise BadAudioError(f"{short['path'].iloc[0]}: {short['reason'].iloc[0]}")
    store = open_store(folder)
    return replace(data, chunks=store.spectrograms, chunk_index=store.index)


def _places(
    recipe: Recipe, index: pd.DataFrame, recordings: pd.DataFrame, folder: Path
) -> pd.DataFrame:
    """Return file, window, start and end (seconds) of each row."""
    of_row = recordings.set_index("recording").loc[index["recording"]].reset_index()
    start, length = of_row["start"].fillna(0), of_row["seconds"]
    if (index["chunk"] >= 0).all():
        within, length = _within(recipe, index, folder)
        start = start + within
    places = pd.DataFrame({"file": of_row["file"], "start": start})
    # the last window of a short file is filled up with silence
    places["end"] = np.minimum(start + length, of_row["file_seconds"])
    places.insert(1, "window", places.groupby("file").cumcount())
    return places


def _within(recipe: Recipe, index: pd.DataFrame, folder: Path) -> tuple[np.ndarray, float]:
    """Return where the chunks start and how long they are, in seconds."""
    if recipe.kind.needs == "chunks":
        chunks = recipe.chunks
        keys = ["recording", "chunk"]
        starts = open_store(folder).index.set_index(keys)["start_sample"]
        samples = starts.loc[pd.MultiIndex.from_frame(index[keys])].to_numpy()
        return samples / chunks.sample_rate, chunks.chunk_samples / chunks.sample_rate
    grid = recipe.kind.grid()
    assert grid is not None  # why_not refuses others
    return index["chunk"].to_numpy() * grid.step, grid.length


def _reason(error: SemisupError, path: Path) -> str:
    return str(error).removeprefix(f"{path.absolute()}: ")
