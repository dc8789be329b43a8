"""Pictures and sounds of recordings, small enough to stand in the page.

In: lines of the manifest. Out: a spectrogram and an excerpt of each, or its picture where the file
is one, within a budget of bytes.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from semisup.errors import BadAudioError, BadPictureError
from semisup.recordings.audio import load
from semisup.recordings.pictures import is_picture
from semisup.report._images import Picture, data_uri, heat, thumbnail
from semisup.signals.decibels import OF_MAGNITUDE, decibels
from semisup.signals.framing import rolling_windows

Audio = Literal["embed", "link", "none"]
EXCERPT_SECONDS = 3.0
SAMPLE_RATE = 8000
#: Bytes of all pictures and excerpts of the page together.
BUDGET = 2_000_000
_FRAME, _HOP, _FLOOR = 256, 96, -80.0
#: Silence, in magnitude: 240 dB below full scale.
_TINY = 1e-12
_LOST = "The recording is no longer where the study found it."


class Media(NamedTuple):
    """A recording for eye and ear; the problem says why there is neither."""

    picture: Picture | None = None
    sound: str | None = None
    problem: str = ""
    is_photo: bool = False

    @property
    def sizes(self) -> tuple[int, int]:
        """Bytes of picture and sound in the page."""
        return len(self.picture.uri) if self.picture else 0, len(self.sound or "")


def gather(
    entries: Sequence[dict[str, Any]], audio: Audio, kept: int, budget: int = BUDGET
) -> tuple[list[Media], int, int]:
    """Look at and listen to recordings, the most important ones first.

    Parameters
    ----------
    entries : sequence of dict
        Lines of the manifest.
    audio : {"embed", "link", "none"}
    kept : int
        So many at the head keep their sound as long as can be.
    budget : int
        Bytes.

    Returns
    -------
    media : list of Media
    n_pictures, n_sounds : int
        So many at the head were given room; less than all of them only where bytes ran out.
    """
    gathered: list[Media] = []
    spent = np.zeros(2, dtype=np.int64)
    for place, entry in enumerate(entries):
        # What can't be in the page any more is not even decoded.
        seen, heard = (spent <= budget) | (place < kept)
        media = see_and_hear(entry, audio if heard else "none") if seen else Media()
        gathered.append(media)
        spent += media.sizes
    n_pictures, n_sounds = fitting([media.sizes for media in gathered], kept, budget)
    for place, media in enumerate(gathered):
        if place >= n_pictures:
            media = media._replace(picture=None)
        gathered[place] = media._replace(sound=media.sound if place < n_sounds else None)
    return gathered, n_pictures, n_sounds


def fitting(sizes: Sequence[tuple[int, int]], kept: int, budget: int) -> tuple[int, int]:
    """Tell how many pictures and how many sounds, from the first on, fit into a budget.

    Sounds go first, those at the end before those at the head, then pictures; the sounds of the
    first `kept` recordings go after all pictures but their own.

    Parameters
    ----------
    sizes : sequence of (int, int)
        Bytes of picture and sound of each recording.
    kept, budget : int

    Examples
    --------
    >>> fitting([(1, 10)] * 4, kept=1, budget=14), fitting([(1, 10)] * 4, kept=1, budget=12)
    ((4, 1), (2, 1))
    """
    left = [len(sizes)] * 2
    total = sum(map(sum, sizes))
    for floor in (min(kept, len(sizes)), 0):
        for kind in (1, 0):
            while total > budget and left[kind] > floor:
                left[kind] -= 1
                total -= sizes[left[kind]][kind]
    return left[0], left[1]


def see_and_hear(entry: dict[str, Any], audio: Audio) -> Media:
    """Return what can be shown of a recording: the picture that it is, or how it sounds."""
    path = Path(entry["path"])
    if is_picture(path):
        return _look_at(path)
    if not np.isfinite(entry["seconds"]):
        return Media()
    try:
        signal = _excerpt(entry)
    except BadAudioError:
        return Media(problem=_LOST)
    return Media(heat(spectrogram(signal)), _sound(signal, entry, audio))


def _look_at(path: Path) -> Media:
    try:
        return Media(thumbnail(path), is_photo=True)
    except BadPictureError:
        return Media(problem=_LOST)


def spectrogram(signal: np.ndarray) -> np.ndarray:
    """Turn a signal into a picture: low frequencies below, 0 at -80 dB of the loudest, 1 at it.

    Returns
    -------
    ndarray of shape (128, frames)
    """
    frames = rolling_windows(signal, _FRAME, _HOP)
    # without the bin of 0 Hz: 128 rows
    magnitudes = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1))[:, 1:]
    share = magnitudes / max(magnitudes.max(), _TINY)
    levels = decibels(share, OF_MAGNITUDE, floor=_TINY, top=None)
    return 1 - np.maximum(levels, _FLOOR).T[::-1] / _FLOOR


def link(path: Path, start: float, end: float) -> str:
    """Return the address of a recording as a file of this machine.

    Parameters
    ----------
    path : Path
    start, end : float
        Of the excerpt in seconds, NaN for the whole file; players keep to it (W3C media fragments).

    Examples
    --------
    >>> link(Path("/corpus/a b.wav"), 1.5, float("nan"))
    'file:///corpus/a%20b.wav#t=1.5'
    """
    times = [f"{time:.10g}" if np.isfinite(time) else "" for time in (start, end)]
    fragment = "#t=" + ",".join(times).rstrip(",") if any(times) else ""
    return path.absolute().as_uri() + fragment


def _excerpt(entry: dict[str, Any]) -> np.ndarray:
    start, end = (entry.get(name, np.nan) for name in ("start", "end"))
    signal, _ = load(
        entry["path"],
        SAMPLE_RATE,
        start if np.isfinite(start) else 0.0,
        end if np.isfinite(end) else None,
    )
    return signal[: round(EXCERPT_SECONDS * SAMPLE_RATE)]


def _sound(signal: np.ndarray, entry: dict[str, Any], audio: Audio) -> str | None:
    import soundfile

    if audio == "none":
        return None
    if audio == "link":
        return link(Path(entry["path"]), entry.get("start", np.nan), entry.get("end", np.nan))
    buffer = io.BytesIO()
    # FLAC, not Ogg, which gets a random serial number; clipped, as resampling can go beyond 1
    soundfile.write(buffer, np.clip(signal, -1, 1), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return data_uri("audio/flac", buffer.getvalue())
