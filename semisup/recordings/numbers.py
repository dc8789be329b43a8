"""Labels that are numbers: read from text, and cut into ranges by which subsets are balanced.

In: the table of all recordings, labels as text. Out: their numbers in a column of its own, and the
names of ranges as labels, so that a range is to splits what a class is.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from semisup.errors import CorpusError

#: Column of the manifest with the number of each recording, where a study predicts numbers.
NUMBER = "label_number"
#: Ranges at most: of a fifth of the recordings each.
RANGES = 5
#: Recordings that an error names.
_NAMED = 3


def with_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Read labels as numbers, and put the name of its range in the place of each label.

    Parameters
    ----------
    table : DataFrame
        With recording, label, speaker and reason; "" is no label.

    Raises
    ------
    CorpusError
        If a label is not a number, or all are the same.
    """
    numbers = pd.Series([_number(label) for label in table["label"]], table.index, dtype=float)
    wrong = table[numbers.isna() & (table["label"] != "")]
    if len(wrong):
        shown = [f"{row.recording} has '{row.label}'" for row in wrong[:_NAMED].itertuples()]
        more = f", and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise CorpusError(
            "task = 'regression' needs labels that are numbers, with a point for decimals: "
            f"{', '.join(shown)}{more}"
        )
    usable = numbers.notna() & (table["reason"] == "")
    if usable.any():
        names = _ranges(numbers[usable], table.loc[usable, "speaker"])
        labels = table["label"].mask(usable, names)
    else:
        labels = table["label"]
    return table.assign(**{"label": labels, NUMBER: numbers})


def ranges(known: np.ndarray, numbers: np.ndarray | None = None, most: int = RANGES) -> np.ndarray:
    """Return the range of each number, of at most so many that hold as many as each other.

    Parameters
    ----------
    known : ndarray of shape (m,)
        Whose ranges they are.
    numbers : ndarray of shape (n,), optional
        Those that are asked about, if not these.
    most : int

    Returns
    -------
    ndarray of shape (n,), int
        From 0, ascending; equal numbers are in one range.

    Examples
    --------
    >>> ranges(np.array([1.0, 2.0, 3.0, 4.0]), most=2), ranges(np.array([1.0, 1.0, 1.0, 2.0]))
    (array([0, 0, 1, 1]), array([0, 0, 0, 1]))
    """
    ordered = np.sort(known)
    values = np.unique(known)
    # a range begins at a number that is there, and never at the first
    starts = {float(ordered[len(ordered) * k // most]) for k in range(1, most)} - {values[0]}
    if not starts and len(values) > 1:  # more than half of them are the smallest
        starts = {float(values[1])}
    asked = known if numbers is None else numbers
    return np.searchsorted(np.array(sorted(starts)), asked, side="right")


def _ranges(numbers: pd.Series, speakers: pd.Series) -> pd.Series:
    """Return the name of each range: as many as there are with two speakers in each."""
    values = numbers.to_numpy()
    if values.min() == values.max():
        raise CorpusError(
            f"All {len(values)} labels are the number {values[0]:g}: there is nothing to predict"
        )
    for most in range(RANGES, 1, -1):
        places = ranges(values, most=most)
        whose = speakers.groupby(places).agg(["nunique", "size"])
        if (whose["nunique"] >= 2).all() or speakers.eq("").any():
            break
    names = _names(values, places)
    return pd.Series([names[place] for place in places], numbers.index, dtype=object)


def _names(values: np.ndarray, places: np.ndarray) -> Sequence[str]:
    """Name each range by its place, which sorts them, and its smallest and largest number."""
    spans = [values[places == place] for place in range(places.max() + 1)]
    return [
        f"{number}: {span.min():.4g} to {span.max():.4g}" for number, span in enumerate(spans, 1)
    ]


def _number(label: str) -> float:
    try:
        number = float(label)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
