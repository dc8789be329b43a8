"""Audio files in, mono signals out: decode, mix down, resample (docs/CONCEPTS.md, Signals).

Every failure is one `BadAudioError` that names the file and the reason;
`semisup.recordings.truncated` knows the files that libsndfile would repair without a word.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.engine.sizes import why_inflated, why_too_large
from semisup.errors import BadAudioError
from semisup.recordings import ffmpeg, mp3, silence
from semisup.recordings.content import ContentHash
from semisup.recordings.files import check_file
from semisup.recordings.formats import first_bytes, needs_ffmpeg, why_not_read
from semisup.recordings.joined import why_joined
from semisup.recordings.truncated import why_cut_short
from semisup.signals.framing import FRAME_SECONDS

if TYPE_CHECKING:
    from soundfile import SoundFile

#: Samples of each channel that are decoded at once: files of hours take no more memory.
BLOCK = 2**22
#: In Hz: below it there is no sound, and each sample would become hundreds when it is resampled.
LOWEST_RATE = 100
#: What libsndfile calls the length of a FLAC file whose header does not tell it.
_UNKNOWN_LENGTH = 2**63 - 1
#: Of libsndfile's log: the number of samples that a WAV file tells.
_FACT = re.compile(r"^fact : .*\n *frames *: *(\d+)", re.MULTILINE)
#: libsndfile's words for "not an MP3 file"; the file is known to be there by then.
_MISLEADING = "File does not exist or is not a regular file"


class Header(NamedTuple):
    """What a file says of itself."""

    seconds: float
    sample_rate: int
    channels: int
    #: "ffmpeg" where libsndfile could not read it.
    decoder: str = "libsndfile"
    #: Hash of the samples, channels averaged.
    content: str = ""


def load(
    path: str | Path,
    sample_rate: int | None = None,
    start: float = 0.0,
    end: float | None = None,
    inspected: bool = False,
) -> tuple[np.ndarray, int]:
    """Decode a recording, average its channels and resample it.

    Parameters
    ----------
    path : str or Path
        What libsndfile reads (wav, flac, ogg, opus, mp3, au, aiff, caf, w64, ...), or ffmpeg where
        it is installed.
    sample_rate : int, optional
        Rate of the result in Hz; the file's own if left out.
    start, end : float
        Excerpt in seconds; the whole file if left out. An `end` less than one frame (0.05 s) past
        the file's own, as rounding in annotations leaves it, means the file's.
    inspected : bool
        Whether `inspect` has been there: what asks to read the file twice is not looked at again.

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
    with _opened(Path(path), start, end, inspected) as recording:
        mono, rate = _signal(recording, sample_rate), recording.sample_rate
    if sample_rate is None or sample_rate == rate:
        return mono, rate
    import soxr

    return soxr.resample(mono, rate, sample_rate), sample_rate


def stream(
    path: str | Path, sample_rate: int, start: float = 0.0, end: float | None = None
) -> Iterator[np.ndarray]:
    """Decode a recording block by block: the signal of `load`, of which memory holds one block.

    Parameters and errors as of `load`; an error comes once the recording is read so far.

    Yields
    ------
    ndarray of shape (n_samples,), float64
    """
    with _opened(Path(path), start, end) as recording:
        if recording.sample_rate == sample_rate:
            yield from recording.mono()
            return
        import soxr

        resampler = soxr.ResampleStream(recording.sample_rate, sample_rate, 1, dtype="float64")
        for block in recording.mono():
            yield resampler.resample_chunk(block)
        yield resampler.resample_chunk(np.empty(0), last=True)


