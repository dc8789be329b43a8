"""What a representation may read: recordings, chunks and tables of others; no label."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup.engine.artefacts import fingerprint
from semisup.engine.parallel import Workers
from semisup.recordings.kept import Maker, arrays_of, folder_of, has_contents
from semisup.recordings.signals import OfSignal, one_by_one


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
        Rows of the manifest of all subsets, without labels, with `subset`, and with `content`, a
        hash of what each sounds like.
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
    kept : Path, optional
        Where what is extracted of single recordings is kept for later, of all folds of a study.
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
    kept: Path | None = None

    def of_signals(
        self, function: OfSignal, rows: pd.DataFrame, sample_rate: int, label: str
    ) -> list[np.ndarray]:
        """Make an array of each recording by itself, in parallel, unless it is kept from before.

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
        maker = Maker(one_by_one(function), _written_out(function), sample_rate)
        return self.made_by(maker, rows, label)

    def made_by(
        self, maker: Maker, rows: pd.DataFrame, label: str, workers: Workers | None = None
    ) -> list[np.ndarray]:
        """Make an array of each recording as `of_signals`, with others of its batch.

        Parameters
        ----------
        maker : Maker
        rows, label
            As in `of_signals`.
        workers : Workers, optional
            Who does it, if not those of the study.
        """
        if self.kept is None or not has_contents(rows):
            return maker.make(rows, self.parts, workers or self.workers, label)
        return arrays_of(maker, rows, self.kept, workers or self.workers, label)

    def parts_of(self, key: object, rows: pd.DataFrame, sample_rate: int) -> Path:
        """Return a folder for finished parts that later runs find again.

        Parameters
        ----------
        key : object
            All that they depend on besides recordings and rate, as JSON can have it.
        rows : DataFrame
            Some of `recordings`, in the order in which they go into parts.
        sample_rate : int
            In Hz.
        """
        if self.kept is None or not has_contents(rows):
            return self.parts
        return folder_of(key, sample_rate, self.kept) / fingerprint(list(rows["content"]))

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
