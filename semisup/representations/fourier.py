"""Magnitude of the Fourier transform of windows of the signal: which frequencies, not when."""

from typing import Literal

import numpy as np
from pydantic import Field, model_validator
from scipy.fft import rfft

from semisup.representations._transforms import Transform, Windows


class Options(Windows):
    """Keys of a representation of this kind."""

    kind: Literal["fourier"]
    n_bins: int | None = Field(
        None, ge=1, description="numbers of a window, means of neighbouring bins; all if left out"
    )

    @model_validator(mode="after")
    def _has_so_many_bins(self) -> "Options":
        most = self.window_samples // 2 + 1
        if self.n_bins is not None and self.n_bins > most:
            raise ValueError(
                f"n_bins must be at most {most}, which a window of {self.window_samples} samples "
                f"has, got {self.n_bins}"
            )
        return self


class Fourier(Transform[Options]):
    """Fourier transforms of windows."""

    Options = Options

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return the magnitudes of windows (k, samples) from 0 Hz up, (k, n_bins), float32."""
        magnitudes = np.abs(rfft(windows))
        if self.options.n_bins is not None:
            # neighbours are averaged, not left out: no frequency is lost
            edges = np.linspace(0, magnitudes.shape[1], self.options.n_bins + 1).astype(int)
            sums = np.add.reduceat(magnitudes, edges[:-1], axis=1)
            magnitudes = sums / np.diff(edges)
        return magnitudes.astype(np.float32)
