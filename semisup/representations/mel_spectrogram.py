"""Mel spectrograms of windows of the signal in dB, as librosa's: 128 x 130 for 3 s."""

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
from semisup.signals.decibels import decibels
from semisup.signals.mfcc import BANDS
from semisup.signals.mfcc import mel_spectrogram as mel_power
from semisup.study.spec import ChunkSpec

LEVEL = "chunk"
NEEDS = "audio"
ARRAYS = True
MODELS: tuple[str, ...] = ()


class Options(Windows, Frames, Pooling):
    """Keys of a representation of this kind."""

    kind: Literal["mel_spectrogram"]
    n_mels: int = Field(BANDS, ge=1, description="bands from 0 Hz to half the sample rate")


def misfits(options: Options, chunks: ChunkSpec) -> list[str]:
    """Return why there are no such bands, if so."""
    return mel_misfits(options, options.n_mels)


def transform(options: Options, windows: np.ndarray) -> np.ndarray:
    """Return the spectrograms of windows (k, window_samples), (k, n_mels, n_frames), float32.

    In dB relative to power 1, down to 80 below the window's loudest.
    """
    how = options.sample_rate, options.n_mels, options.n_fft, options.hop_length
    return np.stack([decibels(mel_power(window, *how)).T.astype(np.float32) for window in windows])


def arrays(options: Options, inputs: Inputs, store: Path) -> pd.DataFrame:
    """Write the spectrograms of the recordings wanted, (n, n_mels, n_frames); return the index."""
    return write_arrays(options, inputs, store, transform)
