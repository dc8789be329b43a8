r"""The fields of paths: folders, and what stands between marks in names.

In: paths relative to a folder, with forward slashes. Out: for each field its value in every path
and the regular expression that finds it there, as `[corpus] speaker_pattern` takes it.

The fields of ``happy/anna_03.wav`` are ``happy``, ``anna`` and ``03``. A field of letters and
digits whose values all have one shape, as ``s03`` has, is also the fields of its letters and of its
digits; the third of ``a_b_03`` is also the last, where names have other numbers of fields.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

#: Marks that set fields apart; the dot always does, as it ends the last field.
MARKS = "_-. ,;+=~()[]&"
#: Share of the paths in which a field must be found.
FOUND = 0.95
#: Folders, and fields of a name, that are looked at.
DEPTH, MOST = 4, 12
_RUNS = {"letters": r"[^\W\d_]+", "digits": r"\d+"}


class Field(NamedTuple):
    """One field of many paths.

    Parameters
    ----------
    texts : tuple of str
        One a path, "" where it is not found.
    pattern : str
        A regular expression with one group.
    place : int
        Its number from the left, counted from 0.
    is_folder : bool
        Whether it is the whole name of a folder.
    """

    texts: tuple[str, ...]
    pattern: str
    place: int
    is_folder: bool = False

    @property
    def counts(self) -> Counter[str]:
        """How many paths have each value."""
        return Counter(value for value in self.texts if value)


def fields_of(paths: Sequence[str]) -> list[Field]:
    """List the fields that nearly all paths have, from the left, each division of them once.

    Parameters
    ----------
    paths : sequence of str

    Examples
    --------
    >>> paths = ["happy/anna_1.wav", "happy/ben_2.wav", "sad/anna_3.wav", "sad/ben_4.wav"]
    >>> [(field.pattern, sorted(field.counts)) for field in fields_of(paths)][:2]
    [('^([^/]+)/', ['happy', 'sad']), ('(?:^|/)([^/_.]+)[^/]*$', ['anna', 'ben'])]
    """
    listed: dict[tuple[int, ...], Field] = {}
    for place, pattern, is_folder in (*_folders(paths), *_of_names(paths)):
        values = values_of(pattern, paths)
        is_common = sum(map(bool, values)) >= FOUND * len(paths)
        if is_common and len(set(values) - {""}) > 1:
            listed.setdefault(_numbered(values), Field(values, pattern, place, is_folder))
    return list(listed.values())


def values_of(pattern: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Return what the first group of a pattern is in each path, "" where it is not found."""
    matches = (re.search(pattern, path) for path in paths)
    return tuple((match[1] or "") if match else "" for match in matches)


def _numbered(values: Iterable[str]) -> tuple[int, ...]:
    """Return the number of each value in the order of appearance: two namings of one division."""
    numbers: dict[str, int] = {}
    return tuple(numbers.setdefault(value, len(numbers)) for value in values)


def _folders(paths: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield place and pattern of folders, and of the fields of their names."""
    deepest = max((path.count("/") for path in paths), default=0)
    for depth in range(min(deepest, DEPTH)):
        above = rf"^(?:[^/]+/){{{depth}}}" if depth > 1 else "^" + "[^/]+/" * depth
        yield depth, f"{above}([^/]+)/", True
        names = [path.split("/")[depth] for path in paths if path.count("/") > depth]
        marks = _marks(names)
        if marks:
            count = max(len(re.split(f"[{marks}]", name)) for name in names)
            for number in range(min(count, MOST)):
                pattern = f"{above}{_skipped(marks, number)}([^/{marks}]+)[^/]*/"
                yield depth, pattern, False


def _of_names(paths: Sequence[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield place and pattern of the fields of names; from the right, too, where numbers differ."""
    depth = max((path.count("/") for path in paths), default=0)
    stems = [PurePosixPath(path).stem for path in paths]
    marks = _marks([*stems, "."])
    split = [re.split(f"[{marks}]", stem) for stem in stems]
    counts = {len(parts) for parts in split}
    for number in range(min(max(counts, default=0), MOST)):
        begin = f"(?:^|/){_skipped(marks, number)}"
        yield depth + number, f"{begin}([^/{marks}]+)[^/]*$", False
        for piece in _pieces([parts[number] for parts in split if len(parts) > number]):
            yield depth + number, rf"{begin}{piece}[{marks}][^/]*$", False
    for number in range(min(*counts, MOST) if len(counts) > 1 else 0):
        after = f"(?:[{marks}][^/{marks}]*){{{number}}}" * bool(number)
        pattern = rf"([^/{marks}]+){after}\.[^/.]*$"
        yield depth + min(counts) - 1 - number, pattern, False


def _skipped(marks: str, number: int) -> str:
    one = f"[^/{marks}]*[{marks}]"
    return one if number == 1 else f"(?:{one}){{{number}}}" * bool(number)


def _pieces(values: list[str]) -> Iterator[str]:
    """Yield patterns of the runs of letters and digits of values that all have one shape."""
    shapes = Counter(_shape(value) for value in values)
    shape, count = shapes.most_common(1)[0]
    if len(shape) < 2 or count < FOUND * len(values):
        return
    for number in range(len(shape)):
        runs = [f"({_RUNS[run]})" if at == number else _RUNS[run] for at, run in enumerate(shape)]
        yield "".join(runs)


def _shape(value: str) -> tuple[str, ...]:
    """Return which runs a value is made of, nothing if it has other characters.

    Examples
    --------
    >>> _shape("s03a")
    ('letters', 'digits', 'letters')
    """
    if not value.isalnum() or any(c.isdigit() and not c.isdecimal() for c in value):
        return ()
    runs = re.findall(r"\d+|\D+", value)
    return tuple("digits" if run[0].isdecimal() else "letters" for run in runs)


def _marks(names: Iterable[str]) -> str:
    """Return the marks in names as a regular expression's class has them."""
    there = set("".join(names)) & set(MARKS)
    return "".join(re.escape(mark) if mark in "-[]" else mark for mark in MARKS if mark in there)
