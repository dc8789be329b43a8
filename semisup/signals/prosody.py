"""Prosody of a recording: pitch, voicing, loudness, spectral tilt and pace, as 52 numbers.

In: a signal. Out: statistics of its contours over the frames that hold speech. Frames are those of
`semisup.signals.log_mel`, 10 ms apart; pitch comes from the autocorrelation of frames of 50 ms.
"""

import numpy as np
from scipy.fft import irfft, rfft

from semisup.signals.log_mel import HOP_SECONDS, framed, log_mel, speech_frames

PITCH_FRAME_SECONDS = 0.05
LOWEST_PITCH, HIGHEST_PITCH = 60.0, 500.0
#: A frame is voiced where its normalised autocorrelation reaches this at the pitch period.
VOICED = 0.5
#: The shortest period whose peak reaches this share of the highest is taken: longer ones are its
#: multiples.
NEAR_PEAK = 0.9
#: Fewer voiced frames than this make no contour.
LEAST_VOICED = 6
#: Shares of the mel bands: tilt compares those above the second with those below the first.
LOW_BELOW, HIGH_ABOVE = 0.375, 0.5625
SPREAD = (5, 25, 50, 75, 95)

_CONTOUR_STATISTICS = ("mean", "std", *(f"q{quantile}" for quantile in SPREAD), "range")
PROSODY_NAMES = (
    *(f"pitch_{name}" for name in _CONTOUR_STATISTICS),
    "pitch_delta_size",
    "pitch_delta_std",
    "pitch_delta_median",
    "pitch_slope",
    *(f"voicing_{name}" for name in _CONTOUR_STATISTICS),
    "voiced_share",
    *(f"level_{name}" for name in _CONTOUR_STATISTICS),
    "level_delta_size",
    "level_delta_std",
    *(f"tilt_{name}" for name in _CONTOUR_STATISTICS),
    *(f"voiced_tilt_{name}" for name in _CONTOUR_STATISTICS),
    "span_seconds",
    "speech_seconds",
    "seconds",
    "voiced_onset_rate",
    "speech_onsets",
)


