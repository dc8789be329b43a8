"""Mel-frequency cepstral coefficients of windows of the signal, frame by frame."""

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
from semisup.signals.mfcc import BANDS, mfcc
from semisup.study.spec import ChunkSpec


class Options(Windows, Frames, Pooling):
    """Keys of a representation of this kind."""

    kind: Literal["mfcc_frames"]
    n_mfcc: int = Field(20, ge=1, le=BANDS, description="coefficients of a frame")


class MfccFrames(Transform[Options]):
    """Coefficients of windows, frame by frame."""

    Options = Options

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there are no mel bands that the coefficients are of, if so."""
        return mel_misfits(self.options.sample_rate, BANDS, self.options.n_fft)

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return the coefficients of windows (k, samples), (k, n_mfcc, n_frames), float32."""
        options = self.options
        mfcc_of = partial(
            mfcc,
            sample_rate=options.sample_rate,
            n_mfcc=options.n_mfcc,
            frame_length=options.n_fft,
            hop_length=options.hop_length,
        )
        return np.stack([mfcc_of(window).T for window in windows])
