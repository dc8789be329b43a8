"""What a representation may read: recordings, chunks and tables of others; no label."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.artefacts import fingerprint
from semisup.engine.parallel import Workers
from semisup.recordings.signals import OfSignal, map_signals


class Once(NamedTuple):
    """Where what is made of single recordings is kept, for all folds of a study.

    Parameters
    ----------
    recordings : DataFrame
        All that are in any fold.
    folder : Path
    """

    recordings: pd.DataFrame
    folder: Path


@dataclass(frozen=True)
class Inputs:
    """Everything that a representation may read. There is no label in it.

    Parameters
    ----------
    name : str
        Of the representation in the study.
    folder : Path
        The representation's own folder, for its models.
    parts : Path
        For finished parts of its feature table; empty at the first run.
    base : Path
        The study file's folder, for paths that the user gives.
    seed : int
        Of everything random.
    sample_rate : int
        Of the study, in Hz.
    recordings : DataFrame
        Rows of the manifest of all subsets, without labels, with `subset`.
    chunks : array-like of shape (n_chunks, n_frames, n_bins), float32
        Spectrograms of the chunks; empty unless the kind needs "chunks".
    chunk_index : DataFrame
        recording, chunk, start_sample, subset; row i describes ``chunks[i]``.
    tables : dict of str to DataFrame
        Feature tables of the `parents`; empty unless the kind needs "tables".
    wanted : tuple of str
        Subsets whose features are asked for.
    workers : Workers
        Who does parallel work.
    once : Once, optional
        Of a study with folds.
    """

    name: str
    folder: Path
    parts: Path
    base: Path
    seed: int
    sample_rate: int
    recordings: pd.DataFrame
    # a Zarr array or an ndarray: Zarr's hints lack the length that the protocols of rows ask for
    chunks: Any = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))
    chunk_index: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    wanted: tuple[str, ...] = ("labelled", "test")
    workers: Workers = field(default_factory=Workers)
    once: Once | None = None

    def of_signals(
        self, function: OfSignal, rows: pd.DataFrame, sample_rate: int, label: str
    ) -> list[np.ndarray]:
        """Make an array of each recording by itself, in parallel; of a study with folds but once.

        Parameters
        ----------
        function : callable
            As in `semisup.recordings.signals.map_signals`; with the rate it says all that an
            array depends on besides the recording.
        rows : DataFrame
            Some of `recordings`.
        sample_rate : int
            In Hz.
        label : str
            What the progress bar calls it.

        Returns
        -------
        list of ndarray
            In the order of the rows.
        """
        if self.once is None:
            return map_signals(function, rows, sample_rate, self.parts, self.workers, label)
        everything, folder = self.once
        parts = folder / fingerprint(_written_out(function), sample_rate)
        arrays = map_signals(function, everything, sample_rate, parts, self.workers, label)
        place = pd.Series(range(len(everything)), index=everything["recording"])
        return [arrays[number] for number in place[rows["recording"]]]

    @property
    def speakers(self) -> pd.Series:
        """Speaker by recording."""
        return self.recordings.set_index("recording")["speaker"]

    def of_subset(self, *subsets: str) -> pd.DataFrame:
        """Return the recordings of one subset, or of several."""
        return self.recordings[self.recordings["subset"].isin(subsets)]

    def scored(self) -> pd.DataFrame:
        """Return the recordings whose features are asked for."""
        return self.recordings[self.recordings["subset"].isin(self.wanted)]


def _written_out(function: OfSignal) -> list[str]:
    """Return name and arguments of a function, which may be a `functools.partial`."""
    if isinstance(function, partial):
        arguments = [repr(function.args), repr(sorted(function.keywords.items()))]
        return [*_written_out(function.func), *arguments]
    return [function.__module__, function.__qualname__]
