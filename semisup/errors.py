"""Every error that a user can cause: one root, a handful of leaves.

Each leaf also inherits the built-in that it is, so that callers who know nothing of `semisup` can
catch it. A message is one sentence: what was asked, what is allowed, what was found, and where.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class SemisupError(Exception):
    """Root of all errors that this package raises on purpose."""


class SpecError(SemisupError, ValueError):
    """A study file, or a value given on the command line, is not what it must be."""


class UnknownNameError(SemisupError, LookupError):
    """A name was asked for that no registry, table or study has."""


class CorpusError(SemisupError, ValueError):
    """A corpus folder or manifest lacks something that the study needs."""


class BadAudioError(SemisupError, OSError):
    """An audio file cannot be used; the message names the file and the reason."""


class BadSignalError(BadAudioError, ValueError):
    """A signal of an array cannot be used; the message names its number and the reason."""


class BadPictureError(SemisupError, OSError):
    """A picture file cannot be used; the message names the file and the reason."""


class SplitError(SemisupError, ValueError):
    """The subsets asked for cannot be made from the recordings there are."""


class LeakageError(SplitError):
    """A speaker is in two subsets."""


class OutputError(SemisupError, OSError):
    """A file or folder cannot be written; the message names it and the reason."""


class RemoteError(SemisupError, OSError):
    """What is at a URL cannot be read or written; the message names it and the reason."""


class OutsideError(SemisupError, RuntimeError):
    """Code of the user's, or of another package, cannot be used; the message says where."""


class TableError(SemisupError, ValueError):
    """A feature table or a scores table does not have the columns or rows that it must have."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Name the nearest known name, for the end of a message.

    Examples
    --------
    >>> nearest("drawz", ["draws", "order"])
    "did you mean 'draws'?"
    >>> nearest("x", ["draws", "order"])
    'known are: draws, order'
    """
    names = sorted(names)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else f"known are: {', '.join(names)}"
