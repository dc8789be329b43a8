"""Pieces of raw audio: recordings in, averages of successive samples out, 500 numbers a piece.

A piece starts every second; 20,000 samples of it at 22,050 Hz, averaged by 40, are 500 numbers.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.parallel import batches, map_to_parts
from semisup.features.contract import Inputs
from semisup.features.label_dependent import PreparedRows
from semisup.recordings.audio import load
from semisup.recordings.manifest import excerpt
from semisup.signals.framing import rolling_windows
from semisup.study.spec import Table

#: Recordings a batch: always the same ones together, whatever the number of jobs.
BATCH = 32


class Pieces(Table):
    """Keys that say what a piece is."""

    sample_rate: int = Field(22050, ge=1000, description="Hz, whatever the study's")
    piece_seconds: float = Field(1.0, gt=0, description="from the start of a piece to the next's")
    piece_samples: int = Field(20000, ge=1, description="length of a piece")
    pooled_by: int = Field(40, ge=1, description="successive samples that a number is the mean of")

    @model_validator(mode="after")
    def _pieces_are_whole(self) -> "Pieces":
        if self.piece_samples % self.pooled_by:
            raise ValueError(
                f"piece_samples must be a multiple of pooled_by ({self.pooled_by}), "
                f"got {self.piece_samples}"
            )
        if self.hop < 1:
            raise ValueError(
                f"piece_seconds must be at least one sample at {self.sample_rate} Hz, "
                f"got {self.piece_seconds:g}"
            )
        return self

    @property
    def hop(self) -> int:
        """Samples from the start of a piece to that of the next."""
        return round(self.piece_seconds * self.sample_rate)

    @property
    def numbers(self) -> int:
        """Numbers of a piece."""
        return self.piece_samples // self.pooled_by


def cut(signal: np.ndarray, spec: Pieces) -> np.ndarray:
    """Cut the pieces of one signal.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        At `spec.sample_rate`; padded with zeros to one piece where it is shorter.
    spec : Pieces

    Returns
    -------
    ndarray of shape (n_pieces, spec.numbers), float32
        All pieces that fit into the signal, the first at its first sample.

    Examples
    --------
    >>> spec = Pieces(sample_rate=1000, piece_seconds=0.003, piece_samples=4, pooled_by=2)
    >>> cut(np.arange(8.0), spec)
    array([[0.5, 2.5],
           [3.5, 5.5]], dtype=float32)
    """
    windows = rolling_windows(signal, spec.piece_samples, spec.hop)
    pooled = windows.reshape(len(windows), spec.numbers, spec.pooled_by).mean(axis=2)
    return pooled.astype(np.float32)


def read_pieces(spec: Pieces, inputs: Inputs, recordings: pd.DataFrame) -> PreparedRows:
    """Cut the pieces of recordings, in parallel.

    Parameters
    ----------
    spec : Pieces
    inputs : Inputs
        For its workers and its folder of parts.
    recordings : DataFrame
        Some rows of ``inputs.recordings``.

    Returns
    -------
    PreparedRows
        x of shape (n_pieces, spec.numbers); chunks of a recording count from 0.
    """
    # the kind's own other keys must not reach the workers: parts depend on the pieces alone
    keys = Pieces(**{name: getattr(spec, name) for name in Pieces.model_fields})
    items = [(part, keys) for part in batches(recordings[["path", "start", "end"]], BATCH)]
    label = f"pieces of {inputs.name}"
    paths = map_to_parts(_part, items, inputs.parts, ".npz", inputs.workers, label)
    x, counts = [np.empty((0, spec.numbers), np.float32)], [np.empty(0, np.int64)]
    for path in paths:
        with np.load(path) as part:
            x.append(part["pieces"])
            counts.append(part["counts"])
    return PreparedRows(index_of(recordings, np.concatenate(counts)), np.concatenate(x))


def piece_table(rows: PreparedRows, values: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Return a feature table of one row a piece: recording, chunk, then the features."""
    return pd.concat([rows.index, pd.DataFrame(values, columns=names)], axis=1)


def index_of(recordings: pd.DataFrame, counts: np.ndarray) -> pd.DataFrame:
    """Return recording and chunk, counted from 0, of rows of which each recording has a count."""
    chunks = [np.arange(count, dtype=np.int32) for count in counts]
    return pd.DataFrame(
        {
            "recording": np.repeat(recordings["recording"].to_numpy(), counts),
            "chunk": np.concatenate([np.empty(0, np.int32), *chunks]),
        }
    )


def _part(item: tuple[pd.DataFrame, Pieces], path: Path) -> None:
    rows, spec = item
    pieces = [
        cut(load(row.path, spec.sample_rate, *excerpt(row.start, row.end))[0], spec)
        for row in rows.itertuples()
    ]
    np.savez(path, pieces=np.concatenate(pieces), counts=[len(part) for part in pieces])
