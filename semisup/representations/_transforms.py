"""Windows of recordings and a transform of each: audio in, one row of a Zarr array a window out.

A kind of transforms is a subclass of `Transform` with a method that maps windows to rows.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Self, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.artefacts import write_whole
from semisup.engine.parallel import batches, map_to_parts
from semisup.errors import SpecError
from semisup.features.contract import ArrayRepresentation, Grid
from semisup.features.inputs import Inputs
from semisup.features.tables import index_of
from semisup.recordings.signals import COLUMNS, signals_of
from semisup.signals.framing import rolling_windows
from semisup.signals.mfcc import FRAME_LENGTH, HOP_LENGTH, slaney_filters
from semisup.study.spec import RepresentationSpec
from semisup.study.table import Table

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

    def grid(self) -> Grid:
        """Return at which times windows start."""
        rate = self.sample_rate
        return Grid(self.step_samples / rate, self.window_samples / rate, of_windows=True)

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


def mel_misfits(sample_rate: int, n_mels: int, n_fft: int) -> list[str]:
    """Return why there are no such mel bands, if so."""
    try:
        slaney_filters(sample_rate, n_mels, n_fft)
    except SpecError as error:
        return [str(error)]
    return []


OptionsType = TypeVar("OptionsType", bound=Windows)


class Transform(ArrayRepresentation[OptionsType]):
    """A kind that maps windows of the signal to arrays, each by itself."""

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Map windows (k, window_samples) to rows (k, ...); what has a time axis has it last."""
        raise NotImplementedError

    @property
    def pooled(self) -> bool:
        """Whether classifiers other than networks get mean and deviation over time."""
        return isinstance(self.options, Pooling) and self.options.pooling != "none"

    def grid(self) -> Grid:
        """Return at which times windows start."""
        return self.options.grid()

    def arrays(self, inputs: Inputs, store: Path) -> pd.DataFrame:
        """Transform all windows of the recordings that are asked for, (n_windows, ...), float32.

        Memory holds one recording and a few windows a worker, whatever the corpus; an interrupted
        run goes on from its finished parts.

        Returns
        -------
        DataFrame
            recording, chunk; line i describes row i.
        """
        recordings = inputs.scored()
        items = [(rows, self) for rows in batches(recordings[COLUMNS], BATCH)]
        parts = map_to_parts(
            _write_part,
            items,
            inputs.parts,
            "",
            inputs.workers,
            f"windows of {inputs.name}",
            "recordings",
            [len(rows) for rows, _ in items],
        )
        counts = np.concatenate([np.load(part / COUNTS) for part in parts])
        # parts are plain numbers, without a shape; that of a row is the same for any window
        shape = self.transform(np.zeros((1, self.options.window_samples))).shape[1:]
        write_whole(store, lambda folder: _join(parts, (int(counts.sum()), *shape), folder))
        return index_of(recordings, counts)


def _write_part(item: tuple[pd.DataFrame, Transform], path: Path) -> None:
    """Write the rows of a batch of recordings one after the other, and how many each has."""
    rows, kind = item
    path.mkdir()
    counts = []
    with (path / VALUES).open("wb") as file:
        for signal in signals_of(rows, kind.options.sample_rate, kind.options.picture_size):
            counts.append(0)
            for block in transformed(signal, kind.options, kind.transform):
                block.astype(np.float32).tofile(file)
                counts[-1] += len(block)
    np.save(path / COUNTS, counts)


def transformed(
    signal: np.ndarray, options: Windows, transform: Callable[[np.ndarray], np.ndarray]
) -> Iterator[np.ndarray]:
    """Transform the windows of a recording; a picture is taken as it is, for one window.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), or (size, size, 3) for a picture
    options : Windows
        Of the kind.
    transform : callable
        Windows to rows, as `Transform.transform`.

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
        yield transform(block)


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
        # mapped, not read: memory holds some rows of it, however long its recordings are
        values = np.memmap(part / VALUES, np.float32, "r").reshape(-1, *shape[1:])
        for rows in batches(values, max(1, COPIED_BYTES // row_bytes)):
            array[done : done + len(rows)] = np.asarray(rows)
            done += len(rows)
