"""MP3 streams: their frames counted where no header tells how many there are, or too few.

In: the bytes of a file. Out: where its frames begin and end, and the bytes with a first frame that
tells their number. Without that, libsndfile guesses the length from the size of the file, tags
included, and reads too little or misses samples that were never there; and of files that were
joined it reads the first, whose header tells only its own frames.
"""

from typing import NamedTuple

from semisup.recordings.mp3_frames import Frame, Told, read_frame, told_by
from semisup.recordings.mp3_tags import after_id3, after_tags, before_tags

#: How far from its tags a first frame is looked for: some writers pad.
_NEAR = 2**16


class Stream(NamedTuple):
    """Frames of a file, one after the other.

    Parameters
    ----------
    spans : list of (int, int)
        First byte of the first frame of sound, and the byte after the last whole one; several where
        files of one kind were joined.
    frames : int
        How many there are, or as many as the header tells where it tells the size of the file, too.
    last : int
        Where the tags at the end of the file begin.
    told : Told or None
        What the first header tells.
    """

    spans: list[tuple[int, int]]
    frames: int
    last: int
    told: Told | None

    @property
    def first(self) -> int:
        """First byte of sound."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Byte after the last whole frame."""
        return self.spans[-1][1]

    @property
    def tells_frames(self) -> bool:
        """Whether libsndfile finds the number of frames in the file, and it is not too small."""
        return self.told is not None and self.told.is_xing and self.told.frames >= self.frames


def read_stream(data: bytes) -> Stream:
    """Find the frames of an MP3 file, between its tags."""
    last = before_tags(data)
    at = _first_frame(data, last, after_id3(data))
    frame = read_frame(data, at)
    told = told_by(data, at, frame) if frame else None
    if frame and told and told.tells_all(last - at - frame.length):
        return Stream([(at + frame.length, last)], told.frames, last, told)
    spans, frames = [], 0
    place: int | None = at
    while place is not None:
        begin, end, count = _walk(data, place, last)
        spans.append((begin, end))
        frames += count
        place = _next_file(data, end, last, frame)
    return Stream(spans, frames, last, told)


def why_incomplete(data: bytes, stream: Stream) -> str:
    """Say what is wrong after the last whole frame, "" if nothing is.

    Zeros and a few stray bytes, as writers leave them, are no frame.
    """
    rest = data[stream.end : stream.last]
    if not stream.frames or not rest.strip(b"\0"):
        return _lacks(stream)
    own, other = (read_frame(data, at) for at in (stream.first, after_tags(data, stream.end)))
    if own and other and own.stream != other.stream and _is_followed(data, other, stream):
        return (
            f"two MP3 streams one after the other, {stream.frames} frames of {own}, then {other}: "
            "convert it to one"
        )
    if stream.tells_frames:
        return _lacks_before_others(data, stream)
    frame = read_frame(data, stream.end)
    if frame is not None and frame.length > len(rest):
        return (
            f"cut short, {len(rest)} of {frame.length} bytes of its last frame are there "
            f"(after {stream.frames} whole ones)"
        )
    # less than a header, which begins so
    if len(rest) < 4 and rest[0] == 0xFF:
        return f"cut short within the header of frame {stream.frames + 1}"
    if read_frame(data, _first_frame(data, stream.last, stream.end)) is None:
        return _lacks(stream)
    return _breaks_off(stream)


def with_count(data: bytes, stream: Stream) -> bytes:
    """Return the frames led by one of silence that tells how many they are."""
    header = int.from_bytes(data[stream.first : stream.first + 4], "big")
    # no padding and no checksum
    header = header & ~(1 << 9) | 1 << 16
    begin = header.to_bytes(4, "big")
    frame = read_frame(begin, 0)
    assert frame is not None  # as the stream has frames
    # 1: the number of frames follows, and nothing else
    tag = b"Xing" + (1).to_bytes(4, "big") + stream.frames.to_bytes(4, "big")
    leader = (begin + bytes(frame.side) + tag).ljust(frame.length, b"\0")
    return b"".join([leader, *(data[begin:end] for begin, end in stream.spans)])


def _walk(data: bytes, at: int, last: int) -> tuple[int, int, int]:
    """Return where the frames of one file begin and end, its header left out, and their number."""
    begin, frames, stream = at, 0, None
    while (frame := read_frame(data, at)) is not None and at + frame.length <= last:
        if stream not in (None, frame.stream):
            break
        if told_by(data, at, frame) is not None:
            # of the next file
            if frames:
                break
            begin = at + frame.length
        else:
            frames += 1
        stream = frame.stream
        at += frame.length
    return begin, at, frames


def _next_file(data: bytes, end: int, last: int, frame: Frame | None) -> int | None:
    """Return where a file of the same kind goes on after the end of one, None if none does.

    It begins with a header of its own or after tags; a gap alone is damage.
    """
    at = after_tags(data, end)
    follows = read_frame(data, at)
    if follows is None or frame is None or follows.stream != frame.stream or at >= last:
        return None
    begins = told_by(data, at, follows) is not None or bool(data[end:at].strip(b"\0"))
    return at if begins else None


def _is_followed(data: bytes, frame: Frame, stream: Stream) -> bool:
    """Tell whether a frame after the stream is followed by another of its kind, or by the end."""
    at = after_tags(data, stream.end) + frame.length
    after = read_frame(data, at)
    return at == stream.last or (after is not None and after.stream == frame.stream)


def _lacks(stream: Stream) -> str:
    """Say that there are fewer frames than the first header tells, "" if there are not."""
    if stream.told is None or stream.frames >= stream.told.frames:
        return ""
    return f"cut short, {stream.frames} of the {stream.told.frames} frames that it tells are there"


def _lacks_before_others(data: bytes, stream: Stream) -> str:
    """Say that frames come after a gap that the first header does not count, "" if none do."""
    *_, later = _walk(data, _first_frame(data, stream.last, stream.end), stream.last)
    assert stream.told is not None  # as it tells frames
    if stream.frames + later <= stream.told.frames:
        return ""
    lacks = _lacks(stream)
    return f"{lacks}, and others come later" if lacks else _breaks_off(stream)


def _breaks_off(stream: Stream) -> str:
    return f"damaged, its frames break off after {stream.frames}, and others come later"


def _first_frame(data: bytes, last: int, start: int) -> int:
    """Return the first place where a frame is followed by another, or by the end."""
    at = data.find(b"\xff", start, start + _NEAR)
    while at >= 0:
        frame = read_frame(data, at)
        if frame is not None:
            after = read_frame(data, at + frame.length)
            if at + frame.length == last or (after and after.stream == frame.stream):
                return at
        at = data.find(b"\xff", at + 1, start + _NEAR)
    return start
