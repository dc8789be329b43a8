"""Audio files of one format, one after the other in one file, of which libsndfile reads the first.

In: a file. Out: the reason, or "". Tags, chunks of notes and zeros after the sound are no second
file. MP3 is read by `semisup.recordings.mp3`.
"""

import re
from mmap import ACCESS_READ, mmap
from pathlib import Path

from semisup.recordings.mp3_tags import after_id3

#: How files of a format begin, with as much of their headers as no sound has by chance.
_BEGINS = {
    "WAV": rb"(?:RIFF|RIFX|RF64)....WAVE",
    "FLAC": rb"fLaC[\x00\x80]\x00\x00\x22",
    "AIFF": rb"FORM....AIF[FC]",
    # offset and size of the samples, codec, rate, channels
    "AU": rb"\.snd\x00\x00.{6}\x00\x00\x00[\x01-\x1b]\x00...\x00\x00\x00[\x01-\x10]",
    "W64": rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb",
    "CAF": rb"caff\x00\x01\x00\x00desc",
    "VOC": rb"Creative Voice File\x1a",
    "NIST": rb"NIST_1A\r?\n",
}
_PATTERNS = {name: re.compile(begins, re.DOTALL) for name, begins in _BEGINS.items()}
#: An Ogg page, and whether it is the first of a stream.
_PAGE = re.compile(rb"OggS\x00([\x00-\x07])")


def why_joined(path: Path) -> str:
    """Say that a second file of its format begins within a file, "" if none does."""
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            name, second = _second(data, after_id3(data))
    except OSError:  # whoever decodes it says why it cannot be read
        return ""
    if second is None:
        return ""
    return (
        f"two {name} files one after the other, the second from byte {second} on: take them apart, "
        "or make one of them"
    )


def _second(data: mmap, at: int) -> tuple[str, int | None]:
    """Return the format that stands at a place, and where it begins again."""
    if data[at : at + 4] == b"OggS":
        return "Ogg", _second_of_ogg(data)
    for name, begins in _PATTERNS.items():
        first = begins.match(data, at)
        if first is not None:
            later = begins.finditer(data, first.end())
            return name, next((m.start() for m in later if not _is_doubled(data, m.start())), None)
    return "", None


def _is_doubled(data: mmap, at: int) -> bool:
    """Tell whether a WAV header is among the samples of another: some programs put it twice."""
    return data[at - 8 : at - 4] == b"data"


def _second_of_ogg(data: mmap) -> int | None:
    """Return where streams begin after pages of others; those that play together begin together."""
    going_on = False
    for page in _PAGE.finditer(data):
        if not page[1][0] & 2:
            going_on = True
        elif going_on:
            return page.start()
    return None