def inspect(path: str | Path, start: float = 0.0, end: float | None = None) -> Header:
    """Decode a recording once and tell what it is, so that no later stage meets a surprise.

    Raises
    ------
    BadAudioError
        As `load`, and if the signal is shorter than one frame, silent throughout or but for its
        last bit, or if its channels cancel each other.
    """
    with _opened(Path(path), start, end) as recording:
        content, extremes = ContentHash(recording.sample_rate), []
        for block in recording.blocks():
            average = _average(block)
            content.update(average)
            extremes.append(silence.extremes(block, average))
        noise = silence.noise_of(recording.codec())
    count, rate = recording.stop - recording.first, recording.sample_rate
    # a shorter recording has no feature
    if count / rate < FRAME_SECONDS:
        raise BadAudioError(
            f"{path}: only {count} sample{'s' * (count != 1)} at {rate} Hz, shorter than "
            f"one frame of {FRAME_SECONDS} s"
        )
    why = silence.why_silent(extremes, noise)
    if why:
        raise BadAudioError(f"{path}: {why}")
    return Header(count / rate, rate, recording.channels, recording.decoder, str(content))


@dataclass
class _Recording:
    """An excerpt of a file that is open; memory holds a block of its channels."""

    path: Path
    file: "SoundFile"
    first: int
    stop: int
    sample_rate: int
    channels: int
    decoder: str

    def mono(self) -> Iterator[np.ndarray]:
        """Decode block by block and average the channels."""
        return (_average(block) for block in self.blocks())

    def codec(self) -> str:
        """Return the codec as libsndfile names it, "" of what ffmpeg made floats of."""
        return str(self.file.subtype) if self.decoder == "libsndfile" else ""

    def blocks(self) -> Iterator[np.ndarray]:
        """Decode block by block, samples by channels; all must be finite."""
        self._skip()
        bad, done = 0, self.first
        while done < self.stop:
            size = min(BLOCK, self.stop - done)
            block = self.file.read(size, dtype="float64", always_2d=True)
            # libsndfile returns fewer samples where an MP3 was cut short, without an error.
            if len(block) < size:
                raise BadAudioError(self.lacks())
            bad += _not_finite(block)
            done += size
            # goes on after the first bad block, to count all of them for the message
            if not bad:
                yield block
        if bad:
            count = (self.stop - self.first) * self.channels
            raise BadAudioError(f"{self.path}: {bad} of {count} samples are NaN or infinite")

    def _skip(self) -> None:
        """Go to the first sample; GSM and other codecs of telephones can only be read up to it."""
        if self.file.seekable():
            self.file.seek(self.first)
            return
        done = 0
        while done < self.first and len(block := self.file.read(min(BLOCK, self.first - done))):
            done += len(block)

    def lacks(self) -> str:
        """Say that not all of it can be decoded."""
        return (
            f"{self.path}: cut short or damaged, not all of its {self.file.frames} samples can be "
            "decoded"
        )


def _not_finite(block: np.ndarray) -> int:
    """Return how many samples are NaN or infinite."""
    # a sum is finite only if every sample is, and far cheaper than looking at each
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(block.sum()):
            return 0
    return int((~np.isfinite(block)).sum())


def _average(block: np.ndarray) -> np.ndarray:
    """Return the average of the channels: (n_samples, n_channels) in, (n_samples,) out."""
    average: np.ndarray = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
    return average


def _signal(recording: _Recording, sample_rate: int | None) -> np.ndarray:
    count = recording.stop - recording.first
    seconds, rate = count / recording.sample_rate, sample_rate or recording.sample_rate
    # A damaged header can claim more samples than memory holds.
    why = why_too_large(8 * (count + int(seconds * rate)))
    if why:
        raise BadAudioError(f"{recording.path}: {seconds:.10g} s at {rate} Hz are too long: {why}")
    if count <= BLOCK:
        return next(recording.mono())
    signal = np.empty(count)
    done = 0
    for block in recording.mono():
        signal[done : done + len(block)] = block
        done += len(block)
    return signal


