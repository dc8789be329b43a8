"""Mel-frequency cepstral coefficients of windows of the signal, frame by frame."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.features.contract import Inputs
from semisup.representations._transforms import (
    Frames,
    Pooling,
    Windows,
    mel_misfits,
    write_arrays,
)
from semisup.signals.mfcc import BANDS, mfcc
from semisup.study.spec import ChunkSpec

LEVEL = "chunk"
NEEDS = "audio"
ARRAYS = True
MODELS: tuple[str, ...] = ()


class Options(Windows, Frames, Pooling):
    """Keys of a representation of this kind."""

    kind: Literal["mfcc_frames"]
    n_mfcc: int = Field(20, ge=1, le=BANDS, description="coefficients of a frame")


def misfits(options: Options, chunks: ChunkSpec) -> list[str]:
    """Return why there are no mel bands that the coefficients are of, if so."""
    return mel_misfits(options)


def transform(options: Options, windows: np.ndarray) -> np.ndarray:
    """Return the coefficients of windows (k, window_samples), (k, n_mfcc, n_frames), float32."""
    how = options.sample_rate, options.n_mfcc, options.n_fft, options.hop_length
    return np.stack([mfcc(window, *how).T for window in windows])


def arrays(options: Options, inputs: Inputs, store: Path) -> pd.DataFrame:
    """Write the coefficients of the recordings wanted, (n, n_mfcc, n_frames); return the index."""
    return write_arrays(options, inputs, store, transform)
