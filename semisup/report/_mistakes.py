"""Misclassified test recordings: what they are taken for, and how sure systems are of it.

In: predictions and labels. Out: a table of all systems together, and one of each system, both with
the largest label budget.
"""

import numpy as np
import pandas as pd

from semisup.figures.study_tables import StudyTables

#: Cards of one gallery.
SHOWN = 12
_KEYS = ["classifier", "representation", "recording"]


def answers(tables: StudyTables) -> pd.DataFrame:
    """List what every system said of every test recording with the largest label budget.

    Returns
    -------
    DataFrame
        classifier, representation, recording, chunk, label, predicted (class names), probability
        (of the predicted class; NaN where the system or the table has none), wrong. Empty where
        predictions or labels are not there, or numbers are predicted.
    """
    if not tables.has_predictions or tables.labels is None or not tables.classes:
        return pd.DataFrame()
    table = tables.predictions([tables.summary["percentage"].max()])
    answered = table[[*_KEYS, "chunk"]].reset_index(drop=True)
    # Categories would be grouped by all their combinations, and joined by place.
    answered[_KEYS] = answered[_KEYS].astype(object)
    answered["label"] = answered["recording"].map(tables.labels)
    answered["predicted"] = np.array(tables.classes, dtype=object)[table["predicted"].to_numpy()]
    # tables of older versions have no such column
    has_probabilities = "probability" in table
    answered["probability"] = table["probability"].to_numpy(float) if has_probabilities else np.nan
    answered["wrong"] = answered["label"] != answered["predicted"]
    return answered


def mistakes_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Count how often each test recording is misclassified by all systems together.

    Parameters
    ----------
    rows : DataFrame
        `answers`.

    Returns
    -------
    DataFrame
        Columns recording, label, taken_for (the most frequent wrong class), wrong (share over all
        systems and draws), then one column a representation with its own share. Hardest first.
    """
    if rows.empty:
        return rows
    shares = rows.pivot_table("wrong", "recording", "representation", "mean", sort=False)
    mistakes = rows.groupby("recording", sort=False).agg(
        label=("label", "first"), wrong=("wrong", "mean")
    )
    taken = _taken_for(rows, ["recording"]).set_index("recording")["taken_for"]
    mistakes = mistakes.join(taken, how="inner").join(shares).reset_index()
    return mistakes.sort_values(["wrong", "recording"], ascending=[False, True], ignore_index=True)


def hardest(table: pd.DataFrame, n: int = SHOWN) -> pd.DataFrame:
    """Pick the hardest recordings, from every class as many as can be."""
    if table.empty:
        return table
    place = table.groupby("label").cumcount()
    chosen = table.assign(place=place).sort_values(["place", "wrong"], ascending=[True, False])
    return chosen.head(n).sort_index().drop(columns="place")


def mistakes_of_systems(rows: pd.DataFrame) -> pd.DataFrame:
    """List the recordings that each system misclassifies, its most confident mistakes first.

    A system misclassifies a recording if at least half of its answers (one a draw, or one a chunk
    and draw) are wrong: one odd draw of ten is no mistake of the system.

    Parameters
    ----------
    rows : DataFrame
        `answers`.

    Returns
    -------
    DataFrame
        classifier, representation, recording, label, taken_for (the most frequent wrong class),
        sure (mean probability of that class over the answers that gave it; NaN without
        probabilities), wrong and asked (answers). Without probabilities: most often wrong first.
    """
    if rows.empty:
        return rows
    totals = rows.groupby(_KEYS, sort=False).agg(
        label=("label", "first"), wrong=("wrong", "sum"), asked=("wrong", "size")
    )
    mistakes = _taken_for(rows, _KEYS).join(totals, on=_KEYS)
    mistakes = mistakes[2 * mistakes["wrong"] >= mistakes["asked"]]
    mistakes = mistakes.assign(share=mistakes["wrong"] / mistakes["asked"])
    order = ["sure", "share", "recording"]
    return mistakes.sort_values(order, ascending=[False, False, True], ignore_index=True).drop(
        columns="share"
    )


def _taken_for(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Find the most frequent wrong class, the first by name of several, and its probability."""
    kinds = rows[rows["wrong"]].groupby([*keys, "predicted"], sort=False)["probability"]
    taken = kinds.agg(times="size", sure="mean").reset_index()
    taken = taken.sort_values(["times", "predicted"], ascending=[False, True])
    taken = taken.drop_duplicates(keys).rename(columns={"predicted": "taken_for"})
    return taken.drop(columns="times")
