"""What lies under the name of a recording where it is none: a pointer, a page, an archive."""

import re

#: First bytes, and what they are the first bytes of; the first that match.
_KNOWN = (
    (
        rb"version https://git-lfs\.github\.com",
        "a Git LFS pointer, not the recording: fetch it with 'git lfs pull'",
    ),
    (
        rb"(\.\./)*(\.git|/annex|annex)/.*objects/",
        "a git-annex pointer, not the recording: fetch it with 'git annex get'",
    ),
    (rb"outs:\s+- (md5|etag):", "a DVC pointer, not the recording: fetch it with 'dvc pull'"),
    (
        rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b",
        "an HTML page, not a recording: its download failed",
    ),
    (rb"\s*<(\?xml|error)\b", "an XML text, not a recording: its download failed"),
    (rb"\s*[{\[]\s*[\"{\[\]}]", "a JSON text, not a recording"),
    (rb"%PDF-", "a PDF"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\x1f\x8b", "a file compressed by gzip"),
    (rb"BZh\d", "a file compressed by bzip2"),
    (rb"\xfd7zXZ\x00", "a file compressed by xz"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (rb"Rar!\x1a\x07", "a RAR archive"),
    (rb".{257}ustar", "a tar archive"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP", "a picture"),
    (rb"RIFF....AVI ", "a video"),
    (rb"MThd", "MIDI, which holds notes and no sound"),
    (rb"\x93NUMPY", "an array of NumPy"),
    (rb"\x89HDF", "an HDF5 file"),
    (rb"\x00\x05\x16\x07", "what macOS keeps beside a file (AppleDouble)"),
)
_PATTERNS = tuple((re.compile(begins, re.DOTALL | re.IGNORECASE), what) for begins, what in _KNOWN)
#: Characters of a text that are shown.
_SHOWN = 40


def what_instead(head: bytes) -> str:
    r"""Say what a file is that begins so, "" if it may be sound.

    Examples
    --------
    >>> what_instead(b"<!DOCTYPE html><title>404")
    'it is an HTML page, not a recording: its download failed'
    >>> what_instead(b"RIFF\x24\x08\x00\x00WAVE")
    ''
    """
    known = next((what for begins, what in _PATTERNS if begins.match(head)), "")
    if known:
        return f"it is {known}"
    if head and not head.strip(b"\0"):
        return "it begins with zeros only: its copy or download failed"
    text = _text(head)
    return f"it is text, not a recording: '{text}'" if text else ""


def _text(head: bytes) -> str:
    """Return the beginning of a text, "" if the bytes are none."""
    mark = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = head.decode("utf-16") if mark else head.decode("utf-8")
    except UnicodeDecodeError as error:
        # the last character may be cut
        if mark or error.start < len(head) - 3 or not error.start:
            return ""
        text = head[: error.start].decode("utf-8")
    words = " ".join(text.split())
    if not words.isprintable():
        return ""
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}..."
