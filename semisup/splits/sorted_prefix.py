"""The first file names of each class, skipping used speakers, as the original study did.

In: manifest rows sorted by recording and the counts a class. Out: `labelled` first, then `test`,
then `unlabelled`, each from speakers that no earlier subset has. "rest" comes last.
"""

import numpy as np
import pandas as pd

from semisup.errors import SplitError
from semisup.splits._check import check_enough_speakers, check_quotas, classes_of, rest_of
from semisup.study.split_spec import SplitSpec

ORDER = ("labelled", "test", "unlabelled")


def assign(candidates: pd.DataFrame, spec: SplitSpec, rng: np.random.Generator) -> pd.Series:
    """Take recordings in file order; nothing is random.

    Raises
    ------
    SplitError
        If a class runs out of recordings before its count is met, unless shortfall is allowed.
    """
    check_enough_speakers(candidates, spec.per_class)
    classes = classes_of(candidates)
    quotas = [(subset, spec.per_class[subset]) for subset in ORDER if subset in spec.per_class]
    subsets: dict[str, str] = {}
    short: dict[tuple[str, str], tuple[int, int]] = {}
    # a stable sort: "rest" moves to the end, the others keep the order of the original study
    for subset, count in sorted(quotas, key=lambda pair: pair[1] == "rest"):
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
    taken: pd.DataFrame, classes: list[str], subset: str, quota: int
) -> dict[tuple[str, str], tuple[int, int]]:
    counts = taken["label"].value_counts()
    n_taken = {label: int(counts.get(label, 0)) for label in classes}
    return {(label, subset): (quota - n, quota) for label, n in n_taken.items() if n < quota}
