"""MP3 streams: their frames counted where no header tells how many there are.

In: the bytes of a file. Out: where its frames begin and end, and the bytes with a first frame that
tells their number. Without that, libsndfile guesses the length from the size of the file, tags
included, and reads too little or misses samples that were never there.
"""

from typing import NamedTuple

#: Bit rates of layer III in kbit/s by header index, MPEG-1 and MPEG-2 (ISO/IEC 13818-3, 2.4.2.3).
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
#: Of layer II, MPEG-1; MPEG-2 has the rates of layer III.
_KBITS_1_II = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
#: How far from its tags a first frame is looked for: some writers pad.
_NEAR = 2**16


class Frame(NamedTuple):
    """Header of a frame of layer II or III (ISO/IEC 11172-3, 2.4.1.3, 2.4.3.1)."""

    #: What all frames of a stream have in common: MPEG version, layer and index of the sample rate.
    stream: tuple[int, int, int]
    length: int
    #: Bytes of side information after the header.
    side: int


class Stream(NamedTuple):
    """Frames of a file, one after the other.

    Parameters
    ----------
    first, end : int
        First byte of the first frame, and the byte after the last whole one.
    frames : int
        How many there are, or as many as the header tells.
    rest : bytes
        What stands between them and the tags at the end of the file.
    tells_frames : bool
        Whether the first frame is a header that tells the number (Xing); then no other was read.
    """

    first: int
    end: int
    frames: int
    rest: bytes
    tells_frames: bool


def read_stream(data: bytes) -> Stream:
    """Find the frames of an MP3 file, between its tags."""
    last = _before_tags(data)
    first = at = _first_frame(data, last)
    frames, stream = 0, None
    while (frame := _frame(data, at)) is not None and at + frame.length <= last:
        if stream not in (None, frame.stream):
            break
        stream = frame.stream
        at += frame.length
        told = _told_frames(data[at - frame.length : at], frame) if not frames else None
        if told:
            return Stream(first, at, told, b"", tells_frames=True)
        if told is None:
            frames += 1
        else:
            # a header without sound that does not tell the number
            first = at
    return Stream(first, at, frames, data[at:last], tells_frames=False)


def why_incomplete(data: bytes, stream: Stream) -> str:
    """Say what is wrong after the last whole frame, "" if nothing is.

    Zeros and a few stray bytes, as writers leave them, are no frame.
    """
    if stream.tells_frames or not stream.frames or not stream.rest.strip(b"\0"):
        return ""
    frame = _frame(data, stream.end)
    if frame is not None and frame.length > len(stream.rest):
        return (
            f"cut short, {len(stream.rest)} of {frame.length} bytes of its last frame are there "
            f"(after {stream.frames} whole ones)"
        )
    # less than a header, which begins so
    if len(stream.rest) < 4 and stream.rest[0] == 0xFF:
        return f"cut short within the header of frame {stream.frames + 1}"
    if _frame(data, _first_frame(data, len(data), stream.end)) is None:
        return ""
    return f"damaged, its frames break off after {stream.frames}, and others come later"


def with_count(data: bytes, stream: Stream) -> bytes:
    """Return the frames led by one of silence that tells how many they are."""
    header = int.from_bytes(data[stream.first : stream.first + 4], "big")
    # no padding and no checksum
    header = header & ~(1 << 9) | 1 << 16
    begin = header.to_bytes(4, "big")
    frame = _frame(begin, 0)
    assert frame is not None  # as the stream has frames
    # 1: the number of frames follows, and nothing else
    tag = b"Xing" + (1).to_bytes(4, "big") + stream.frames.to_bytes(4, "big")
    leader = (begin + bytes(frame.side) + tag).ljust(frame.length, b"\0")
    return leader + data[stream.first : stream.end]


def _frame(data: bytes, at: int) -> Frame | None:
    """Read the header of a frame, None if there is none."""
    if at + 4 > len(data):
        return None
    bits = int.from_bytes(data[at : at + 4], "big")
    version, layer, hertz = bits >> 19 & 3, bits >> 17 & 3, bits >> 10 & 3
    rate = bits >> 12 & 15
    # layers are numbered from the last
    if bits >> 21 != 0x7FF or layer not in (1, 2) or version == 1:
        return None
    if rate in (0, 15) or hertz == 3:
        return None
    first = version == 3
    rates = (_KBITS_1 if layer == 1 else _KBITS_1_II) if first else _KBITS_2
    sample_rate = (44100, 48000, 32000)[hertz] >> {3: 0, 2: 1, 0: 2}[version]
    eighths = 144000 if first or layer == 2 else 72000
    length = eighths * rates[rate] // sample_rate + (bits >> 9 & 1)
    mono = bits >> 6 & 3 == 3
    side = (17 if mono else 32) if first else (9 if mono else 17)
    return Frame((version, layer, hertz), length, side)


def _told_frames(data: bytes, frame: Frame) -> int | None:
    """Return the number of frames that a first frame tells, 0 if none, None if it is no header."""
    name, flags, count = (data[at : at + 4] for at in range(4 + frame.side, 16 + frame.side, 4))
    if name not in (b"Xing", b"Info"):
        return None
    return int.from_bytes(count, "big") if flags and flags[3] & 1 else 0


def _first_frame(data: bytes, last: int, start: int | None = None) -> int:
    """Return the first place where a frame is followed by another, or by the end."""
    start = _after_id3(data) if start is None else start
    at = data.find(b"\xff", start, start + _NEAR)
    while at >= 0:
        frame = _frame(data, at)
        if frame is not None:
            after = _frame(data, at + frame.length)
            if at + frame.length == last or (after and after.stream == frame.stream):
                return at
        at = data.find(b"\xff", at + 1, start + _NEAR)
    return start


def _after_id3(data: bytes) -> int:
    at = 0
    # more than one program may have put its tag
    while data[at : at + 3] == b"ID3":
        footer = 10 * bool(data[at + 5] & 0x10) if len(data) > at + 5 else 0
        at += 10 + _seven_bits(data[at + 6 : at + 10]) + footer
    return at


def _seven_bits(size: bytes) -> int:
    # The size has seven bits a byte (id3.org, ID3v2.4 section 6.2).
    return sum(byte << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=False))


def _before_tags(data: bytes) -> int:
    """Return where the tags at the end of a file begin: ID3v1, APE and Lyrics3, in any order."""
    end = len(data)
    while True:
        if end >= 128 and data[end - 128 : end - 125] == b"TAG":
            end -= 128
        elif end >= 227 and data[end - 227 : end - 223] == b"TAG+":
            end -= 227
        elif end >= 32 and data[end - 32 : end - 24] == b"APETAGEX":
            has_header = data[end - 9] & 0x80
            end -= int.from_bytes(data[end - 20 : end - 16], "little") + 32 * bool(has_header)
        elif data[end - 9 : end] == b"LYRICS200" and data[end - 15 : end - 9].isdigit():
            end -= int(data[end - 15 : end - 9]) + 15
        else:
            return max(end, 0)
        if end <= 0:
            return 0
