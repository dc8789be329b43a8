"""Short-time Fourier transform of windows of the signal: magnitude, in dB or as it is."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.features.contract import Inputs
from semisup.representations._transforms import Frames, Pooling, Windows, write_arrays
from semisup.signals.decibels import decibels
from semisup.signals.mfcc import power_spectra

LEVEL = "chunk"
NEEDS = "audio"
ARRAYS = True
MODELS: tuple[str, ...] = ()


class Options(Windows, Frames, Pooling):
    """Keys of a representation of this kind."""

    kind: Literal["stft"]
    magnitude: Literal["decibels", "linear"] = Field(
        "decibels", description="in dB, down to 80 below the window's loudest, or as it is"
    )


def transform(options: Options, windows: np.ndarray) -> np.ndarray:
    """Return the spectrograms of windows (k, window_samples), (k, n_bins, n_frames), float32.

    The n_fft // 2 + 1 bins are those of ``librosa.stft``; dB those of ``librosa.amplitude_to_db``.
    """
    powers = (
        np.concatenate([*power_spectra(window, options.n_fft, options.hop_length)])
        for window in windows
    )
    scale = decibels if options.magnitude == "decibels" else np.sqrt
    return np.stack([scale(power).T.astype(np.float32) for power in powers])


def arrays(options: Options, inputs: Inputs, store: Path) -> pd.DataFrame:
    """Write the spectrograms of the recordings wanted, (n, n_bins, n_frames); return the index."""
    return write_arrays(options, inputs, store, transform)
