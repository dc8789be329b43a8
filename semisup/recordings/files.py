"""What recordings and pictures must be before anything decodes them: files that are not empty."""

import os.path
from pathlib import Path

from semisup.errors import BadAudioError, BadPictureError
from semisup.recordings.formats import link_to_nothing
from semisup.recordings.names import NOT_UTF8, is_not_utf8, printable


def check_file(path: Path, error: type[BadAudioError | BadPictureError]) -> None:
    """Raise `error` where there is no file, it is empty, or its name is not UTF-8."""
    if is_not_utf8(path):
        raise error(f"{printable(str(path))}: {NOT_UTF8}")
    # unlike `Path.is_file`, no error for what no file system would take for a name
    if not os.path.isfile(path):
        raise error(f"{path}: {link_to_nothing(path) or 'there is no such file'}")
    if path.stat().st_size == 0:
        raise error(f"{path}: the file is empty (0 bytes)")
