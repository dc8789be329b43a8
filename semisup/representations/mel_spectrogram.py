"""Mel spectrograms of windows of the signal in dB, as librosa's: 128 x 130 for 3 s."""

from functools import partial
from typing import Literal

import numpy as np
from pydantic import Field

from semisup.representations._transforms import (
    Frames,
    Pooling,
    Transform,
    Windows,
    mel_misfits,
)
from semisup.signals.decibels import decibels
from semisup.signals.mfcc import BANDS
from semisup.signals.mfcc import mel_spectrogram as mel_power
from semisup.study.spec import ChunkSpec


class Options(Windows, Frames, Pooling):
    """Keys of a representation of this kind."""

    kind: Literal["mel_spectrogram"]
    n_mels: int = Field(BANDS, ge=1, description="bands from 0 Hz to half the sample rate")


class MelSpectrogram(Transform[Options]):
    """Mel spectrograms of windows."""

    Options = Options

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there are no such bands, if so."""
        return mel_misfits(self.options.sample_rate, self.options.n_mels, self.options.n_fft)

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return the spectrograms of windows (k, window_samples), (k, n_mels, n_frames), float32.

        In dB relative to power 1, down to 80 below the window's loudest.
        """
        options = self.options
        power_of = partial(
            mel_power,
            sample_rate=options.sample_rate,
            n_mels=options.n_mels,
            frame_length=options.n_fft,
            hop_length=options.hop_length,
        )
        powers = (power_of(window) for window in windows)
        return np.stack([decibels(power).T.astype(np.float32) for power in powers])
