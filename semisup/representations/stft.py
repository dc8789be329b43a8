"""Short-time Fourier transform of windows of the signal: magnitude, in dB or as it is."""

from typing import Literal

import numpy as np
from pydantic import Field

from semisup.representations._transforms import Frames, Pooling, Transform, Windows
from semisup.signals.decibels import decibels
from semisup.signals.mfcc import power_spectra


class Options(Windows, Frames, Pooling):
    """Keys of a representation of this kind."""

    kind: Literal["stft"]
    magnitude: Literal["decibels", "linear"] = Field(
        "decibels", description="in dB, down to 80 below the window's loudest, or as it is"
    )


class Stft(Transform[Options]):
    """Short-time Fourier transforms of windows."""

    Options = Options

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return the spectrograms of windows (k, samples), (k, n_bins, n_frames), float32.

        The n_fft // 2 + 1 bins are those of ``librosa.stft``; dB those of
        ``librosa.amplitude_to_db``.
        """
        powers = (
            np.concatenate([*power_spectra(window, self.options.n_fft, self.options.hop_length)])
            for window in windows
        )
        scale = decibels if self.options.magnitude == "decibels" else np.sqrt
        return np.stack([scale(power).T.astype(np.float32) for power in powers])
