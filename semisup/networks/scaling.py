"""Constants that a model's input is scaled with: training chunks in, means and variances out."""

from typing import Any, Literal, NamedTuple

import numpy as np

from semisup.networks.models import Chunks, in_batches

Scaling = Literal["raw", "log"]

#: Added to magnitudes before their logarithm: 80 dB below a full-scale sinusoid.
FLOOR = 1e-4
#: A bin whose log magnitude deviates by less never varies: to standardise it would only blow up
#: round-off.
LEAST_DEVIATION = 1e-3


class BinScaling(NamedTuple):
    """Mean and variance of each bin's log10(magnitude + 1e-4), each of shape (bins,)."""

    mean: np.ndarray
    variance: np.ndarray


def moments(chunks: Chunks, scaling: Scaling) -> tuple[np.ndarray, BinScaling | None]:
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
    bins : BinScaling or None
        The constants of "log". A bin that never varies gets the variance 1.
    """
    total: Any = 0.0
    squares: Any = 0.0
    for part in in_batches(chunks):
        values = (np.log10(part + FLOOR) if scaling == "log" else part).astype(float)
        total = total + values.sum(axis=0)
        squares = squares + np.square(values).sum(axis=(0, 1))
    mean = total / len(chunks)
    if scaling == "raw":
        return mean, None
    center = mean.mean(axis=0)
    variance = squares / (len(chunks) * len(mean)) - center**2
    variance = np.where(variance < LEAST_DEVIATION**2, 1.0, variance)
    return (mean - center) / np.sqrt(variance), BinScaling(center, variance)
