"""Holm's correction of p values for the number of classifiers and pairs.

In: the comparison with p values. Out: the same with `p_holm`.
"""

import numpy as np
import pandas as pd

from semisup.comparison.summary import MEAN

#: The p values of one family are those of all classifiers and pairs with the same of these.
FAMILY = ("statistic", "metric", "percentage")


def with_holm(table: pd.DataFrame) -> pd.DataFrame:
    """Fill `p_holm`: p values corrected for the number of classifiers and pairs of a family.

    The mean over the classifiers is a summary of the family, not a member.

    References
    ----------
    Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6(2), 65-70.
    """
    # NaN is kept where there is no p value, and for the mean
    corrected = pd.Series(np.nan, index=table.index)
    members = table[table["p_value"].notna() & (table["classifier"] != MEAN)]
    for _, family in members.groupby(list(FAMILY), dropna=False):
        corrected[family.index] = holm(family["p_value"].to_numpy())
    return table.assign(p_holm=corrected)


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
