"""Tags of MP3 files: ID3 before the frames; ID3v1, APE and Lyrics3 after them, in any order.

In: the bytes of a file. Out: where the tags end that begin at a place, and where those begin that
end the file.
"""

from mmap import mmap


def after_id3(data: bytes | mmap, at: int = 0) -> int:
    """Return where the ID3v2 tags at a place end."""
    # more than one program may have put its tag
    while data[at : at + 3] == b"ID3":
        footer = 10 * bool(data[at + 5] & 0x10) if len(data) > at + 5 else 0
        at += 10 + _seven_bits(data[at + 6 : at + 10]) + footer
    return at


def after_tags(data: bytes, at: int) -> int:
    """Return where the tags of any kind at a place end, with the zeros around them."""
    while True:
        start = at
        if data[at : at + 4] == b"TAG+":
            at += 227
        elif data[at : at + 3] == b"TAG":
            at += 128
        elif data[at : at + 8] == b"APETAGEX":
            # what stands here is its header, which the size does not count
            at += int.from_bytes(data[at + 12 : at + 16], "little") + 32
        elif data[at : at + 11] == b"LYRICSBEGIN":
            at = data.find(b"LYRICS200", at) + 9 or at
        at = after_id3(data, at)
        if data[at : at + 1] == b"\0":
            at = len(data) - len(data[at:].lstrip(b"\0"))
        if at in (start, len(data)):
            return at


def before_tags(data: bytes) -> int:
    """Return where the tags at the end of a file begin."""
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


def _seven_bits(size: bytes) -> int:
    # The size has seven bits a byte (id3.org, ID3v2.4 section 6.2).
    return sum(byte << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=False))
