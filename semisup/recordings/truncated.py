"""Truncated audio files that decode without an error.

In: a file and what libsndfile noted of it. Out: the reason, or "". libsndfile sets a wav, au or
aiff that lacks its end to the length found, an Ogg file likewise, and guesses the length of an
MP3 file of variable bit rate that does not count its frames.
"""

import re
from collections.abc import Iterator
from pathlib import Path

#: Of libsndfile's log: the chunk of samples, the bytes it should have, the bytes that are there.
_SHORT_CHUNK = re.compile(r"^ *(?:data|SSND|Data Size) *: *(\d+) \(should be (\d+)\)", re.MULTILINE)
#: Programs that write to a pipe put 2**31 - 1, 2**32 - 1 or a little less for "until the end".
_STREAMED = 0x7FFFF000
#: Some writers count the 44 bytes of header as samples.
_HEADER_BYTES = 44
#: An Ogg page is at most 65,307 bytes (RFC 3533, section 6).
_OGG_PAGE = 65307
#: Bit rates of layer III in kbit/s by header index, MPEG-1 and MPEG-2 (ISO/IEC 13818-3, 2.4.2.3).
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def why_cut_short(path: Path, form: str, log: str) -> str:
    """Say what is missing at the end of an audio file, "" if nothing.

    Parameters
    ----------
    path : Path
        An audio file that libsndfile can open.
    form : str
        Its format as libsndfile names it.
    log : str
        What libsndfile noted when it opened the file (`SoundFile.extra_info`).
    """
    if form == "OGG":
        return (
            ""
            if _ends_with_last_page(path)
            else "cut short, its last Ogg page is missing or incomplete"
        )
    if form in ("MP3", "MPEG"):
        return _why_length_unknown(path)
    for claimed, present in _SHORT_CHUNK.findall(log):
        if int(present) + _HEADER_BYTES < int(claimed) < _STREAMED:
            return f"cut short, {present} of {claimed} bytes of samples are there"
    return ""


def _ends_with_last_page(path: Path) -> bool:
    """Tell whether the last Ogg page is whole and carries the end-of-stream flag (RFC 3533)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _OGG_PAGE))
        end = file.read()
    start = end.rfind(b"OggS")
    header = end[start : start + 27]
    if start < 0 or len(header) < 27 or not header[5] & 4:
        return False
    segments = end[start + 27 : start + 27 + header[26]]
    return len(end) - start >= 27 + header[26] + sum(segments)


def _why_length_unknown(path: Path) -> str:
    # libsndfile takes the length from a Xing frame or else from the rate of the first frame, which
    # is right only where all frames have that rate.
    data = path.read_bytes()
    rates: set[int] = set()
    for start, rate, length in _mp3_frames(data):
        frame = data[start : start + length]
        if not rates and (b"Xing" in frame[:64] or b"Info" in frame[:64]):
            return ""
        rates.add(rate)
        if len(rates) > 1:
            return "its bit rate varies and no header says how long it is"
    return ""


def _mp3_frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield start, kbit/s and bytes of layer III frames (ISO/IEC 11172-3, 2.4.1.3, 2.4.3.1)."""
    at = _after_id3(data)
    while at + 4 <= len(data):
        bits = int.from_bytes(data[at : at + 4], "big")
        version, rate, hertz = bits >> 19 & 3, bits >> 12 & 15, bits >> 10 & 3
        if bits >> 21 != 0x7FF or bits >> 17 & 3 != 1 or version == 1:
            return
        if rate in (0, 15) or hertz == 3:
            return
        first = version == 3
        kbits = (_KBITS_1 if first else _KBITS_2)[rate]
        sample_rate = (44100, 48000, 32000)[hertz] >> {3: 0, 2: 1, 0: 2}[version]
        length = (144000 if first else 72000) * kbits // sample_rate + (bits >> 9 & 1)
        yield at, kbits, length
        at += length


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3":
        return 0
    # The size has seven bits a byte (id3.org, ID3v2.4 section 6.2).
    return 10 + sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=False))