@contextmanager
def _opened(
    path: Path, start: float, end: float | None, inspected: bool = False
) -> Iterator[_Recording]:
    """Open a file; whatever fails while it is open is a `BadAudioError`."""
    import soundfile

    check_file(path, BadAudioError)
    joined = "" if inspected else why_joined(path)
    if joined:
        raise BadAudioError(f"{path}: {joined}")
    # mpg123 inside libsndfile prints its notes to the process's standard error.
    may_be_mp3 = path.suffix.lower() == ".mp3" or first_bytes(path).startswith((b"ID3", b"\xff"))
    quiet = _silent_stderr() if may_be_mp3 else nullcontext()
    recording = None
    try:
        with quiet, _sound_file(path) as (file, decoder):
            cut = why_cut_short(path, file.format, file.extra_info)
            if cut and decoder == "libsndfile":
                raise BadAudioError(f"{path}: {cut}")
            why = why_inflated(path, 8 * _frames(file)) or _why_rate(file.samplerate)
            if why and _frames(file) != _UNKNOWN_LENGTH:
                raise BadAudioError(f"{path}: cut short or damaged, {why}")
            first, stop = _excerpt(file, path, start, end)
            recording = _Recording(path, file, first, stop, file.samplerate, file.channels, decoder)
            yield recording
    except soundfile.SoundFileError as error:
        if recording is not None:
            raise BadAudioError(recording.lacks()) from error
        raise BadAudioError(f"{path}: cannot be decoded as audio ({_reason(error)})") from error


@contextmanager
def _sound_file(path: Path) -> Iterator[tuple["SoundFile", str]]:
    """Open what libsndfile reads, or what ffmpeg makes of the rest; tell which of them it was."""
    import soundfile

    try:
        file = _by_libsndfile(path)
    except soundfile.SoundFileError:
        why = why_not_read(path, ffmpeg.is_installed())
        if why:
            raise BadAudioError(f"{path}: {why}") from None
        if not needs_ffmpeg(path):
            raise
        with _by_ffmpeg(path) as decoded, soundfile.SoundFile(str(decoded)) as file:
            yield file, "ffmpeg"
    else:
        with file:
            yield file, "libsndfile"


def _by_libsndfile(path: Path) -> "SoundFile":
    import soundfile

    file = soundfile.SoundFile(str(path))
    # libsndfile takes any bytes named .au for telephone speech without a header.
    if file.format == "RAW":
        file.close()
        raise soundfile.SoundFileRuntimeError("Format not recognised")
    return _counted(path, file) if file.format in ("MP3", "MPEG") else file


def _counted(path: Path, file: "SoundFile") -> "SoundFile":
    """Return an MP3 file opened anew with its number of frames, where it tells none or too few."""
    import soundfile

    data = path.read_bytes()
    stream = mp3.read_stream(data)
    why = mp3.why_incomplete(data, stream)
    if not why and (stream.tells_frames or not stream.frames):
        return file
    file.close()
    if why:
        raise BadAudioError(f"{path}: {why}")
    if file.subtype == "MPEG_LAYER_II":
        # of which no frame can tell the number
        raise soundfile.SoundFileRuntimeError("MPEG layer II")
    return soundfile.SoundFile(BytesIO(mp3.with_count(data, stream)))


@contextmanager
def _by_ffmpeg(path: Path) -> Iterator[Path]:
    try:
        with ffmpeg.decoded(path) as decoded:
            yield decoded
    except ffmpeg.FfmpegError as error:
        raise BadAudioError(f"{path}: cut short or damaged, ffmpeg says: {error}") from error


def _excerpt(file: "SoundFile", path: Path, start: float, end: float | None) -> tuple[int, int]:
    """Return the first sample of the excerpt and the one after its last."""
    frames, rate = _frames(file), file.samplerate
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


def _frames(file: "SoundFile") -> int:
    """Return the samples of a channel; of GSM in WAV libsndfile counts the padding at the end."""
    told = _FACT.search(file.extra_info) if file.subtype == "GSM610" else None
    return min(file.frames, int(told[1])) if told and int(told[1]) else int(file.frames)


def _why_rate(sample_rate: int) -> str:
    """Say that a sample rate is no recording's, "" if it may be one."""
    if sample_rate >= LOWEST_RATE:
        return ""
    return f"its sample rate is {sample_rate} Hz, where {LOWEST_RATE} Hz is the least"


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
