"""Kinds of audio file: by their names, and by their first bytes where a name says nothing.

What libsndfile reads is read; the rest needs ffmpeg (`semisup.recordings.ffmpeg`) or is named with
the command that converts it. A text or a page under the name of a recording is called that.
"""

import os
import re
from pathlib import Path

from semisup.recordings.not_audio import what_instead

#: What libsndfile reads.
READ = (
    *(".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".mpga"),
    *(".au", ".snd", ".aif", ".aiff", ".aifc", ".caf", ".voc", ".sph", ".nist"),
)
#: What needs ffmpeg, and what it is.
FFMPEG = {
    **dict.fromkeys((".m4a", ".m4b", ".3gp", ".3ga"), "sound in an MP4 container"),
    **dict.fromkeys((".aac", ".adts"), "AAC"),
    **dict.fromkeys((".webm", ".weba", ".mka"), "sound in a Matroska container"),
    **dict.fromkeys((".amr", ".awb"), "AMR"),
    ".wma": "Windows Media Audio",
    ".mp2": "MPEG layer II",
    ".ac3": "Dolby AC-3",
    ".ape": "Monkey's Audio",
    ".wv": "WavPack",
    ".tta": "True Audio",
    ".spx": "Speex",
    ".gsm": "GSM without a header",
}
#: Listed, so that a corpus of videos is not "nothing", but never read: which sound would it be?
VIDEO = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".wmv", ".flv", ".mpg", ".mpeg", ".ogv")
#: Every name of a recording.
SUFFIXES = (*READ, *FFMPEG, *VIDEO)

#: How many of a file's first bytes tell what it is; some put a page of notes before the format.
HEAD = 4096
#: What a WAV file may hold that libsndfile does not read there, by format tag (RFC 2361).
_WAV_CODECS = {
    0x50: "MPEG layer I or II",
    0x55: "MP3",
    0x22: "TrueSpeech",
    **dict.fromkeys((0x14, 0x45, 0x64), "G.726"),
    **dict.fromkeys((0x42, 0x111), "G.723.1"),
    **dict.fromkeys((0x83, 0x133), "G.729"),
    **dict.fromkeys((0xFF, 0x1600, 0x1601, 0x1602, 0x1610, 0xA106), "AAC"),
    **dict.fromkeys((0x160, 0x161, 0x162, 0x163), "Windows Media Audio"),
    **dict.fromkeys((0x92, 0x2000), "Dolby AC-3"),
    **dict.fromkeys((0x674F, 0x6750, 0x6751, 0x676F, 0x6770, 0x6771), "Ogg Vorbis"),
    0xF1AC: "FLAC",
    0xA109: "Speex",
}
#: What a CAF or AIFC file may hold that libsndfile reads there; in small letters.
_PLAIN = (
    *(b"lpcm", b"alac", b"none", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"42ni", b"23ni"),
    *(b"fl32", b"fl64", b"ulaw", b"alaw", b"gsm ", b"dwvw", b"ima4"),
)
#: First bytes of what libsndfile may read. MP3 begins with a tag or with a frame of layer III.
_BEGINS_READ = re.compile(
    rb"RIF[FX]....WAVE|RF64|riff\x2e\x91\xcf\x11|fLaC|OggS|FORM....AIF[FC]|\.snd|caff|NIST_1A"
    rb"|Creative Voice File|ID3[\x02-\x04]|\xff[\xfa\xfb\xf2\xf3]",
    re.DOTALL,
)
#: First bytes of what needs ffmpeg, and what it is.
_BEGINS_FFMPEG = (
    (re.compile(rb"....ftyp(M4A|M4B|3gp|isom|mp42|iso\d|dash)", re.DOTALL), FFMPEG[".m4a"]),
    (re.compile(rb"\x1aE\xdf\xa3"), FFMPEG[".webm"]),
    (re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), FFMPEG[".wma"]),
    (re.compile(rb"#!AMR"), FFMPEG[".amr"]),
    (re.compile(rb"\xff[\xf1\xf9]"), FFMPEG[".aac"]),
    (re.compile(rb"\xff[\xfc\xfd]"), FFMPEG[".mp2"]),
    (re.compile(rb"MAC "), FFMPEG[".ape"]),
    (re.compile(rb"wvpk"), FFMPEG[".wv"]),
    (re.compile(rb"TTA1"), FFMPEG[".tta"]),
)


def is_audio(path: Path) -> bool:
    """Tell by the suffix, or by the first bytes, whether a file should hold sound or is a video."""
    if path.suffix.lower() in SUFFIXES:
        return True
    head = first_bytes(path)
    return _BEGINS_READ.match(head) is not None or bool(_by_content(head))


def link_to_nothing(path: Path) -> str:
    """Say that a path is a link whose target is gone, "" if it is not."""
    if os.path.islink(path) and not os.path.exists(path):
        return f"it is a link to {os.readlink(path)}, which is not there"
    return ""


def first_bytes(path: Path) -> bytes:
    """Return what a file begins with, nothing where it cannot be read."""
    try:
        # a pipe or a device could wait for ever
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def needs_ffmpeg(path: Path) -> str:
    """Say what a file holds that libsndfile does not read, "" if nothing that we know.

    Its first bytes count, and its suffix where they say nothing.
    """
    return _needs_ffmpeg(first_bytes(path), path.suffix.lower())


def _needs_ffmpeg(head: bytes, suffix: str) -> str:
    # any format may begin with an ID3 tag
    if _BEGINS_READ.match(head) and not head.startswith(b"ID3"):
        return _codec(head)
    return _by_content(head) or FFMPEG.get(suffix, "")


def why_not_read(path: Path, ffmpeg: bool) -> str:
    """Say why a file that libsndfile does not read is left out, "" if it need not be.

    Parameters
    ----------
    path : Path
    ffmpeg : bool
        Whether ffmpeg is installed.
    """
    head = first_bytes(path)
    instead = what_instead(head)
    if instead:
        return instead
    suffix = path.suffix.lower()
    # the same words for all files of a kind, so that reasons can be counted
    convert = f"ffmpeg -i NAME{suffix} NAME{'-new' * (suffix == '.wav')}.wav"
    if suffix in VIDEO:
        return f"it is a video ({suffix}); its sound is taken out by: {convert}"
    holds = _needs_ffmpeg(head, suffix)
    if ffmpeg or not holds:
        return ""
    return (
        f"{holds} is read by ffmpeg, which is not installed: install it, or where it is convert "
        f"the file: {convert}"
    )


def _codec(head: bytes) -> str:
    """Say what codec a WAV, CAF or AIFC file has that libsndfile does not read, "" if none."""
    if head[8:12] == b"WAVE" and b"fmt " in head:
        at = head.find(b"fmt ") + 8
        tag = int.from_bytes(head[at : at + 2], "little")
        # 0xFFFE: the tag begins the identifier at the end of the format
        tag = int.from_bytes(head[at + 24 : at + 26], "little") if tag == 0xFFFE else tag
        return f"{_WAV_CODECS[tag]} in a WAV file" if tag in _WAV_CODECS else ""
    if head[:4] == b"caff":
        return _named_codec(head[28:32], "CAF")
    at = head.find(b"COMM")
    return _named_codec(head[at + 26 : at + 30], "AIFC") if head[8:12] == b"AIFC" else ""


def _named_codec(name: bytes, container: str) -> str:
    if name.lower() in _PLAIN or not name.decode("latin-1").isprintable():
        return ""
    return f"'{name.decode('latin-1').strip()}' in a {container} file"


def _by_content(head: bytes) -> str:
    return next((what for begins, what in _BEGINS_FFMPEG if begins.match(head)), "")
