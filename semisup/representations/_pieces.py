"""Pieces of raw audio: recordings in, averages of successive samples out, 500 numbers a piece.

A piece starts every second; 20,000 samples of it at 22,050 Hz, averaged by 40, are 500 numbers.
"""

from functools import partial

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.features.contract import Grid, PreparedRows
from semisup.features.inputs import Inputs
from semisup.features.tables import index_of
from semisup.signals.framing import rolling_windows
from semisup.study.table import Table


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

    def grid(self) -> Grid:
        """Return at which times pieces start."""
        return Grid(self.hop / self.sample_rate, self.piece_samples / self.sample_rate)

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
    pieces_of, label = partial(_cut, keys), f"pieces of {inputs.name}"
    pieces = inputs.of_signals(pieces_of, recordings, spec.sample_rate, label)
    index = index_of(recordings, [len(array) for array in pieces])
    # begins with nothing: there may be no recording, of which nothing could be joined
    none = np.empty((0, spec.numbers), np.float32)
    return PreparedRows(index, np.concatenate([none, *pieces]))


def piece_table(rows: PreparedRows, values: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Return a feature table of one row a piece: recording, chunk, then the features."""
    return pd.concat([rows.index, pd.DataFrame(values, columns=names)], axis=1)


def _cut(spec: Pieces, signal: np.ndarray, sample_rate: int) -> np.ndarray:
    return cut(signal, spec)
