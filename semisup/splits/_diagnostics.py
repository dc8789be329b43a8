"""Diagnostics of a split: recordings and speakers by subset and class, and warnings.

In: the manifest and a split. Out: `diagnostics` (a table), `warnings` (sentences), and
`labels_of`, the only way by which labels leave this stage: unlabelled recordings have none.
"""

from typing import Any

import numpy as np
import pandas as pd

from semisup.splits._check import WITH_LABELS
from semisup.splits._table import each
from semisup.study.blanks import is_blank
from semisup.study.split_spec import SUBSETS

#: Share of a class above which one speaker may stand for it,
LARGE_SHARE = 0.2
#: if it is this many times what it would be if all speakers had the same.
UNEVEN = 1.25
#: Speakers that are warned of by name.
MOST_NAMED = 3

COLUMNS = (
    "subset",
    "label",
    "recordings",
    "speakers",
    "effective_speakers",
    "female",
    "male",
    "largest_share",
    "largest_speaker",
)


def labels_of(manifest: pd.DataFrame, split: pd.Series) -> pd.Series:
    """Return the label of every recording of `labelled` and `test`, and of no other.

    Returns
    -------
    Series of str
        Named ``label``, indexed by recording in the order of the split.
    """
    with_labels = split.index[split.isin(WITH_LABELS)]
    return manifest.set_index("recording")["label"].reindex(with_labels)


def diagnostics(manifest: pd.DataFrame, split: pd.Series) -> pd.DataFrame:
    r"""Count recordings, speakers and genders by subset and class.

    The effective number of speakers is the inverse Simpson index [1]_ of the speakers' shares
    :math:`p_s` of the recordings, :math:`1 / \sum_s p_s^2`: how many speakers with equal shares
    would be as diverse.

    Returns
    -------
    DataFrame
        One row a subset and class, one row with class "" for the unlabelled subset. `female` and
        `male` count recordings whose gender is known; recordings of unknown speakers count in
        none of the columns on speakers (NaN and "" where all are unknown).

    References
    ----------
    .. [1] M. O. Hill, "Diversity and evenness: a unifying notation and its consequences",
       Ecology 54(2), 1973. doi:10.2307/1934352
    """
    rows = manifest.set_index("recording").loc[split.index]
    if "gender" not in rows.columns:
        rows = rows.assign(gender="")
    rows = rows.assign(
        subset=split, label=labels_of(manifest, split).reindex(split.index).fillna("")
    )
    described = [
        {"subset": subset, "label": label, **_describe(group)}
        for subset in SUBSETS
        for label, group in rows[rows["subset"] == subset].groupby("label")
    ]
    return pd.DataFrame(described, columns=list(COLUMNS))


def diagnostics_of(manifest: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Count as `diagnostics`, for each repeat where there are folds: then `repeat` comes first.

    Parameters
    ----------
    manifest : DataFrame
    table : DataFrame
        As `semisup.splits.split_table` gives it.
    """
    by_repeat = dict(enumerate(diagnostics(manifest, split) for split in each(table)))
    if "repeat" not in table:
        return by_repeat[0]
    return pd.concat(by_repeat, names=["repeat"]).reset_index("repeat").reset_index(drop=True)


def _describe(group: pd.DataFrame) -> dict[str, object]:
    # sorted by name: of equal shares the same speaker is named on every machine
    counts = group.loc[group["speaker"] != "", "speaker"].value_counts(sort=False).sort_index()
    shares = counts / counts.sum()
    return {
        "recordings": len(group),
        "speakers": len(counts),
        "effective_speakers": 1 / (shares**2).sum() if len(shares) else np.nan,
        "female": int((group["gender"] == "female").sum()),
        "male": int((group["gender"] == "male").sum()),
        "largest_share": shares.max(),
        "largest_speaker": str(shares.idxmax()) if len(shares) else "",
    }


def warnings(diagnostics: pd.DataFrame) -> list[str]:
    """Name classes of one speaker, speakers who hold much of a class, and classes named as nothing.

    Much is over 20 %, and over 1.25 times what is unavoidable: four speakers of 25 % each are in
    perfect balance.

    Parameters
    ----------
    diagnostics : DataFrame
        As `diagnostics` gives it.

    Returns
    -------
    list of str
        One sentence each; of speakers the three with the largest shares, the others are counted.
    """
    unnamed = [
        f"Class '{label}' has the name of a label that is missing; if it is, give these recordings "
        "no label or leave them out"
        for label in diagnostics["label"].unique()
        if is_blank(label)
    ]
    if "repeat" in diagnostics:
        # each test subset is a fold, and all folds together are every speaker
        others = diagnostics[diagnostics["subset"] != "test"].drop(columns="repeat")
        diagnostics = others.drop_duplicates(["subset", "label", "largest_speaker"])
    alone = diagnostics["speakers"] == 1
    share = diagnostics["largest_share"]
    large = (share > LARGE_SHARE) & (share > UNEVEN / diagnostics["speakers"].clip(lower=1))
    found = diagnostics[alone | large].sort_values("largest_share", ascending=False, kind="stable")
    sentences = [_of_speakers(row) for row in found.itertuples()]
    more = len(sentences) - MOST_NAMED
    counted = [f"... and {more} more such shares of speakers"] if more > 0 else []
    return unnamed + sentences[:MOST_NAMED] + counted


def _of_speakers(row: Any) -> str:
    what = f"class '{row.label}' in '{row.subset}'" if row.label else f"'{row.subset}'"
    if row.speakers == 1:
        return f"There is one speaker alone in {what}: '{row.largest_speaker}'"
    return (
        f"Speaker '{row.largest_speaker}' holds {row.largest_share:.0%} of {what} "
        f"({row.speakers} speakers, {row.effective_speakers:.1f} effective)"
    )
