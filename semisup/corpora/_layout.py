"""Whether a folder is laid out as a corpus is: the names of its first recordings.

In: a folder, and the patterns and names of a corpus. Out: yes or no; nothing is opened.
"""

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from semisup.recordings.formats import SUFFIXES

#: Recordings that are looked at, and the share that must be named as the corpus names them: copies
#: of corpora have a stray file or two.
MOST, SHARE = 300, 0.9


def is_laid_out(root: Path, patterns: Sequence[str], name: str) -> bool:
    """Tell whether nearly all recordings are named as a corpus does.

    Parameters
    ----------
    root : Path
    patterns : sequence of str
        As of `Path.glob`; the first that finds recordings counts.
    name : str
        A regular expression of the end of their paths, without suffix.
    """
    is_named = re.compile(rf"(?:^|/)(?:{name})$")
    for pattern in patterns:
        paths = (path for path in root.glob(pattern) if path.suffix.lower() in SUFFIXES)
        stems = [_stem(path.relative_to(root)) for path in islice(paths, MOST)]
        if stems:
            return sum(map(bool, map(is_named.search, stems))) >= SHARE * len(stems)
    return False


def _stem(path: Path) -> str:
    return str(PurePosixPath(path).with_suffix(""))
