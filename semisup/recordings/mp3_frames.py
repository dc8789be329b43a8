"""One frame of an MP3 stream: its header, and the frames without sound that tell how many follow.

In: the bytes of a file and a place in them. Out: what stands there.
"""

from typing import NamedTuple

#: Bit rates of layer III in kbit/s by header index, MPEG-1 and MPEG-2 (ISO/IEC 13818-3, 2.4.2.3).
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
#: Of layer II, MPEG-1; MPEG-2 has the rates of layer III.
_KBITS_1_II = (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
#: Where the header of Fraunhofer's encoder stands after that of the frame, whatever its mode.
_VBRI_AT = 36


class Frame(NamedTuple):
    """Header of a frame of layer II or III (ISO/IEC 11172-3, 2.4.1.3, 2.4.3.1)."""

    #: What all frames of a stream have in common: MPEG version, layer, index of the sample rate,
    #: and whether there is one channel.
    stream: tuple[int, int, int, bool]
    length: int
    #: Bytes of side information after the header.
    side: int
    sample_rate: int

    def __str__(self) -> str:
        """Say what its stream is."""
        return f"{self.sample_rate} Hz {'mono' if self.stream[3] else 'stereo'}"


class Told(NamedTuple):
    """What a frame without sound tells of those that follow; 0 for what it does not.

    Parameters
    ----------
    frames, size : int
        Frames, and bytes with its own.
    is_xing : bool
        Whether it is of the kind that libsndfile reads.
    """

    frames: int
    size: int
    is_xing: bool

    def tells_all(self, size: int) -> bool:
        """Tell whether no frame need be looked at: what follows has no room for more."""
        return self.is_xing and self.frames > 0 and 0 < size <= self.size


def read_frame(data: bytes, at: int) -> Frame | None:
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
    return Frame((version, layer, hertz, mono), length, side, sample_rate)


def told_by(data: bytes, at: int, frame: Frame) -> Told | None:
    """Return what a frame tells of those that follow, None if it is one of sound."""
    if data[at + _VBRI_AT : at + _VBRI_AT + 4] == b"VBRI":
        size, frames = (_number(data, at + _VBRI_AT + place) for place in (10, 14))
        return Told(frames, size, is_xing=False)
    tag = at + 4 + frame.side
    if data[tag : tag + 4] not in (b"Xing", b"Info"):
        return None
    # which of the two numbers follow
    flags, tag = _number(data, tag + 4), tag + 8
    frames = _number(data, tag) if flags & 1 else 0
    size = _number(data, tag + 4 * (flags & 1)) if flags & 2 else 0
    return Told(frames, size, is_xing=True)


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")
