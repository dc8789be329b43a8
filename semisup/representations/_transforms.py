"""Windows of recordings and a transform of each: audio in, one row of a Zarr array a window out.

A kind of transforms has `ARRAYS` = True and
`transform(options, windows)`, which maps windows (k, window_samples) to rows (k, ...), and
`arrays(options, inputs, store)`, which writes the rows of all recordings wanted as a Zarr array
(n, ...), float32, and returns its index: recording, chunk; line i describes row i. What has a time
axis has it last.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.artefacts import write_whole
from semisup.engine.parallel import batches, map_to_parts
from semisup.errors import SpecError
from semisup.features.contract import Inputs
from semisup.features.tables import index_of
from semisup.recordings.signals import COLUMNS, signals_of
from semisup.signals.framing import rolling_windows
from semisup.signals.mfcc import BANDS, FRAME_LENGTH, HOP_LENGTH, slaney_filters
from semisup.study.spec import RepresentationSpec, Table

#: Recordings a part: always the same ones together, whatever the number of jobs.
BATCH = 8
#: Windows transformed at once.
WINDOWS = 16
#: Bytes of a block of the array: some rows are read in random order, so that blocks are small.
BLOCK_BYTES = 2**18
#: Bytes copied at once from a part into the array.
COPIED_BYTES = 2**24
#: Files of a part.
VALUES, COUNTS = "rows.f32", "counts.npy"

Transform = Callable[[Any, np.ndarray], np.ndarray]


class Windows(RepresentationSpec):
    """Keys that say what a window is."""

    sample_rate: int = Field(22050, ge=1000, description="Hz, whatever the study's")
    window_seconds: float = Field(3.0, gt=0, description="length of a window")
    step_seconds: float = Field(3.0, gt=0, description="from the start of a window to the next's")

    @model_validator(mode="after")
    def _windows_hold_samples(self) -> Self:
        for name in ("window", "step"):
            if getattr(self, f"{name}_samples") < 1:
                raise ValueError(
                    f"{name}_seconds must be at least one sample at {self.sample_rate} Hz, "
                    f"got {getattr(self, f'{name}_seconds'):g}"
                )
        return self

    @property
    def picture_size(self) -> int | None:
        """Pixels a side of recordings that are pictures, of kinds that take them."""
        return None

    @property
    def window_samples(self) -> int:
        """Samples of a window."""
        return round(self.window_seconds * self.sample_rate)

    @property
    def step_samples(self) -> int:
        """Samples from the start of a window to that of the next."""
        return round(self.step_seconds * self.sample_rate)


class Frames(Table):
    """Keys of transforms made of frames within a window."""

    n_fft: int = Field(FRAME_LENGTH, ge=16, description="samples of a frame")
    hop_length: int = Field(HOP_LENGTH, ge=1, description="samples from frame to frame")


class Pooling(Table):
    """Key of transforms with a time axis."""

    pooling: Literal["none", "mean_std"] = Field(
        "none",
        description="what classifiers other than networks get: all numbers, or mean and deviation "
        "over time",
    )


def mel_misfits(options: Any, n_mels: int = BANDS) -> list[str]:
    """Return why there are no such mel bands, if so."""
    try:
        slaney_filters(options.sample_rate, n_mels, options.n_fft)
    except SpecError as error:
        return [str(error)]
    return []


def write_arrays(
    options: Windows, inputs: Inputs, store: Path, transform: Transform
) -> pd.DataFrame:
    """Transform all windows of the recordings that are asked for.

    Parameters
    ----------
    options : Windows
        Of the kind.
    inputs : Inputs
        For its recordings, workers and folder of parts.
    store : Path
        Zarr array to write: shape (n_windows, ...), float32, not compressed.
    transform : callable
        The kind's own, importable by name.

    Returns
    -------
    DataFrame
        recording, chunk; line i describes row i. Memory holds one recording and a few windows a
        worker, whatever the corpus; an interrupted run goes on from its finished parts.
    """
    recordings = inputs.scored()
    items = [(rows, options, transform) for rows in batches(recordings[COLUMNS], BATCH)]
    label = f"windows of {inputs.name}"
    parts = map_to_parts(_part, items, inputs.parts, "", inputs.workers, label)
    counts = np.concatenate([np.load(part / COUNTS) for part in parts])
    shape = transform(options, np.zeros((1, options.window_samples))).shape[1:]
    write_whole(store, lambda folder: _join(parts, (int(counts.sum()), *shape), folder))
    return index_of(recordings, counts)


def _part(item: tuple[pd.DataFrame, Windows, Transform], path: Path) -> None:
    """Write the rows of a batch of recordings one behind the other, and how many each has."""
    rows, options, transform = item
    path.mkdir()
    counts = []
    with (path / VALUES).open("wb") as file:
        for signal in signals_of(rows, options.sample_rate, options.picture_size):
            counts.append(0)
            for block in transformed(signal, options, transform):
                block.astype(np.float32).tofile(file)
                counts[-1] += len(block)
    np.save(path / COUNTS, counts)


def transformed(signal: np.ndarray, options: Windows, transform: Transform) -> Iterator[np.ndarray]:
    """Transform the windows of a recording; of a picture, take it as its one window's.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), or (size, size, 3) for a picture
    options : Windows
        Of the kind.
    transform : callable
        The kind's own.

    Yields
    ------
    ndarray of shape (k, ...)
        At most `WINDOWS` rows, in order.
    """
    if signal.ndim > 1:
        yield signal[None]
        return
    windows = rolling_windows(signal, options.window_samples, options.step_samples)
    for block in batches(windows, WINDOWS):
        yield transform(options, block)


def _join(parts: list[Path], shape: tuple[int, ...], folder: Path) -> None:
    """Copy the parts into one Zarr array, some rows in memory at a time."""
    import zarr

    row_bytes = 4 * int(np.prod(shape[1:]))
    block = min(max(1, BLOCK_BYTES // row_bytes), shape[0])
    # spectra hardly shrink, and reading rows in random order takes three times as long compressed
    array = zarr.create_array(
        folder, shape=shape, chunks=(block, *shape[1:]), dtype="float32", compressors=None
    )
    done = 0
    for part in parts:
        values = np.memmap(part / VALUES, np.float32, "r").reshape(-1, *shape[1:])
        for rows in batches(values, max(1, COPIED_BYTES // row_bytes)):
            array[done : done + len(rows)] = np.asarray(rows)
            done += len(rows)
