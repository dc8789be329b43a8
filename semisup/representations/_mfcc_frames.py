"""MFCC of whole recordings for kinds that look at frames: audio in, one array a recording out."""

from functools import partial
from typing import Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.features.inputs import Inputs
from semisup.signals.mfcc import HOP_LENGTH, mfcc
from semisup.study.table import Table

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
    frames_of = partial(mfcc, n_mfcc=coefficients, hop_length=options.hop_length)
    label = f"MFCC of {inputs.name}"
    return inputs.of_signals(frames_of, recordings, options.sample_rate, label)
