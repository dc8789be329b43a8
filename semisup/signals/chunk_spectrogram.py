"""Chunks of a recording and their magnitude spectrograms (docs/CONCEPTS.md, Chunks).

In: signals in [-1, 1] and the `[chunks]` table of a study. Out: where the chunks start, and their
spectrograms. A spectrogram is what pyAudioAnalysis 0.3.14 gives for the chunk with
window = step = 0.05 s: the first frame is skipped, no taper, and the all-zero row that the library
appends is left out.
"""

from typing import Literal

import numpy as np
from pydantic import ValidationError

from semisup.errors import SpecError
from semisup.signals.handcrafted_filters import checked_signal, frame_length, magnitudes, normalised
from semisup.study.spec import ChunkSpec
from semisup.study.wording import first_mistake


def chunk_shape(sample_rate: int, chunk_samples: int) -> tuple[int, int]:
    """Return the frames and bins of a chunk's spectrogram.

    Examples
    --------
    >>> chunk_shape(8000, 30000), chunk_shape(8000, 20000)
    ((74, 200), (49, 200))
    """
    frame = frame_length(sample_rate)
    return chunk_samples // frame - 1, frame // 2


def chunk_starts(n_samples: int, spec: ChunkSpec) -> np.ndarray:
    """Return the first sample of each chunk of a recording.

    Parameters
    ----------
    n_samples : int
        Length of the recording at `spec.sample_rate`.
    spec : ChunkSpec
        `tail = "drop"` gives 0, chunk_samples, ...; "cover" the fewest chunks that cover the
        recording, spread evenly, the last one at its end.

    Returns
    -------
    ndarray of shape (n_chunks,), int64
        Ascending. A recording shorter than one chunk has none (`short = "drop"`) or one at 0
        (`"pad"`); one without samples has none.

    Examples
    --------
    >>> chunk_starts(25, ChunkSpec(sample_rate=1000, chunk_samples=100, short="pad"))
    array([0])
    >>> chunk_starts(250, ChunkSpec(sample_rate=1000, chunk_samples=100, tail="cover"))
    array([  0,  75, 150])
    """
    length = spec.chunk_samples
    if n_samples < length:
        return np.zeros(int(n_samples > 0 and spec.short == "pad"), dtype=np.int64)
    if spec.tail == "drop":
        return np.arange(n_samples // length, dtype=np.int64) * length
    count = -(-n_samples // length)
    # multiplied before it is divided, in whole numbers: the last chunk ends with the recording
    return np.arange(count, dtype=np.int64) * (n_samples - length) // max(count - 1, 1)


def chunk_spectrograms(
    signal: np.ndarray,
    chunk_samples: int = 30000,
    sample_rate: int = 8000,
    short: Literal["drop", "pad"] = "drop",
    tail: Literal["drop", "cover"] = "drop",
) -> np.ndarray:
    """Return the spectrograms of a recording's chunks.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        Float in [-1, 1], or signed integers, which are taken as PCM.
    chunk_samples : int
        Samples of a chunk, at least two frames of 0.05 s.
    sample_rate : int
        In Hz.
    short, tail : str
        As `chunk_starts`.

    Returns
    -------
    ndarray of shape (n_chunks, n_frames, n_bins), float32
        Magnitudes. (n_chunks, 74, 200) with the defaults.

    Raises
    ------
    BadAudioError
        If the signal is empty, not one-dimensional, or holds NaN or infinity.
    SpecError
        If a parameter is not what it must be.

    References
    ----------
    T. Giannakopoulos, "pyAudioAnalysis: An Open-Source Python Library for Audio Signal Analysis",
    PLOS ONE 10(12), 2015. https://doi.org/10.1371/journal.pone.0144610
    """
    keys = {
        "sample_rate": sample_rate,
        "chunk_samples": chunk_samples,
        "short": short,
        "tail": tail,
    }
    try:
        spec = ChunkSpec.model_validate(keys)
    except ValidationError as error:
        raise SpecError(first_mistake(error, keys)) from None
    return spectrograms(signal, spec)


def spectrograms(signal: np.ndarray, spec: ChunkSpec) -> np.ndarray:
    """Return the spectrograms of a recording's chunks, as `chunk_spectrograms` does.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        At `spec.sample_rate`.
    spec : ChunkSpec
        The study's `[chunks]`.

    Returns
    -------
    ndarray of shape (n_chunks, n_frames, n_bins), float32

    Raises
    ------
    BadAudioError
        If the signal is empty, not one-dimensional, or holds NaN or infinity.
    """
    signal = checked_signal(signal)
    starts = chunk_starts(signal.size, spec)
    shape = chunk_shape(spec.sample_rate, spec.chunk_samples)
    result = np.empty((len(starts), *shape), dtype=np.float32)
    # Chunk by chunk: all frames of one fit in a core's cache, those of a recording do not.
    for row, start in zip(result, starts, strict=True):
        chunk = signal[start : start + spec.chunk_samples]
        row[:] = spectrogram(_padded(chunk, spec.chunk_samples), spec.sample_rate)
    return result


def spectrogram(chunk: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the spectrogram of one chunk before it is rounded to float32.

    Parameters
    ----------
    chunk : ndarray of shape (n_samples,), float64
        In [-1, 1].
    sample_rate : int
        In Hz.

    Returns
    -------
    ndarray of shape (n_frames, n_bins), float64
        What pyAudioAnalysis's `ShortTermFeatures.spectrogram` gives, but for its last row.
    """
    frame = frame_length(sample_rate)
    frames, _ = chunk_shape(sample_rate, chunk.size)
    # The first frame is skipped only now: it counts for mean and peak, as in the library.
    inner = normalised(chunk)[frame : frame * (frames + 1)]
    return magnitudes(inner.reshape(frames, frame))


def whole_spectrogram(signal: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the spectrogram of a whole recording, as if it were one chunk.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        In [-1, 1]; one shorter than two frames is filled up with zeros.
    sample_rate : int
        In Hz.

    Returns
    -------
    ndarray of shape (n_frames, n_bins), float32
        A frame every 50 ms. The first one is skipped, as in chunks, and the rest of the signal
        that fills no frame.

    Raises
    ------
    BadAudioError
        If the signal is empty, not one-dimensional, or holds NaN or infinity.
    """
    whole = _padded(checked_signal(signal), 2 * frame_length(sample_rate))
    return spectrogram(whole, sample_rate).astype(np.float32)


def _padded(chunk: np.ndarray, length: int) -> np.ndarray:
    return np.pad(chunk, (0, length - chunk.size)) if chunk.size < length else chunk
