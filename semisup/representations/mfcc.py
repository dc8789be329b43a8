"""Mel-frequency cepstral coefficients: their mean over time, or all frames side by side."""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.progress import say
from semisup.features.inputs import Inputs
from semisup.representations._mfcc_frames import FrameOptions, read_frames
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.signals.mfcc import BANDS


class Options(FrameOptions, BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["mfcc"]
    coefficients: int = Field(64, ge=1, le=BANDS)
    embedding: Literal["scene", "timestamps"] = Field(
        "scene",
        description="mean over time, or all frames side by side, as many as the shortest has",
    )


class Mfcc(SpeakerNormalised[Options]):
    """Coefficients over time."""

    Options = Options

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of coefficients for every labelled and test recording."""
        rows = inputs.scored()
        frames = read_frames(inputs, rows, self.options, self.options.coefficients)
        shortest = min(len(recording) for recording in frames)
        if self.options.embedding == "timestamps":
            say(f"  {inputs.name}: recordings trimmed to the {shortest} frames of the shortest")
            values = np.stack([recording[:shortest].ravel() for recording in frames])
        else:
            scenes = [recording.mean(axis=0, dtype=float) for recording in frames]
            values = np.stack(scenes).astype(np.float32)
        return normalised_table(self.options, rows, values, names(self.options, shortest))


def names(options: Options, n_frames: int) -> list[str]:
    """Name the columns: coefficients, within frames where those are side by side."""
    coefficients = [f"mfcc_{number:02d}" for number in range(options.coefficients)]
    if options.embedding == "scene":
        return coefficients
    width = len(str(n_frames - 1))
    return [f"t{frame:0{width}d}_{name}" for frame in range(n_frames) for name in coefficients]
