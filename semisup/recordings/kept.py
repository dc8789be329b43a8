"""What was extracted of recordings, kept in a study's folder for whoever asks for it again.

In: rows of the manifest, and what makes arrays of their signals. Out: the arrays, decoded and
computed only where they are not there yet. They are found by what they were made of: the content
of a recording, the sample rate and the maker. What is done with them later (normalisation,
components, pooling) is no part of that, so that representations which differ in it alone share
them, a study that is run again decodes nothing, and a run that was killed goes on.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.artefacts import fingerprint, write_json
from semisup.engine.parallel import Workers, batches
from semisup.recordings.signals import BATCH, OfBatch, map_batches, read_part

#: Bytes that stay in a study's folder after a run: what was used longest ago goes first.
LIMIT = 4 * 2**30
#: Which recordings a folder of parts is of, in their order, and how many a part has.
CONTENTS = "contents.json"


class Maker(NamedTuple):
    """What makes arrays of signals.

    Parameters
    ----------
    function : callable
        As in `semisup.recordings.signals.map_batches`.
    key : object
        All that an array depends on besides recording and rate, as JSON can have it.
    sample_rate : int
        In Hz.
    batch : int
        Recordings that are made together.
    alone : bool
        Whether an array is the same, to its last bit, whatever else is in its batch: then it is
        found for each recording by itself, otherwise for the same recordings in the same order.
    picture_size, streamed, apart
        As in `map_batches`.
    """

    function: OfBatch
    key: object
    sample_rate: int
    batch: int = BATCH
    alone: bool = True
    picture_size: int | None = None
    streamed: bool = False
    apart: bool = False

    def make(
        self, rows: pd.DataFrame, parts: Path, workers: Workers, label: str
    ) -> list[np.ndarray]:
        """Make the arrays of recordings, whatever is kept."""
        return map_batches(
            self.function,
            rows,
            self.sample_rate,
            parts,
            workers,
            label,
            self.batch,
            self.picture_size,
            self.streamed,
            self.apart,
        )


def arrays_of(
    maker: Maker, rows: pd.DataFrame, kept: Path, workers: Workers, label: str
) -> list[np.ndarray]:
    """Return an array of every recording; what is not kept is made, in parallel, and kept.

    Parameters
    ----------
    maker : Maker
    rows : DataFrame
        As in `semisup.recordings.signals.signals_of`, with `content`.
    kept : Path
        Folder of all that a study keeps.
    workers : Workers
        Who makes it.
    label : str
        What the progress bar calls it.

    Returns
    -------
    list of ndarray
        In the order of the rows.
    """
    folder = folder_of(maker.key, maker.sample_rate, kept)
    if not maker.alone:
        return maker.make(rows, folder / fingerprint(list(rows["content"])), workers, label)
    missing = rows[~rows["content"].isin(_places(folder))].drop_duplicates("content")
    if len(missing):
        contents = missing["content"].tolist()
        parts = folder / fingerprint(contents)
        # first: parts of which nobody knows the recordings would be of no use
        write_json(parts / CONTENTS, {"contents": contents, "batch": maker.batch})
        maker.make(missing, parts, workers, label)
    return _read(rows["content"].tolist(), _places(folder))


def folder_of(key: object, sample_rate: int, kept: Path) -> Path:
    """Return where what a maker makes is kept; it was used now."""
    folder = kept / fingerprint(key, sample_rate)
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    return folder


def has_contents(rows: pd.DataFrame) -> bool:
    """Tell whether the content of all recordings is known."""
    return "content" in rows and not rows["content"].isin(["", None]).any()


def tidy(kept: Path, limit: int = LIMIT) -> None:
    """Remove what other versions kept, and of the rest what is too much, used longest ago first.

    Parameters
    ----------
    kept : Path
        Folder of all that a study keeps; its neighbours are those of other versions.
    limit : int
        Bytes that may stay.
    """
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other, ignore_errors=True)
    latest = sorted(kept.glob("*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    total = 0
    for folder in latest:
        total += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if total > limit:
            shutil.rmtree(folder, ignore_errors=True)


def _places(folder: Path) -> dict[str, tuple[Path, int]]:
    """Return the part that has a recording's array, and its place there, by content."""
    places: dict[str, tuple[Path, int]] = {}
    for listing in sorted(folder.glob(f"*/{CONTENTS}")):
        places |= dict(_places_in(listing))
    return places


def _places_in(listing: Path) -> Iterator[tuple[str, tuple[Path, int]]]:
    kept = json.loads(listing.read_text())
    there = {path.name for path in listing.parent.glob("*.npz")}
    for number, contents in enumerate(batches(kept["contents"], kept["batch"])):
        name = f"{number:06d}.npz"
        if name in there:
            for place, content in enumerate(contents):
                yield content, (listing.parent / name, place)


def _read(contents: Sequence[str], places: dict[str, tuple[Path, int]]) -> list[np.ndarray]:
    paths = dict.fromkeys(places[content][0] for content in contents)
    parts = {path: read_part(path) for path in paths}
    return [parts[path][place] for path, place in map(places.__getitem__, contents)]
