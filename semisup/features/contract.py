"""What a kind of representation is given, and what it must be.

A kind is one file of this folder. Its docstring's first line describes it; it has

`LEVEL` : "recording" or "chunk"
    What one row of its table is.
`NEEDS` : "audio", "chunks", "tables" or "nothing"
    What must be there before it can work; "tables" are those of other representations, which
    `parents(options)` names.
`PICTURES` : bool, optional
    Whether it takes recordings that are pictures, not sound.
`MODELS` : tuple of str
    Files that `fit` writes; empty where nothing is learned, and then there is no `fit`.
`Options` : subclass of `RepresentationSpec`
    Its own keys in `[representations.<name>]`; ``kind: Literal["<name>"]``.
`fit(options, inputs)` : function
    Learns from the unlabelled subset alone and writes `MODELS` into `inputs.folder`.
`misfits(options, chunks)` : function, optional
    Returns why it cannot work with the study's `[chunks]`, before anything is made.
`reconstructions(options, inputs)`, `ends(options, inputs)` : functions, optional
    Return what the figures of restored chunks, and of steps between two codes, are drawn from.
`unmet(options, base)` : function, optional
    Returns why it cannot work with the user's files, before anything is made.
`watched(options, base)` : function, optional
    Returns the user's files whose change makes its features stale.
`extract(options, inputs)` : function
    Returns the feature table of the recordings of `inputs.wanted` (labelled and test unless said
    otherwise): recording, chunk (-1 for a whole recording), then one column a feature.

A kind whose features depend on labels is fitted in every cell; see `_refitted`.
A kind whose rows are arrays, such as spectrograms, writes them to disk; see `_transforms`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup.engine.parallel import Workers


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
        Spectrograms of the chunks; empty unless `NEEDS` is "chunks".
    chunk_index : DataFrame
        recording, chunk, start_sample, subset; row i describes ``chunks[i]``.
    tables : dict of str to DataFrame
        Feature tables of the `parents`; empty unless `NEEDS` is "tables".
    wanted : tuple of str
        Subsets whose features are asked for.
    workers : Workers
        Who does parallel work.
    """

    name: str
    folder: Path
    parts: Path
    base: Path
    seed: int
    sample_rate: int
    recordings: pd.DataFrame
    chunks: Any = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))
    chunk_index: pd.DataFrame = field(default_factory=pd.DataFrame)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    wanted: tuple[str, ...] = ("labelled", "test")
    workers: Workers = field(default_factory=Workers)

    @property
    def speakers(self) -> pd.Series:
        """Speaker by recording."""
        return self.recordings.set_index("recording")["speaker"]

    def scored(self) -> pd.DataFrame:
        """Return the recordings whose features are asked for."""
        return self.recordings[self.recordings["subset"].isin(self.wanted)]
