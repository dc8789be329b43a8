"""MFCC of whole recordings for kinds that look at frames: audio in, one array a recording out."""

from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.parallel import batches, map_to_parts
from semisup.features.contract import Inputs
from semisup.recordings.audio import load
from semisup.recordings.manifest import excerpt
from semisup.signals.mfcc import HOP_LENGTH, mfcc
from semisup.study.spec import Table

#: Recordings a batch: always the same ones together, whatever the number of jobs.
BATCH = 32
#: Milliseconds between two frames, at most: what the HEAR benchmark allows.
LONGEST_HOP = 50


class FrameOptions(Table):
    """Keys of kinds that look at frames of MFCC."""

    sample_rate: int = Field(22050, ge=1000, description="Hz, whatever the study's")
    hop_length: int = Field(HOP_LENGTH, ge=1, description="samples from frame to frame")

    @model_validator(mode="after")
    def _hops_often_enough(self) -> Self:
        most = LONGEST_HOP * self.sample_rate // 1000
        if self.hop_length > most:
            raise ValueError(
                f"hop_length must be at most {LONGEST_HOP} ms ({most} samples at "
                f"{self.sample_rate} Hz), got {self.hop_length}"
            )
        return self


def read_frames(
    inputs: Inputs, recordings: pd.DataFrame, options: FrameOptions, coefficients: int
) -> list[np.ndarray]:
    """Compute the MFCC of recordings, in parallel.

    Parameters
    ----------
    inputs : Inputs
        For its workers and folder of parts.
    recordings : DataFrame
        Some rows of ``inputs.recordings``.
    options : FrameOptions
        Sample rate and hop.
    coefficients : int
        Numbers a frame.

    Returns
    -------
    list of ndarray of shape (n_frames, coefficients), float32
        In the order of the recordings.
    """
    rows = recordings[["path", "start", "end"]]
    items = [(part, options, coefficients) for part in batches(rows, BATCH)]
    label = f"MFCC of {inputs.name}"
    paths = map_to_parts(_part, items, inputs.parts, ".npz", inputs.workers, label)
    return [frames for path in paths for frames in _read_part(path)]


def _part(item: tuple[pd.DataFrame, FrameOptions, int], path: Path) -> None:
    rows, options, coefficients = item
    rate = options.sample_rate
    signals = (load(row.path, rate, *excerpt(row.start, row.end))[0] for row in rows.itertuples())
    frames = [mfcc(part, rate, coefficients, hop_length=options.hop_length) for part in signals]
    np.savez(path, frames=np.concatenate(frames), lengths=[len(part) for part in frames])


def _read_part(path: Path) -> list[np.ndarray]:
    with np.load(path) as part:
        return np.split(part["frames"], np.cumsum(part["lengths"])[:-1])
