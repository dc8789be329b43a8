"""The first file names of each class, skipping speakers who are used, as the original study did.

In: manifest rows sorted by recording and the counts a class. Out: `labelled` first, then `test`,
then `unlabelled`, each from speakers that no earlier subset has. "rest" comes last.
"""

import numpy as np
import pandas as pd

from semisup.errors import SplitError
from semisup.splits._check import check_enough_speakers, check_quotas, classes_of, rest_of
from semisup.study.spec import SplitSpec

ORDER = ("labelled", "test", "unlabelled")


def assign(candidates: pd.DataFrame, spec: SplitSpec, rng: np.random.Generator) -> pd.Series:
    """Take recordings in file order; nothing is random.

    Raises
    ------
    SplitError
        If a class runs out of recordings before its count is met, unless shortfall is allowed.
    """
    check_enough_speakers(candidates)
    classes = classes_of(candidates)
    asked = [(subset, spec.per_class[subset]) for subset in ORDER if subset in spec.per_class]
    subsets: dict[str, str] = {}
    short: dict[tuple[str, str], tuple[int, int]] = {}
    for subset, count in sorted(asked, key=lambda pair: pair[1] == "rest"):
        left = rest_of(candidates, subsets, subset)
        if count == "rest" and left.empty:
            raise SplitError(f"No speaker is left for '{subset}', which takes the rest")
        if count != "rest":
            left = left[left["label"] != ""].groupby("label").head(count)
            short |= _missing(left, classes, subset, count)
        subsets |= dict.fromkeys(left["recording"], subset)
    if not spec.allow_shortfall:
        check_quotas(short)
    return pd.Series(subsets, dtype=str)


def _missing(
    taken: pd.DataFrame, classes: list[str], subset: str, asked: int
) -> dict[tuple[str, str], tuple[int, int]]:
    counts = taken["label"].value_counts()
    found = {label: int(counts.get(label, 0)) for label in classes}
    return {(label, subset): (asked - n, asked) for label, n in found.items() if n < asked}
