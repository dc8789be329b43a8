"""Filters, normalisation and magnitudes of hand-crafted features and chunk spectrograms.

In: a signal or a sample rate. Out: the signal checked, normalised and as magnitudes; the mel filter
bank and the chroma map as sparse matrices, planned once for each sample rate.

The tables follow pyAudioAnalysis 0.3.14 [1]_ to the letter, its quirks included: the hand-crafted
features are defined by what that library computes.

References
----------
.. [1] T. Giannakopoulos, "pyAudioAnalysis: An Open-Source Python Library for Audio Signal
   Analysis", PLOS ONE 10(12), 2015. https://doi.org/10.1371/journal.pone.0144610
"""

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.errors import BadAudioError, SpecError
from semisup.signals.framing import FRAME_SECONDS
from semisup.study.table import HIGHEST_RATE

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Of the library's filter bank: 13 filters evenly spaced from the lowest on, 27 further and further
#: apart above them.
LINEAR_FILTERS, LOG_FILTERS = 13, 27
LOWEST_HZ, LINEAR_STEP_HZ, LOG_STEP = 133.33, 200 / 3, 1.0711703
#: A0, the note that chroma classes are counted from.
LOWEST_NOTE_HZ = 27.5


class Tables(NamedTuple):
    """All that the short-term features need to know about a sample rate."""

    mel: "csr_array"  # (40 filters, bins): magnitudes to filter outputs
    chroma: "csr_array"  # (12 classes, bins): powers to pitch classes
    bin_hz: np.ndarray  # (bins,), as the centroid counts them


def checked_signal(signal: np.ndarray) -> np.ndarray:
    """Return a signal as float64 in [-1, 1]; integers are taken as PCM.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        Float, or signed integers of b bits, which are divided by 2**(b - 1).

    Raises
    ------
    BadAudioError
        If it is empty, not one-dimensional, not real numbers, or holds NaN or infinity.
    """
    if isinstance(signal, np.ma.MaskedArray):
        masked = np.ma.count_masked(signal)
        raise BadAudioError(
            f"a signal must have all of its samples, got a masked array ({masked} of {signal.size})"
        )
    signal = np.asarray(signal)
    if signal.ndim != 1 or signal.dtype.kind not in "fi":
        raise BadAudioError(
            "a signal must be one channel of floats or signed integers, got an array of shape "
            f"{signal.shape} and type {signal.dtype}"
        )
    if signal.size == 0:
        raise BadAudioError("the signal holds no samples")
    if signal.dtype.kind == "i":
        return signal / 2.0 ** (8 * signal.itemsize - 1)
    signal = np.ascontiguousarray(signal, dtype=np.float64)
    # A sum is finite only if every sample is, and far cheaper than looking at each.
    if not np.isfinite(_sum(signal)):
        bad = int((~np.isfinite(signal)).sum())
        reason = f"{bad} of {signal.size} are NaN or infinite" if bad else "their sum overflows"
        raise BadAudioError(f"the samples of a signal must be finite numbers, but {reason}")
    return signal


def _sum(signal: np.ndarray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(signal.sum())


def frame_length(sample_rate: int) -> int:
    """Return the samples of a frame of 0.05 s, halves rounded to even.

    Examples
    --------
    >>> frame_length(8000), frame_length(22050)
    (400, 1102)
    """
    return round(FRAME_SECONDS * sample_rate)


def normalised(signal: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Subtract a signal's mean and divide it by its peak, to within [-1, 1].

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float64
    out : ndarray of shape (n,), float64, optional
        Where the first n samples of the result go.
    """
    mean = signal.mean()
    # max |x - mean|, without an array of it
    peak = max(signal.max() - mean, mean - signal.min())
    centred = np.subtract(signal if out is None else signal[: out.size], mean, out=out)
    # the library's constant, which keeps silence from dividing by zero
    centred /= peak + 1e-10
    return centred


def magnitudes(frames: np.ndarray) -> np.ndarray:
    """Return the FFT magnitudes of frames, without the last bin, divided by their number.

    Parameters
    ----------
    frames : ndarray of shape (..., frame), float64

    Returns
    -------
    ndarray of shape (..., frame // 2)
    """
    # on use, here and below: a run with nothing to do must not wait for SciPy
    from scipy.fft import rfft

    bins = frames.shape[-1] // 2
    # of all bins, which lie side by side in memory
    return np.divide(np.abs(rfft(frames))[..., :bins], bins)


def tables(sample_rate: int) -> Tables:
    """Plan the filter bank and the chroma map of a sample rate in Hz.

    Raises
    ------
    SpecError
        If the filter bank does not fit below the sample rate: pyAudioAnalysis raises there too; or
        no recording has such a rate.
    """
    top = float(_filter_edges()[-1])
    is_number = isinstance(sample_rate, int | float | np.integer | np.floating)
    if not (is_number and top < sample_rate <= HIGHEST_RATE):
        raise SpecError(
            f"hand-crafted features need a sample_rate above {top:.0f} Hz, where their highest "
            f"filter ends, and up to {HIGHEST_RATE} Hz, got {str(sample_rate)[:20]} Hz"
        )
    return _tables(sample_rate)


@cache
def _tables(sample_rate: int) -> Tables:
    from scipy.sparse import csr_array

    bins = frame_length(sample_rate) // 2
    bin_hz = np.arange(1, bins + 1) * (sample_rate / (2.0 * bins))
    return Tables(
        csr_array(_mel_filters(sample_rate, bins)),
        csr_array(_chroma_map(sample_rate, bins)),
        bin_hz,
    )


def _filter_edges() -> np.ndarray:
    linear = LOWEST_HZ + np.arange(LINEAR_FILTERS) * LINEAR_STEP_HZ
    return np.append(linear, linear[-1] * LOG_STEP ** np.arange(1, LOG_FILTERS + 3))


def _mel_filters(sample_rate: int, bins: int) -> np.ndarray:
    """Triangles over `bins` bins that are spaced as if they reached the sample rate, not half."""
    edges = _filter_edges()
    hz = np.arange(bins) / (1.0 * bins) * sample_rate
    edge_bins = np.floor(edges * bins / sample_rate).astype(int) + 1
    filters = np.zeros((len(edges) - 2, bins))
    for row, (low, centre, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        first, middle, last = edge_bins[row : row + 3]
        height = 2.0 / (high - low)
        filters[row, first:middle] = height / (centre - low) * (hz[first:middle] - low)
        filters[row, middle:last] = height / (high - centre) * (high - hz[middle:last])
    return filters


def _chroma_map(sample_rate: int, bins: int) -> np.ndarray:
    """Write the library's assignments `C[note] = power; C /= count[note]` as one linear map.

    Of the bins that share a note the last one wins, notes below A0 wrap to the end of C, and the
    power at place k of C is divided by the count that belongs to the note of *bin* k.
    """
    hz = np.array([((k + 1) * sample_rate) / (2 * bins) for k in range(bins)])
    note = np.round(12.0 * np.log2(hz / LOWEST_NOTE_HZ)).astype(int)
    _, inverse, counts = np.unique(note, return_inverse=True, return_counts=True)
    count_of_bin = counts[inverse]
    source = np.full(bins, -1)
    # of repeated notes NumPy keeps the last assignment, as it does in the library
    source[note] = np.arange(bins)
    place = np.flatnonzero(source >= 0)
    chroma = np.zeros((12, bins))
    chroma[place % 12, source[place]] = 1.0 / count_of_bin[note[place]]
    return chroma
