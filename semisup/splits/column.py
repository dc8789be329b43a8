"""Subsets read from a column of the manifest, such as a corpus's own partition.

In: the manifest, the column's name and the values that mean each subset. Out: the subset of every
recording whose value means one.
"""

import numpy as np
import pandas as pd

from semisup.errors import SplitError
from semisup.study.split_spec import SUBSETS, SplitSpec


def assign(candidates: pd.DataFrame, spec: SplitSpec, rng: np.random.Generator) -> pd.Series:
    """Read the subsets; nothing is random.

    Raises
    ------
    SplitError
        If there is no such column, or a value is not in it or means two subsets.
    """
    if spec.column not in candidates.columns:
        raise SplitError(
            f"The manifest has no column '{spec.column}' to split by; "
            f"it has {', '.join(candidates.columns)}"
        )
    values = candidates[spec.column].astype(str)
    meanings = _meanings(spec)
    _check_values(spec, set(values))
    subsets = values.map(meanings).set_axis(candidates["recording"].to_numpy())
    return subsets.dropna()


def _meanings(spec: SplitSpec) -> dict[str, str]:
    by_name = {name: [name] for name in SUBSETS}
    by_study = spec.values  # noqa: PD011 (a key of the study file, not an array)
    meanings: dict[str, str] = {}
    for subset, values in (by_name | by_study).items():
        for value in values:
            if value in meanings:
                raise SplitError(
                    f"The value '{value}' of column '{spec.column}' is given for both "
                    f"'{meanings[value]}' and '{subset}'"
                )
            meanings[value] = subset
    return meanings


def _check_values(spec: SplitSpec, values: set[str]) -> None:
    # names of subsets that stand for themselves may be absent: a partition need not have all three
    wanted = spec.values.values()  # noqa: PD011 (as above)
    absent = [value for of_subset in wanted for value in of_subset if value not in values]
    if absent:
        raise SplitError(
            f"Column '{spec.column}' has no value {', '.join(map(repr, absent))}; "
            f"it has {', '.join(sorted(values)[:20])}"
        )
