"""Constants that a network's input is scaled with: training rows in, means and variances out.

Keras's layers take variances (`Moments`); what is scaled before a network is divided by deviations
(`Standardisation`). To keep one and compute the other would change last bits.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from semisup.networks.models import Chunks, in_batches
from semisup.networks.rows import LazyRows, in_order

Scaling = Literal["raw", "log"]

#: Added to magnitudes before their logarithm: 80 dB below a full-scale sinusoid.
FLOOR = 1e-4
#: A bin whose log magnitude deviates by less never varies: to standardise it would only blow up
#: round-off.
LEAST_DEVIATION = 1e-3
#: Of other rows: a deviation that is smaller in relation to the mean is round-off.
ROUND_OFF = 1e-5
#: And a smaller one, of a signal around zero, is silence.
SILENCE = 1e-6


class Standardisation(NamedTuple):
    """Mean and deviation, of each channel or one for all."""

    mean: Any
    deviation: Any

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Standardise values (..., channels), float32."""
        return ((values - self.mean) / self.deviation).astype(np.float32)


class Moments(NamedTuple):
    """Mean and variance of each channel, each of shape (channels,)."""

    mean: np.ndarray
    variance: np.ndarray

    def standardisation(self) -> Standardisation:
        """Return what scales outside of a network."""
        return Standardisation(self.mean, np.sqrt(self.variance))


def varying(variance: np.ndarray, least: Any = LEAST_DEVIATION) -> np.ndarray:
    """Put a variance of 1 where the deviation is less than `least`: that never varies."""
    return np.where(variance < least**2, 1.0, variance)


def chunk_moments(chunks: Chunks, scaling: Scaling) -> tuple[np.ndarray, Moments | None]:
    """Average chunks in one pass.

    Parameters
    ----------
    chunks : Chunks of shape (n, frames, bins)
        Those to train on, raw magnitudes.
    scaling : {"raw", "log"}
        How the model scales its input.

    Returns
    -------
    mean : ndarray of shape (frames, bins)
        Mean spectrogram, in the space that the model has to restore.
    bins : Moments or None
        The constants of "log": of each bin's log10(magnitude + 1e-4). A bin that never varies gets
        the variance 1.
    """
    total: Any = 0.0
    squares: Any = 0.0
    for batch in in_batches(chunks):
        values = (np.log10(batch + FLOOR) if scaling == "log" else batch).astype(float)
        total = total + values.sum(axis=0)
        squares = squares + np.square(values).sum(axis=(0, 1))
    mean = total / len(chunks)
    if scaling == "raw":
        return mean, None
    center = mean.mean(axis=0)
    # a small difference of large sums: hence float64 above
    variance = varying(squares / (len(chunks) * len(mean)) - center**2)
    return (mean - center) / np.sqrt(variance), Moments(center, variance)


def spectra_moments(spectra: list[np.ndarray]) -> Moments:
    """Average spectrograms of any length, each of shape (n_frames, bins): log magnitudes by bin.

    What never varies gets the variance 1.
    """
    total: Any = 0.0
    squares: Any = 0.0
    for frames in spectra:
        values = np.log10(frames + FLOOR).astype(float)
        total = total + values.sum(axis=0)
        squares = squares + np.square(values).sum(axis=0)
    count = sum(map(len, spectra))
    center = total / count
    return Moments(center, varying(squares / count - center**2))


def row_moments(rows: LazyRows, positions: np.ndarray) -> Moments:
    """Average some rows in one pass: each band of (n, bands, frames), all samples of (n, samples).

    What never varies gets the variance 1.
    """
    total: Any = 0.0
    squares: Any = 0.0
    for batch in in_order(rows, positions):
        total = total + batch.astype(float).sum(axis=0)
        squares = squares + np.square(batch, dtype=float).sum(axis=0)
    count = len(positions) * rows.shape[-1]
    mean = np.atleast_1d(total.sum(axis=-1)) / count
    variance = np.atleast_1d(squares.sum(axis=-1)) / count - mean**2
    return Moments(mean, varying(variance, ROUND_OFF * np.abs(mean) + SILENCE))