def pitch(signal: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Estimate the pitch of every frame by its autocorrelation.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        In [-1, 1].
    sample_rate : int
        In Hz.

    Returns
    -------
    octaves : ndarray of shape (n_frames,)
        log2 of the pitch in Hz, between 60 and 500 Hz, voiced or not.
    strength : ndarray of shape (n_frames,)
        Autocorrelation there, corrected for the window, from 0 to 1.

    References
    ----------
    P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
    harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993, 97-110.
    """
    frames = framed(signal, sample_rate, PITCH_FRAME_SECONDS)
    window = np.hanning(frames.shape[1])
    centred = (frames - frames.mean(axis=1, keepdims=True)) * window
    first, last = int(sample_rate / HIGHEST_PITCH), int(sample_rate / LOWEST_PITCH) + 1
    correlation, window_correlation = _autocorrelation(centred), _autocorrelation(window[None])
    # the constant keeps silence, which has no period, from dividing by nothing; the window's own
    # correlation is divided out, as it falls with the lag (Boersma 1993)
    normalised = (
        correlation / (correlation[:, :1] + 1e-6) / (window_correlation / window_correlation[:, :1])
    )
    lags = normalised[:, first : last + 1]
    peaks = _first_high_peak(lags)
    strength = np.clip(np.take_along_axis(lags, peaks[:, None], axis=1)[:, 0], 0, 1)
    return np.log2(sample_rate / (first + peaks)), strength


def prosody(signal: np.ndarray, sample_rate: int, power: np.ndarray | None = None) -> np.ndarray:
    """Describe pitch, voicing, level, tilt and pace of a recording.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        In [-1, 1].
    sample_rate : int
        In Hz.
    power : ndarray of shape (n_frames, 64), optional
        The signal's `log_mel`, where it is there already.

    Returns
    -------
    ndarray of shape (52,)
        In the order of `PROSODY_NAMES`; always finite. Pitch is in octaves, level and tilt in
        natural logarithms of power, pace in seconds and onsets a second.
    """
    power = log_mel(signal, sample_rate) if power is None else power
    octaves, strength = pitch(signal, sample_rate)
    # frames of pitch are longer, so that fewer of them fit into the recording
    n_frames = min(len(power), len(octaves))
    power, octaves, strength = power[:n_frames], octaves[:n_frames], strength[:n_frames]
    speech = speech_frames(power)
    voiced = speech & (strength > VOICED)
    # with too few voiced frames, as in a whisper, all speech stands in: no frames have no mean
    pitched = voiced if voiced.sum() >= LEAST_VOICED else speech
    level, tilt = _level_and_tilt(power)
    return np.array(
        [
            *_contour_statistics(octaves[pitched]),
            *_movement(octaves, voiced),
            *_contour_statistics(strength[speech]),
            voiced.sum() / speech.sum(),
            *_contour_statistics(level[speech]),
            *_size_and_deviation(np.diff(level)),
            *_contour_statistics(tilt[speech]),
            *_contour_statistics(tilt[pitched]),
            *_pace(speech, voiced, len(signal) / sample_rate),
        ]
    )


def _autocorrelation(frames: np.ndarray) -> np.ndarray:
    length = 2 * frames.shape[1]  # twice as long: no lag wraps around
    return irfft(np.abs(rfft(frames, length)) ** 2, length)[:, : frames.shape[1]]


def _first_high_peak(lags: np.ndarray) -> np.ndarray:
    """Return, for each row, the first local maximum that is nearly the highest value."""
    before = np.pad(lags, ((0, 0), (1, 0)), constant_values=-np.inf)[:, :-1]
    after = np.pad(lags, ((0, 0), (0, 1)), constant_values=-np.inf)[:, 1:]
    high = lags >= NEAR_PEAK * lags.max(axis=1, keepdims=True)
    peaks = high & (lags >= before) & (lags >= after)
    return np.where(peaks.any(axis=1), peaks.argmax(axis=1), lags.argmax(axis=1))


def _level_and_tilt(power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    linear, bands = np.exp(power), power.shape[1]
    low = linear[:, : int(LOW_BELOW * bands)].sum(axis=1)
    high = linear[:, int(HIGH_ABOVE * bands) :].sum(axis=1)
    return np.log(linear.sum(axis=1)), np.log(high / low)


def _contour_statistics(values: np.ndarray) -> np.ndarray:
    quantiles = np.percentile(values, SPREAD)
    return np.array([values.mean(), values.std(), *quantiles, quantiles[-1] - quantiles[0]])


def _movement(octaves: np.ndarray, voiced: np.ndarray) -> np.ndarray:
    """Return size, deviation and median size of steps, and the slope in octaves a second."""
    # between two voiced frames alone: what is called pitch elsewhere is chance
    steps = np.diff(octaves)[voiced[1:] & voiced[:-1]]
    if len(steps) < LEAST_VOICED:
        return np.zeros(4)
    times = np.flatnonzero(voiced) * HOP_SECONDS
    slope = np.polyfit(times, octaves[voiced], 1)[0]
    return np.array([*_size_and_deviation(steps), np.median(np.abs(steps)), slope])


def _size_and_deviation(steps: np.ndarray) -> np.ndarray:
    return np.array([np.abs(steps).mean(), steps.std()]) if len(steps) else np.zeros(2)


def _pace(speech: np.ndarray, voiced: np.ndarray, seconds: float) -> np.ndarray:
    frames = np.flatnonzero(speech)
    span = (frames[-1] - frames[0] + 1) * HOP_SECONDS
    onsets = [int((np.diff(flags.astype(int)) == 1).sum()) for flags in (voiced, speech)]
    return np.array([span, speech.sum() * HOP_SECONDS, seconds, onsets[0] / span, onsets[1]])
