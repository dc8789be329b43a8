"""Errors of the file system, and errors that nobody foresaw, as one sentence each.

Results go to disks that fill up and to folders that may not be written; what Python says of that
names a number and a function of ours.
"""

import errno
import os.path
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from semisup.errors import OutputError, SemisupError

#: What error numbers mean to somebody who asked for a file.
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk space that this user may use is full",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "permission denied, as its disk can only be read",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a file is where a folder should be",
    errno.EEXIST: "a file is where a folder should be",
    errno.EISDIR: "a folder is where a file should be",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EMFILE: "too many files are open; fewer --jobs need fewer",
    errno.EIO: "the disk reports an error",
}
#: After these, there is something that the user can do and then go on.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_GOES_ON = "what is finished is kept, and the same command goes on from there once there is room"
#: Characters of a library's message that a sentence quotes.
_QUOTED = 200


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the file system into one sentence that names what was to be written.

    Raises
    ------
    OutputError
        From any `OSError` but our own, which are sentences already.
    """
    try:
        yield
    except SemisupError:
        raise
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {_reason(error, path)}") from error


def sentence_of(error: Exception) -> str:
    """Return what an error that is not one of ours comes to, in one sentence."""
    full = _full_disk(error)
    if full is not None:
        place = f" ({full.filename})" if full.filename else ""
        return f"{_REASONS[full.errno or errno.ENOSPC]}{place}; {_GOES_ON}"
    if isinstance(error, MemoryError):
        return "there is not enough memory; fewer --jobs need less of it"
    if isinstance(error, BrokenProcessPool):
        return (
            "the system ended a process that worked for this run, most often for want of memory; "
            "fewer --jobs need less of it, and the same command goes on from here"
        )
    if isinstance(error, OSError) and error.filename and error.errno in _REASONS:
        return f"{error.filename}: {_REASONS[error.errno]}"
    message = " ".join(str(error).split())
    quoted = message if len(message) <= _QUOTED else f"{message[:_QUOTED]} ..."
    return f"this error was not foreseen: {type(error).__name__}{quoted and ': ' + quoted}"


def words_of(error: Exception) -> str:
    """Return why something could not be read, for the end of a sentence that names it.

    Examples
    --------
    >>> words_of(ValueError("no header")), words_of(EOFError())
    ('no header', 'EOFError')
    """
    if isinstance(error, OSError) and error.errno in _REASONS:
        return _REASONS[error.errno]
    return _first_line(str(error)) or type(error).__name__


def named_words_of(error: BaseException) -> str:
    """Return what others' code raised, and why.

    Examples
    --------
    >>> named_words_of(KeyError("f0")), named_words_of(AssertionError())
    ("KeyError: 'f0'", 'AssertionError')
    """
    # that of a syntax error would name its file and line a second time
    words = _first_line(error.msg if isinstance(error, SyntaxError) else str(error))
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def keep_text(error: Exception) -> Path | None:
    """Write the traceback of an error to a file of its own; None where that is not possible."""
    lines = [f"command: {' '.join(sys.argv)}\n\n", *traceback.format_exception(error)]
    try:
        # names of files may hold bytes that are not text
        with NamedTemporaryFile(
            "w",
            prefix="semisup-error-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.writelines(lines)
    except OSError:  # a full disk has no room for this either
        return None
    return Path(file.name)


def _reason(error: OSError, path: Path) -> str:
    full = _full_disk(error)
    if full is not None:
        return f"{_REASONS[full.errno or errno.ENOSPC]}; {_GOES_ON}"
    # which of the folders above it is the file, the error does not say; `os.path` raises nothing
    files = [above for above in path.parents if os.path.isfile(above)]
    if files:
        return f"{files[0]} is a file where a folder should be"
    reason = _REASONS.get(error.errno or 0) or (error.strerror or str(error)).partition("\n")[0]
    # what is written may be made from other files
    is_other = error.filename and Path(str(error.filename)).parent not in (path, *path.parents)
    return f"{error.filename}: {reason}" if is_other else reason


def _full_disk(error: BaseException) -> OSError | None:
    """Return the error of a full disk among what an error came from, if there is one."""
    cause: BaseException | None = error
    seen: list[BaseException] = []
    while cause is not None and cause not in seen:
        if isinstance(cause, OSError) and cause.errno in _FULL:
            return cause
        # databases and libraries of arrays have errors of their own for it
        if "No space left on device" in str(cause) or "disk is full" in str(cause):
            return OSError(errno.ENOSPC, str(cause))
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return None
