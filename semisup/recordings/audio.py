"""Audio files in, mono signals out: decode, mix down, resample (docs/CONCEPTS.md, Signals).

Every failure is one `BadAudioError` that names the file and the reason;
`semisup.recordings.truncated` knows the files that libsndfile would repair without a word.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.errors import BadAudioError
from semisup.recordings.truncated import why_cut_short
from semisup.signals.framing import FRAME_SECONDS

if TYPE_CHECKING:
    from soundfile import SoundFile

SUFFIXES = (".wav", ".flac", ".ogg", ".oga", ".mp3", ".au", ".aif", ".aiff")
#: Samples of each channel that are decoded at once: files of hours take no more memory.
BLOCK = 2**22
#: What libsndfile calls the length of a FLAC file whose header does not tell it.
_UNKNOWN_LENGTH = 2**63 - 1
#: libsndfile's words for "not an MP3 file"; the file is known to be there by then.
_MISLEADING = "File does not exist or is not a regular file"


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
        Excerpt in seconds; the whole file if left out. An `end` less than one frame (0.05 s) past
        the file's own, as rounding in annotations leaves it, means the file's.

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
    with _opened(Path(path), start, end) as recording:
        mono, rate = _signal(recording), recording.sample_rate
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
    with _opened(Path(path), start, end) as recording:
        extremes = [(block.min(), block.max()) for block in recording.mono()]
    low, high = np.min(extremes), np.max(extremes)
    count, rate = recording.stop - recording.first, recording.sample_rate
    # a shorter recording has no feature
    if count / rate < FRAME_SECONDS:
        raise BadAudioError(
            f"{path}: only {count} sample{'s' * (count != 1)} at {rate} Hz, shorter than "
            f"one frame of {FRAME_SECONDS} s"
        )
    if low == high:
        raise BadAudioError(f"{path}: silent, every sample is {low:g}")
    return Header(count / rate, rate, recording.channels)


@dataclass
class _Recording:
    """An excerpt of a file that is open; memory holds a block of its channels."""

    path: Path
    file: "SoundFile"
    first: int
    stop: int
    sample_rate: int
    channels: int

    def mono(self) -> Iterator[np.ndarray]:
        """Decode block by block and average the channels; all samples must be finite."""
        self.file.seek(self.first)
        bad, done = 0, self.first
        while done < self.stop:
            size = min(BLOCK, self.stop - done)
            block = self.file.read(size, dtype="float64", always_2d=True)
            # libsndfile returns fewer samples where an MP3 was cut short, without an error.
            if len(block) < size:
                raise BadAudioError(self.lacks())
            bad += int((~np.isfinite(block)).sum())
            done += size
            # goes on after the first bad block, to count all of them for the message
            if not bad:
                yield block.mean(axis=1)
        if bad:
            count = (self.stop - self.first) * self.channels
            raise BadAudioError(f"{self.path}: {bad} of {count} samples are NaN or infinite")

    def lacks(self) -> str:
        """Say that not all of it can be decoded."""
        return (
            f"{self.path}: cut short or damaged, not all of its {self.file.frames} samples can be "
            "decoded"
        )


def _signal(recording: _Recording) -> np.ndarray:
    try:
        signal = np.empty(recording.stop - recording.first)
    # A damaged header can claim more samples than memory holds.
    except (MemoryError, ValueError) as error:
        raise BadAudioError(recording.lacks()) from error
    done = 0
    for block in recording.mono():
        signal[done : done + len(block)] = block
        done += len(block)
    return signal


@contextmanager
def _opened(path: Path, start: float, end: float | None) -> Iterator[_Recording]:
    """Open a file; whatever fails while it is open is a `BadAudioError`."""
    import soundfile

    # unlike `Path.is_file`, no error for what no file system would take for a name
    if not os.path.isfile(path):
        raise BadAudioError(f"{path}: there is no such file")
    if path.stat().st_size == 0:
        raise BadAudioError(f"{path}: the file is empty (0 bytes)")
    # mpg123 inside libsndfile prints its notes to the process's standard error.
    quiet = _silent_stderr() if path.suffix.lower() == ".mp3" else nullcontext()
    recording = None
    try:
        with quiet, soundfile.SoundFile(str(path)) as file:
            # libsndfile takes any bytes named .au for telephone speech without a header.
            if file.format == "RAW":
                raise BadAudioError(f"{path}: cannot be decoded as audio (Format not recognised)")
            cut = why_cut_short(path, file.format, file.extra_info)
            if cut:
                raise BadAudioError(f"{path}: {cut}")
            first, stop = _excerpt(file, path, start, end)
            recording = _Recording(path, file, first, stop, file.samplerate, file.channels)
            yield recording
    except soundfile.SoundFileError as error:
        if recording is not None:
            raise BadAudioError(recording.lacks()) from error
        raise BadAudioError(f"{path}: cannot be decoded as audio ({_reason(error)})") from error


def _excerpt(file: "SoundFile", path: Path, start: float, end: float | None) -> tuple[int, int]:
    """Return the first sample of the excerpt and the one after its last."""
    frames, rate = file.frames, file.samplerate
    if frames == 0:
        raise BadAudioError(f"{path}: holds no samples")
    if frames == _UNKNOWN_LENGTH:
        raise BadAudioError(f"{path}: its header does not say how long it is")
    seconds = frames / rate
    until = seconds if end is None else end
    # ten digits: excerpts a millisecond apart late in a long file look different
    place = f"from {start:.10g} s on" if end is None else f"{start:.10g}-{end:.10g} s"
    excerpt = f"excerpt {place}"
    if end is not None and end <= start:
        raise BadAudioError(f"{path}: {excerpt} does not end after it starts")
    if not (0 <= start < seconds and until < seconds + FRAME_SECONDS):
        raise BadAudioError(f"{path}: {excerpt} is not within its {seconds:.10g} s")
    # an annotation may end a little past the file: not past its last sample
    first, stop = round(start * rate), min(round(until * rate), frames)
    if first >= stop:
        raise BadAudioError(f"{path}: {excerpt} is shorter than one sample at {rate} Hz")
    return first, stop


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", None) or str(error)
    if text.startswith(_MISLEADING):
        return "Format not recognised"
    return text.strip().removeprefix("Error : ").rstrip(".:") or type(error).__name__


@contextmanager
def _silent_stderr() -> Iterator[None]:
    original = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(original, 2)
        os.close(original)
        os.close(nowhere)
