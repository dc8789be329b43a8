"""Log-mel spectrograms: a signal in, its frames' band powers and their statistics over time out.

The mel scale is O'Shaughnessy's, 2595 log10(1 + f / 700); filters are triangles of height 1, evenly
spaced on it, so that neighbours add up to 1 between the centres.
"""

from functools import cache

import numpy as np
from scipy.fft import rfft

from semisup.signals.framing import rolling_windows
from semisup.signals.handcrafted_filters import checked_signal
from semisup.signals.mel_filters import triangles

BANDS = 64
FRAME_SECONDS, HOP_SECONDS = 0.032, 0.01
#: Zero-padding of a frame: the lowest of 64 mel filters are narrower than a bin without it.
PADDING = 2
LOWEST_HZ = 50.0
#: Added to powers before their logarithm, below the noise of a quiet 16-bit recording.
FLOOR = 1e-6
#: Frames this far below the loud ones (their 95th percentile) are taken for silence.
SPEECH_DECIBELS = 35.0
QUANTILES = (10, 25, 50, 75, 90)
STATISTICS = (
    "mean",
    "std",
    *(f"q{quantile}" for quantile in QUANTILES),
    "delta_std",
    "delta_size",
)


@cache
def mel_filters(sample_rate: int, n_bands: int = BANDS) -> np.ndarray:
    """Return triangular filters between 50 Hz and half the sample rate.

    Parameters
    ----------
    sample_rate : int
        In Hz.
    n_bands : int
        Number of filters.

    Returns
    -------
    ndarray of shape (n_bands, n_bins)
        Weight of each bin of a zero-padded frame's power spectrum.

    Raises
    ------
    SpecError
        If the sample rate is so low that a filter would be empty.

    References
    ----------
    D. O'Shaughnessy, "Speech Communication: Human and Machine", Addison-Wesley 1987, p. 150.
    """
    length = PADDING * _samples(FRAME_SECONDS, sample_rate)
    lowest, highest = 2595 * np.log10(1 + np.array([LOWEST_HZ, sample_rate / 2]) / 700)
    edges = 700 * (10 ** (np.linspace(lowest, highest, n_bands + 2) / 2595) - 1)
    return triangles(edges, sample_rate, length)


def log_mel(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the logarithm of band powers, a frame of 32 ms every 10 ms, Hann window.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        In [-1, 1]; its mean is subtracted, its level is kept. Shorter than a frame it is padded.
    sample_rate : int
        In Hz.

    Returns
    -------
    ndarray of shape (n_frames, 64), float64
        Natural logarithm of power + 1e-6.
    """
    frames = framed(signal, sample_rate, FRAME_SECONDS)
    # a periodic window: NumPy's own is symmetric
    window = np.hanning(frames.shape[1] + 1)[:-1]
    power = np.abs(rfft(frames * window, PADDING * frames.shape[1])) ** 2
    return np.log(power @ mel_filters(sample_rate).T + FLOOR)


def framed(signal: np.ndarray, sample_rate: int, seconds: float) -> np.ndarray:
    """Return the overlapping frames of a signal without its mean, one every 10 ms."""
    signal = checked_signal(signal)
    length, hop = _samples(seconds, sample_rate), _samples(HOP_SECONDS, sample_rate)
    return rolling_windows(signal - signal.mean(), length, hop)


def speech_frames(contours: np.ndarray) -> np.ndarray:
    """Tell which frames of a log-mel spectrogram are within 35 dB of the loud ones.

    Parameters
    ----------
    contours : ndarray of shape (n_frames, n_bands)
        As `log_mel` gives it.

    Returns
    -------
    ndarray of shape (n_frames,), bool
        True for one frame at least.
    """
    level = np.log(np.exp(contours).sum(axis=1))
    return level >= np.percentile(level, 95, method="lower") - SPEECH_DECIBELS * np.log(10) / 10


def statistics(contours: np.ndarray) -> np.ndarray:
    """Summarise contours over time.

    Parameters
    ----------
    contours : ndarray of shape (n_frames, n_contours)

    Returns
    -------
    ndarray of shape (9 * n_contours,)
        All contours' means, then deviations, the 10, 25, 50, 75 and 90 percentiles, and of the
        differences between neighbouring frames the deviation and the mean size: `STATISTICS`.
    """
    # a single frame has no neighbour: its differences are 0, not NaN
    deltas = np.diff(contours, axis=0) if len(contours) > 1 else np.zeros_like(contours)
    return np.concatenate(
        [
            contours.mean(axis=0),
            contours.std(axis=0),
            *np.percentile(contours, QUANTILES, axis=0),
            deltas.std(axis=0),
            np.abs(deltas).mean(axis=0),
        ]
    )


def statistics_names(contours: list[str]) -> list[str]:
    """Return the names of what `statistics` gives."""
    return [f"{contour}_{statistic}" for statistic in STATISTICS for contour in contours]


def _samples(seconds: float, sample_rate: int) -> int:
    return round(seconds * sample_rate)
