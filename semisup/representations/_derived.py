"""Feature tables made of other representations' tables: chunks pooled, columns side by side.

A kind that is made so has ``needs = "tables"``, and its `parents` names the representations.
"""

import numpy as np
import pandas as pd

from semisup.features.tables import KEYS, feature_names


def pooled(table: pd.DataFrame, deviation: bool) -> pd.DataFrame:
    """Average the chunks of each recording; a table without chunks stays as it is.

    Parameters
    ----------
    table : DataFrame
        A feature table.
    deviation : bool
        Put the standard deviation over the chunks beside the mean; 0 for a single chunk.

    Returns
    -------
    DataFrame
        One row a recording, in the order of their first chunks.
    """
    if (table["chunk"] == -1).all():
        return table
    names = feature_names(table)
    groups = table.groupby("recording", sort=False)[names]
    mean = groups.mean()
    statistics = [mean]
    if deviation:
        # ddof=0: a recording of one chunk deviates by 0, not by NaN
        statistics = [mean.add_suffix("_mean"), groups.std(ddof=0).add_suffix("_std")]
    joined = pd.concat(statistics, axis=1).reset_index()
    joined.insert(1, "chunk", np.int32(-1))
    return joined


def side_by_side(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Join tables of one row a recording; recordings that one of them lacks are left out.

    Returns
    -------
    DataFrame
        Columns recording, chunk, then ``<name>.<feature>`` of every table.
    """
    columns = [
        table.set_index("recording")[feature_names(table)].add_prefix(f"{name}.")
        for name, table in tables.items()
    ]
    joined = pd.concat(columns, axis=1, join="inner").reset_index()
    joined.insert(1, KEYS[1], np.int32(-1))
    return joined
