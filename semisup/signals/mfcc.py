"""Mel spectrograms and MFCC as librosa defines them: a signal in, its frames' coefficients out.

The mel scale is Slaney's, linear below 1 kHz and logarithmic above, its triangles of equal area.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.fft import dct, rfft

from semisup.errors import SpecError
from semisup.signals.decibels import decibels
from semisup.signals.framing import rolling_windows
from semisup.signals.handcrafted_filters import checked_signal
from semisup.signals.mel_filters import triangles

#: Samples of a frame and between two, librosa's; 93 ms and 23 ms at 22.05 kHz.
FRAME_LENGTH, HOP_LENGTH = 2048, 512
BANDS = 128
#: Frames in memory at once: what they are multiplied with stays in a core's cache.
BLOCK = 256
#: Of Slaney's scale: Hz a mel below 1 kHz, which is mel 15; 27 mels above span a factor of 6.4.
LINEAR_STEP_HZ, BREAK_HZ, BREAK_MEL, LOG_STEP = 200 / 3, 1000.0, 15.0, np.log(6.4) / 27


def mfcc(
    signal: np.ndarray,
    sample_rate: int,
    n_mfcc: int,
    frame_length: int = FRAME_LENGTH,
    hop_length: int = HOP_LENGTH,
) -> np.ndarray:
    """Return the mel-frequency cepstral coefficients of centred frames.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        In [-1, 1].
    sample_rate : int
        In Hz.
    n_mfcc : int
        Coefficients a frame, at most 128.
    frame_length, hop_length : int
        In samples; frame k is centred on sample ``k * hop_length``.

    Returns
    -------
    ndarray of shape (1 + n_samples // hop_length, n_mfcc), float32
        The transpose of ``librosa.feature.mfcc``: orthonormal DCT-II of 128 mel bands in dB.

    Raises
    ------
    BadAudioError
        If the signal is empty, not one-dimensional, or holds NaN or infinity.
    SpecError
        If a parameter is not what it must be.

    References
    ----------
    B. McFee et al., "librosa: Audio and Music Signal Analysis in Python", SciPy 2015.
    https://doi.org/10.25080/Majora-7b98e3ed-003
    """
    if not 1 <= n_mfcc <= BANDS:
        raise SpecError(f"there are 1 to {BANDS} MFCC of {BANDS} mel bands, asked for {n_mfcc}")
    power = mel_spectrogram(signal, sample_rate, BANDS, frame_length, hop_length)
    return dct(decibels(power), type=2, norm="ortho", axis=1)[:, :n_mfcc].astype(np.float32)


def mel_spectrogram(
    signal: np.ndarray,
    sample_rate: int,
    n_mels: int = BANDS,
    frame_length: int = FRAME_LENGTH,
    hop_length: int = HOP_LENGTH,
) -> np.ndarray:
    """Return the power of mel bands in centred frames under a Hann window.

    Parameters
    ----------
    signal, sample_rate, frame_length, hop_length
        As `mfcc`; the signal is padded with zeros, half a frame on each side.
    n_mels : int
        Number of bands from 0 Hz to half the sample rate.

    Returns
    -------
    ndarray of shape (1 + n_samples // hop_length, n_mels), float64
        The transpose of ``librosa.feature.melspectrogram``.

    Raises
    ------
    BadAudioError, SpecError
        As `mfcc`.
    """
    signal = checked_signal(signal)
    filters = slaney_filters(sample_rate, n_mels, frame_length).T
    padded = 2 * (frame_length // 2) + len(signal)
    result = np.empty((1 + (padded - frame_length) // hop_length, n_mels))
    for number, power in enumerate(power_spectra(signal, frame_length, hop_length)):
        result[number * BLOCK : number * BLOCK + BLOCK] = power @ filters
    return result


def power_spectra(
    signal: np.ndarray, frame_length: int = FRAME_LENGTH, hop_length: int = HOP_LENGTH
) -> Iterator[np.ndarray]:
    """Yield the power spectra of centred frames under a Hann window, some frames at a time.

    Parameters
    ----------
    signal, frame_length, hop_length
        As `mel_spectrogram`.

    Yields
    ------
    ndarray of shape (n_frames, frame_length // 2 + 1), float64
        Block by block the squared magnitude of the transpose of ``librosa.stft``.
    """
    # periodic, as librosa's: NumPy's own is symmetric
    window = np.hanning(frame_length + 1)[:-1]
    frames = rolling_windows(np.pad(signal, frame_length // 2), frame_length, hop_length)
    for start in range(0, len(frames), BLOCK):
        spectrum = rfft(frames[start : start + BLOCK] * window)
        # not np.abs, whose root would be squared again
        yield spectrum.real**2 + spectrum.imag**2


@cache
def slaney_filters(
    sample_rate: int, n_mels: int = BANDS, frame_length: int = FRAME_LENGTH
) -> np.ndarray:
    """Return triangular filters between 0 Hz and half the sample rate.

    Parameters
    ----------
    sample_rate : int
        In Hz.
    n_mels : int
        Number of filters.
    frame_length : int
        In samples.

    Returns
    -------
    ndarray of shape (n_mels, frame_length // 2 + 1)
        Weight of each bin of a frame's power spectrum; a triangle's area is 1 in Hz.

    Raises
    ------
    SpecError
        If the frame is so short that a filter would be empty.

    References
    ----------
    M. Slaney, "Auditory Toolbox", version 2, Interval Research Corporation, report 1998-010.
    """
    highest = _mel(sample_rate / 2)
    edges = _hertz(np.linspace(0, highest, n_mels + 2))
    return triangles(edges, sample_rate, frame_length, equal_area=True)


def _mel(hertz: float) -> float:
    if hertz < BREAK_HZ:
        return hertz / LINEAR_STEP_HZ
    return BREAK_MEL + np.log(hertz / BREAK_HZ) / LOG_STEP


def _hertz(mel: np.ndarray) -> np.ndarray:
    above = BREAK_HZ * np.exp(LOG_STEP * (mel - BREAK_MEL))
    return np.where(mel < BREAK_MEL, mel * LINEAR_STEP_HZ, above)
