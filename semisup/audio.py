"""Audio files in, mono signals out: decode, mix down, resample (DESIGN 5.1).

Every failure is one `BadAudioError` that names the file and the reason.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from semisup.errors import BadAudioError

SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".mp3", ".au", ".aif", ".aiff")
#: 0.05 s, the frame of spectrograms and short-term features; a shorter recording has no feature.
FRAME_SECONDS = 0.05


class Header(NamedTuple):
    """What a file says of itself."""

    seconds: float
    sample_rate: int
    channels: int


def load(
    path: str | Path, sample_rate: int | None = None, start: float = 0.0, end: float | None = None
) -> tuple[np.ndarray, int]:
    """Decode a recording, average its channels and resample it.

    Parameters
    ----------
    path : str or Path
        wav, flac, ogg, mp3, au or aiff.
    sample_rate : int, optional
        Rate of the result in Hz; the file's own if left out.
    start, end : float
        Excerpt in seconds; the whole file if left out.

    Returns
    -------
    signal : ndarray of shape (n_samples,), float64
        In [-1, 1]: a 16-bit sample divided by 2**15.
    sample_rate : int
        Rate of `signal` in Hz.

    Raises
    ------
    BadAudioError
        If the file is missing, empty, not audio, cut short or holds NaN or infinity.
    """
    signal, rate = _decode(Path(path), start, end)
    if not np.isfinite(signal).all():
        bad = int((~np.isfinite(signal)).sum())
        raise BadAudioError(f"{path}: {bad} of {signal.size} samples are NaN or infinite")
    mono = signal.mean(axis=1)
    if sample_rate is None or sample_rate == rate:
        return mono, rate
    import soxr

    return soxr.resample(mono, rate, sample_rate), sample_rate


def inspect(path: str | Path, start: float = 0.0, end: float | None = None) -> Header:
    """Decode a recording once and tell what it is, so that no later stage meets a surprise.

    Raises
    ------
    BadAudioError
        As `load`, and if the signal is shorter than one frame or silent throughout.
    """
    mono, rate = load(path, None, start, end)
    seconds = mono.size / rate
    if seconds < FRAME_SECONDS:
        raise BadAudioError(
            f"{path}: only {mono.size} sample{'s' * (mono.size != 1)} at {rate} Hz, shorter than "
            f"one frame of {FRAME_SECONDS} s"
        )
    if np.ptp(mono) == 0:
        raise BadAudioError(f"{path}: silent, every sample is {mono[0]:g}")
    return Header(seconds, rate, _channels(path))


def _channels(path: str | Path) -> int:
    import soundfile

    return int(soundfile.info(str(path)).channels)


def _decode(path: Path, start: float, end: float | None) -> tuple[np.ndarray, int]:
    import soundfile

    if not path.is_file():
        raise BadAudioError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise BadAudioError(f"{path}: the file is empty (0 bytes)")
    try:
        with soundfile.SoundFile(str(path)) as file:
            first, stop = _excerpt(file, path, start, end)
            file.seek(first)
            signal = file.read(stop - first, dtype="float64", always_2d=True)
            rate = file.samplerate
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise BadAudioError(f"{path}: cannot be decoded as audio ({_reason(error)})") from error
    # libsndfile returns fewer frames where a file was cut short, without an error.
    if len(signal) < stop - first:
        raise BadAudioError(
            f"{path}: cut short, {len(signal)} of {stop - first} samples could be read"
        )
    return signal, rate


def _excerpt(file: Any, path: Path, start: float, end: float | None) -> tuple[int, int]:
    frames, rate = file.frames, file.samplerate
    if frames == 0:
        raise BadAudioError(f"{path}: holds no samples")
    first = round(start * rate)
    stop = frames if end is None else round(end * rate)
    if not 0 <= first < stop <= frames:
        raise BadAudioError(
            f"{path}: excerpt {start:g}-{stop / rate:g} s is not within its {frames / rate:g} s"
        )
    return first, stop


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", None) or str(error)
    return text.strip().rstrip(".")
