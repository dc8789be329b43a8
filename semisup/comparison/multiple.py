"""Holm's correction of p values for the number of classifiers and pairs.

In: the comparison with p values. Out: the same with `p_holm`.
"""

import numpy as np
import pandas as pd

from semisup.comparison.summary import MEAN

#: The p values of one family are those of all classifiers and pairs with the same of these.
FAMILY = ("statistic", "metric", "percentage")
#: The statistic whose p values count permutations, and so have a smallest one.
PERMUTATION = "permutation"


def with_holm(table: pd.DataFrame, permutations: int, level: float = 0.95) -> pd.DataFrame:
    """Fill `p_holm`: p values corrected for the number of classifiers and pairs of a family.

    The mean over the classifiers is a summary of the family, not a member. Of permutation tests
    there is none where even the smallest could not be below the level, as `is_attainable` tells.

    Parameters
    ----------
    table : DataFrame
        The comparison.
    permutations : int
        How many p values of the statistic "permutation" rest on.
    level : float

    References
    ----------
    Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6(2), 65-70.
    """
    # NaN is kept where there is no p value, and for the mean
    corrected = pd.Series(np.nan, index=table.index)
    members = table[table["p_value"].notna() & (table["classifier"] != MEAN)]
    for (statistic, *_), family in members.groupby(list(FAMILY), dropna=False):
        if statistic == PERMUTATION and not is_attainable(len(family), permutations, level):
            continue
        corrected[family.index] = holm(family["p_value"].to_numpy())
    return table.assign(p_holm=corrected)


def is_attainable(n: int, permutations: int, level: float) -> bool:
    """Tell whether one of n permutation tests could be resolved after Holm's correction.

    Examples
    --------
    >>> is_attainable(49, 999, 0.95), is_attainable(50, 999, 0.95)
    (True, False)
    """
    return n / (1 + permutations) < 1 - level - 1e-12


def notes_on_permutations(n: int, permutations: int, level: float) -> list[str]:
    """Say that n permutation tests are too many to be corrected, where they are."""
    if is_attainable(n, permutations, level):
        return []
    # 1e-9: what rounding makes of a whole number must not count
    enough = int(n / (1 - level) + 1e-9)
    return [
        f"p values of permuted labels are not corrected for the {n} systems: with {permutations} "
        f"permutations no corrected one could be below {1 - level:.2g}; [compare] permutations = "
        f"{enough} or more would do"
    ]


def holm(p_values: np.ndarray) -> np.ndarray:
    """Return Holm's corrected p values.

    The same as ``statsmodels.stats.multitest.multipletests(p_values, method="holm")``, which
    collects garbage at every call and so takes minutes for the families of a study.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    raised = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return corrected
