"""Truncated audio files that decode without an error.

In: a file and what libsndfile noted of it. Out: the reason, or "". libsndfile sets a wav, au or
aiff that lacks its end to the length found, an Ogg file likewise. MP3 is read by
`semisup.recordings.mp3`.
"""

import re
from math import prod
from pathlib import Path

from semisup.recordings.formats import first_bytes

#: Of libsndfile's log: the chunk of samples (of a W64 or RF64 file the whole), the bytes it should
#: have, the bytes that are there.
_SHORT_CHUNK = re.compile(
    r"^ *(data|SSND|Data Size|riff|Riff size) *: *(\d+) \(should be (\d+)\)", re.MULTILINE
)
#: In the header of a NIST file: samples of a channel, channels, bytes of a sample.
_NIST_SIZES = (b"sample_count", b"channel_count", b"sample_n_bytes")
#: Programs that write to a pipe put 2**31 - 1, 2**32 - 1, 2**63 - 1 or a little less for "until the
#: end".
_STREAMED = (range(0x7FFFF000, 2**32), range(2**62, 2**64))
#: Some writers count the 44 bytes of header as samples.
_HEADER_BYTES = 44
#: An Ogg page is at most 65,307 bytes (RFC 3533, section 6).
_OGG_PAGE = 65307


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
    if form == "VOC":
        return "cut short, its last block is not whole" if "truncated file" in log else ""
    if form == "NIST":
        return _nist_lacks(path)
    for chunk, claimed, present in _SHORT_CHUNK.findall(log):
        streamed = any(int(claimed) in sizes for sizes in _STREAMED)
        if int(present) + _HEADER_BYTES < int(claimed) and not streamed:
            of_samples = "" if chunk.lower().startswith("riff") else " of samples"
            return f"cut short, {present} of {claimed} bytes{of_samples} are there"
    return ""


def _nist_lacks(path: Path) -> str:
    """Compare the size of a NIST file with its header, which libsndfile does not."""
    head = first_bytes(path)
    sizes = [re.search(name + rb" -i (\d+)", head) for name in _NIST_SIZES]
    length = re.match(rb"NIST_1A\r?\n *(\d+)", head)
    if length is None or None in sizes:
        return ""
    claimed = prod(int(size[1]) for size in sizes if size)
    present = path.stat().st_size - int(length[1])
    return f"cut short, {present} of {claimed} bytes of samples are there" * (present < claimed)


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
