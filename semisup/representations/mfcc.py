"""Mel-frequency cepstral coefficients: their mean over time, or all frames side by side."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.audio import load
from semisup.manifest import excerpt
from semisup.mfcc import BANDS, HOP_LENGTH, mfcc
from semisup.parallel import batches, map_to_parts
from semisup.progress import say
from semisup.representations._descriptors import feature_table
from semisup.representations._inputs import Inputs
from semisup.representations._speakers import BySpeaker, by_speaker

LEVEL = "recording"
NEEDS = "audio"
MODELS: tuple[str, ...] = ()
#: Recordings a batch: always the same ones together, whatever the number of jobs.
BATCH = 32
#: Milliseconds between two frames, at most: what the HEAR benchmark allows.
LONGEST_HOP = 50


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["mfcc"]
    coefficients: int = Field(64, ge=1, le=BANDS)
    embedding: Literal["scene", "timestamps"] = Field(
        "scene",
        description="mean over time, or all frames side by side, as many as the shortest has",
    )
    sample_rate: int = Field(22050, ge=1000, description="Hz, whatever the study's")
    hop_length: int = Field(HOP_LENGTH, ge=1, description="samples from frame to frame")

    @model_validator(mode="after")
    def _hops_often_enough(self) -> "Options":
        most = LONGEST_HOP * self.sample_rate // 1000
        if self.hop_length > most:
            raise ValueError(
                f"hop_length must be at most {LONGEST_HOP} ms ({most} samples at "
                f"{self.sample_rate} Hz), got {self.hop_length}"
            )
        return self


def extract(options: Options, inputs: Inputs) -> pd.DataFrame:
    """Return one row of coefficients for every labelled and test recording."""
    rows = inputs.scored()
    items = [(part, options) for part in batches(rows[["path", "start", "end"]], BATCH)]
    label = f"MFCC of {inputs.name}"
    paths = map_to_parts(_part, items, inputs.parts, ".npz", inputs.workers, label)
    frames = [recording for path in paths for recording in _recordings(path)]
    shortest = min(len(recording) for recording in frames)
    if options.embedding == "timestamps":
        say(f"  {inputs.name}: recordings trimmed to the {shortest} frames of the shortest")
    values = np.stack([recording[:shortest].ravel() for recording in frames])
    if options.speaker_normalisation != "none":
        values = by_speaker(values, rows["speaker"], options.speaker_normalisation)
    return feature_table(rows, values, names(options, shortest))


def names(options: Options, n_frames: int) -> list[str]:
    """Name the columns: coefficients, within frames where those are side by side."""
    coefficients = [f"mfcc_{number:02d}" for number in range(options.coefficients)]
    if options.embedding == "scene":
        return coefficients
    width = len(str(n_frames - 1))
    return [f"t{frame:0{width}d}_{name}" for frame in range(n_frames) for name in coefficients]


def _part(item: tuple[pd.DataFrame, Options], path: Path) -> None:
    """Write the frames of a batch of recordings, one frame each where scenes are asked for."""
    rows, options = item
    rate = options.sample_rate
    signals = (load(row.path, rate, *excerpt(row.start, row.end))[0] for row in rows.itertuples())
    frames = [
        mfcc(signal, rate, options.coefficients, hop_length=options.hop_length)
        for signal in signals
    ]
    if options.embedding == "scene":
        frames = [part.mean(axis=0, dtype=float)[None].astype(np.float32) for part in frames]
    np.savez(path, frames=np.concatenate(frames), lengths=[len(part) for part in frames])


def _recordings(path: Path) -> list[np.ndarray]:
    with np.load(path) as part:
        return np.split(part["frames"], np.cumsum(part["lengths"])[:-1])
