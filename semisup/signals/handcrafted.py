"""Hand-crafted features: 34 short-term features, their deltas, mid-term means and deviations.

In: signals in [-1, 1]. Out: 136 values a recording, in pyAudioAnalysis's names and order
(docs/CONCEPTS.md, Hand-crafted features). The vectorised engine stacks the frames of all recordings
of a batch and agrees with pyAudioAnalysis 0.3.14 to 1e-9.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from semisup.errors import BadAudioError, SpecError
from semisup.signals.handcrafted_filters import (
    Tables,
    checked_signal,
    frame_length,
    normalised,
    tables,
)
from semisup.signals.handcrafted_frames import SHORT_TERM_NAMES, frame_features

#: Frames that are worked on at once: their arrays stay in a core's cache.
BLOCK = 128
#: Frames that lie in memory side by side at least.
STACKED = 2048
FEATURE_NAMES = tuple(
    f"{delta}{name}_{statistic}"
    for statistic in ("mean", "std")
    for delta in ("", "delta ")
    for name in SHORT_TERM_NAMES
)
_FLUX = SHORT_TERM_NAMES.index("spectral_flux")

Engine = Literal["vectorised", "pyaudioanalysis"]


def handcrafted_features(
    signal: np.ndarray, sample_rate: int, engine: Engine = "vectorised"
) -> np.ndarray:
    """Return the 136 hand-crafted features of one recording.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        Float in [-1, 1], or signed integers, which are taken as PCM.
    sample_rate : int
        In Hz, above 6854.
    engine : {"vectorised", "pyaudioanalysis"}
        Ours, or the library itself, some fifty times slower. They agree to 1e-9.

    Returns
    -------
    ndarray of shape (136,), float64
        In the order of `FEATURE_NAMES`; always finite.

    Raises
    ------
    BadAudioError
        If the signal is shorter than one frame of 0.05 s, or holds NaN or infinity.
    SpecError
        If the sample rate is too low, or there is no such engine.

    References
    ----------
    T. Giannakopoulos, "pyAudioAnalysis: An Open-Source Python Library for Audio Signal Analysis",
    PLOS ONE 10(12), 2015. https://doi.org/10.1371/journal.pone.0144610

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> features = dict(zip(FEATURE_NAMES, handcrafted_features(tone, 8000)))
    >>> round(float(features["zcr_mean"]), 2)  # 2 * 440 crossings in 8000 samples
    0.11
    """
    if engine == "vectorised":
        return handcrafted_batch([signal], sample_rate)[0]
    if engine == "pyaudioanalysis":
        return _library_features(_usable(signal, sample_rate), sample_rate)
    raise SpecError(f"engine must be 'vectorised' or 'pyaudioanalysis', got {engine!r}")


def handcrafted_batch(signals: Sequence[np.ndarray], sample_rate: int) -> np.ndarray:
    """Return the hand-crafted features of several recordings, as `handcrafted_features` does.

    Parameters
    ----------
    signals : sequence of ndarray of shape (n_samples,)
        Of any lengths. A few dozen recordings at a time are as quick as more.
    sample_rate : int
        In Hz, of all of them.

    Returns
    -------
    ndarray of shape (n_signals, 136), float64
        A row does not depend on the other signals, not even in its last bit.

    Raises
    ------
    BadAudioError
        As `handcrafted_features`; the message gives the number of the signal in the batch.
    SpecError
        If the sample rate is too low.
    """
    planned = tables(sample_rate)
    if len(signals) == 0:
        return np.empty((0, len(FEATURE_NAMES)))
    usable = _all_usable(signals, sample_rate)
    frame = frame_length(sample_rate)
    ends = np.cumsum([signal.size // frame for signal in usable])
    firsts = np.append(0, ends[:-1])
    features = np.concatenate([_short_term(group, planned) for group in _groups(usable, frame)])
    # The row above a recording's first frame is another recording's.
    features[firsts, _FLUX] = 0.0
    both = _with_deltas(features, firsts)
    return _long_term_means(both, firsts, ends, _frames_per_window(sample_rate))


def _usable(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    tables(sample_rate)  # refuses a sample rate that is too low
    signal = checked_signal(signal)
    frame = frame_length(sample_rate)
    if signal.size < frame:
        raise BadAudioError(
            f"hand-crafted features need one frame of 0.05 s ({frame} samples at {sample_rate} Hz) "
            f"at least, got {signal.size} sample{'s' * (signal.size != 1)}"
        )
    return signal


def _library_features(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    import warnings

    with warnings.catch_warnings():
        # It imports aifc, which is deprecated, and pydub, which warns where there is no ffmpeg.
        warnings.simplefilter("ignore")
        from pyAudioAnalysis.MidTermFeatures import mid_feature_extraction
    window, frame = round(1.0 * sample_rate), frame_length(sample_rate)
    # it takes 16-bit integers and divides by 2**15
    mid_term, _, _ = mid_feature_extraction(
        signal * 2**15, sample_rate, window, window, frame, frame
    )
    return np.asarray(mid_term).mean(axis=1)


def _all_usable(signals: Sequence[np.ndarray], sample_rate: int) -> list[np.ndarray]:
    usable = []
    for number, signal in enumerate(signals):
        try:
            usable.append(_usable(signal, sample_rate))
        except BadAudioError as error:
            place = f"signal {number} of {len(signals)}: " if len(signals) > 1 else ""
            raise BadAudioError(f"{place}{error}") from None
    return usable


def _groups(signals: list[np.ndarray], frame: int) -> Iterator[np.ndarray]:
    """Yield the whole frames of one signal after the other, `STACKED` at least but for the last.

    What was yielded before is overwritten.
    """
    groups: list[list[np.ndarray]] = [[]]
    for signal in signals:
        if _count(groups[-1], frame) >= STACKED:
            groups.append([])
        groups[-1].append(signal)
    # asked for once: what is given back and asked for again is cleared page by page in between
    memory = np.empty((max(_count(group, frame) for group in groups), frame))
    for group in groups:
        yield _stacked_frames(group, memory)


def _count(signals: list[np.ndarray], frame: int) -> int:
    return sum(signal.size // frame for signal in signals)


def _stacked_frames(signals: list[np.ndarray], memory: np.ndarray) -> np.ndarray:
    start, frame = 0, memory.shape[1]
    for signal in signals:
        stop = start + signal.size // frame
        normalised(signal, out=memory[start:stop].reshape(-1))
        start = stop
    return memory[:start]


def _short_term(frames: np.ndarray, planned: Tables) -> np.ndarray:
    # as equal as can be: a block of a few frames costs nearly as much as a whole one
    bounds = np.linspace(0, len(frames), max(1, round(len(frames) / BLOCK)) + 1).astype(int)
    features = np.empty((len(frames), len(SHORT_TERM_NAMES)))
    for start, stop in pairwise(bounds):
        # One more frame in front: spectral flux compares a frame with the one before it.
        lead = min(start, 1)
        features[start:stop] = frame_features(frames[start - lead : stop], planned)[lead:]
    return features


def _with_deltas(features: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    deltas = np.diff(features, axis=0, prepend=features[:1])
    # As the library: the first frame has no delta.
    deltas[firsts] = 0.0
    return np.hstack([features, deltas])


def _frames_per_window(sample_rate: int) -> int:
    # As the library rounds, which is given window and frame in samples.
    return round(round(1.0 * sample_rate) / frame_length(sample_rate))


def _long_term_means(
    features: np.ndarray, firsts: np.ndarray, ends: np.ndarray, window: int
) -> np.ndarray:
    """Average, over each recording's windows, the mean and deviation within a window."""
    bounds = zip(firsts, ends, strict=True)
    # A window begins at every recording's first frame: none spans two recordings.
    window_starts = [np.arange(first, end, window) for first, end in bounds]
    counts = np.array([len(starts) for starts in window_starts])
    means, deviations = _window_statistics(features, np.concatenate(window_starts))
    statistics = np.hstack([means, deviations])
    return np.add.reduceat(statistics, np.cumsum(counts) - counts) / counts[:, None]


def _window_statistics(features: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sizes = np.diff(starts, append=len(features))
    means = np.add.reduceat(features, starts) / sizes[:, None]
    # In two passes: from the mean of squares, near-equal values would leave rounding error alone.
    squares = (features - np.repeat(means, sizes, axis=0)) ** 2
    return means, np.sqrt(np.add.reduceat(squares, starts) / sizes[:, None])
