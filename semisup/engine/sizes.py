"""What a file would take in memory, judged by what it says of itself before it is read.

A file of a few bytes can ask for gigabytes: a header may claim anything, and what is always the
same is packed into nothing.
"""

import lzma
import os
import struct
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

#: Bytes that any file may take.
FREE = 2**30
#: Bytes for each one on the disk: the most frugal codec of speech makes some 500 of one.
MOST_OF_ONE = 1000
#: What a zip file, on the disk or in memory, that is damaged, encrypted or none may fail with.
DAMAGED_ZIP = (
    *(OSError, EOFError, ValueError, RuntimeError, OverflowError),
    *(BadZipFile, struct.error, zlib.error, lzma.LZMAError),
)


def memory() -> int:
    """Return the bytes of memory that this machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def why_too_large(needed: int) -> str:
    """Say why so many bytes are more than there can be, "" if they are not.

    Examples
    --------
    >>> why_too_large(10)
    ''
    >>> why_too_large(10**18).partition(",")[0]
    'it would take 931322575 GiB of memory'
    """
    if needed <= max(FREE, memory() // 2):
        return ""
    return f"{_takes(needed)}, more than half of what this machine has ({memory() / 2**30:.0f} GiB)"


def why_inflated(path: Path, needed: int) -> str:
    """Say why a file cannot hold what it says, "" if it may.

    Parameters
    ----------
    path : Path
    needed : int
        Bytes that it would take in memory.
    """
    size = path.stat().st_size
    if needed <= max(FREE, MOST_OF_ONE * size):
        return ""
    return f"{_takes(needed)}, but the file has {size} bytes only"


def why_zip_too_large(path: Path) -> str:
    """Say why the members of a zip file are too large, "" if they are not, or it is no zip file."""
    try:
        with ZipFile(path) as members:
            # what a member takes on the disk is asked for before it is unpacked
            needed = sum(max(m.file_size, m.compress_size) for m in members.infolist())
    except DAMAGED_ZIP:
        return ""
    return why_inflated(path, needed) or why_too_large(needed)


def why_parquet_too_large(path: Path) -> str:
    """Say why the columns of a Parquet file are too large, "" if they are not.

    Raises
    ------
    OSError, ArrowInvalid
        If it is no Parquet file.
    """
    from pyarrow.parquet import read_metadata

    told = read_metadata(path)
    needed = 8 * told.num_rows * told.num_columns
    return why_inflated(path, needed) or why_too_large(needed)


def _takes(needed: int) -> str:
    return f"it would take {needed / 2**30:.0f} GiB of memory"
