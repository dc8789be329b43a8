"""Groups of features that are looked at together: the columns of a table in, their places out."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import numpy as np

#: The first word of a column's name, without the mark of a change from frame to frame.
_FIRST_WORD = re.compile(r"(?:delta )?([^\W\d_]+)")
#: What the columns of several families are in common, where some are and some are not.
_ACROSS = {"means": "*_mean", "deviations": "*_std", "deltas": "delta *"}
#: The family of columns whose names begin with no letter.
_NAMELESS = "all"


#: Groups of features, and features by themselves.
LEVELS = ("group", "feature")


class Group(NamedTuple):
    """Some features: of which of `LEVELS`, what they are called together, their places."""

    level: str
    name: str
    columns: np.ndarray


def families(
    names: Sequence[str], patterns: Mapping[str, Sequence[str]] | None = None
) -> list[Group]:
    """Return the groups of a table's features, which may have some in common.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    patterns : mapping of str to sequence of str, optional
        Of each group, such as ``mfcc_*``; one that no name is like is left out. Without any a
        group is what has the first word of its name in common, as the families of pyAudioAnalysis
        have; and all means, all deviations and all changes from frame to frame.

    Examples
    --------
    >>> [family.name for family in families(["zcr_mean", "mfcc_1_mean", "delta mfcc_1_mean"])]
    ['zcr', 'mfcc', 'deltas']
    """
    if patterns:
        groups = [
            _of(name, [any(fnmatchcase(column, one) for one in of_group) for column in names])
            for name, of_group in patterns.items()
        ]
        return [group for group in groups if len(group.columns)]
    words = [found[1] if (found := _FIRST_WORD.match(name)) else _NAMELESS for name in names]
    first = [_of(word, [other == word for other in words]) for word in dict.fromkeys(words)]
    across = [
        _of(name, [fnmatchcase(column, pattern) for column in names])
        for name, pattern in _ACROSS.items()
    ]
    return first + [family for family in across if 0 < len(family.columns) < len(names)]


def singles(names: Sequence[str]) -> list[Group]:
    """Return each feature of a table as a group of its own."""
    return [Group("feature", name, np.array([place])) for place, name in enumerate(names)]


def _of(name: str, belongs: Sequence[bool]) -> Group:
    return Group("group", name, np.flatnonzero(belongs))
