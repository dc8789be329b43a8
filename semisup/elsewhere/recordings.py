"""What is true of the recordings that were predicted elsewhere: class, speaker and subset.

In: the predictions, and tables of recordings and of the split where there are any. Out: a manifest
and a split as a study has them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.corpora import read_listing
from semisup.elsewhere.columns import text
from semisup.errors import CorpusError, TableError, nearest
from semisup.study.paths import with_home
from semisup.study.split_spec import SUBSETS

#: Columns of a manifest that are taken over; all but the first three may be missing.
_OF_MANIFEST = ("recording", "label", "speaker", "path", "seconds", "start", "end")
_NUMBERS = ("seconds", "start", "end")
_SAME = {"true": "label", "file": "recording"}
#: Of problems of one kind so many are shown.
SHOWN = 3


def manifest_of(
    table: pd.DataFrame, recordings: pd.DataFrame | None, problems: list[str]
) -> pd.DataFrame:
    """Return label and speaker of every recording, a line each; problems get a sentence each.

    Parameters
    ----------
    table : DataFrame
        The predictions: recording, perhaps `true` and `speaker`.
    recordings : DataFrame, optional
        With recording, label and perhaps speaker: also of recordings that are not predicted.
    problems : list of str
    """
    tested = sorted(table["recording"].unique())
    manifest = pd.DataFrame({"recording": tested})
    if recordings is not None:
        manifest = _listed(recordings, tested, problems)
    elif "true" not in table:
        problems.append(
            "nobody says what is true: neither a column true nor a table of recordings "
            "(--recordings) with recording, label and speaker"
        )
    for column, name in (("true", "label"), ("speaker", "speaker")):
        if column in table:
            told = _one_each(table, column, problems)
            if name in manifest:
                problems += _contradiction_problems(manifest, told, name)
            else:
                manifest[name] = manifest["recording"].map(told)
        elif name not in manifest:
            manifest[name] = ""
    manifest[["label", "speaker"]] = manifest[["label", "speaker"]].fillna("")
    return _whole(manifest)


def read_recordings(source: Path | pd.DataFrame) -> pd.DataFrame:
    """Read a table of recordings: recording, label, speaker; a study's manifest is one.

    Raises
    ------
    TableError
        If it cannot be read or lacks recording or label.
    """
    table = _read(source, {"recording", "label"}, "recordings")
    for name in _NUMBERS:
        if name in table:
            table[name] = pd.to_numeric(table[name], errors="coerce")
    return table[[name for name in _OF_MANIFEST if name in table]]


def read_split(source: Path | pd.DataFrame) -> pd.DataFrame:
    """Read a split: recording, subset and, of folds, fold; a study's `split.csv` is one.

    Raises
    ------
    TableError
        If it cannot be read or lacks a column.
    """
    table = _read(source, {"recording", "subset"}, "the split").rename(columns={"fold": "repeat"})
    for name in sorted(set(table["subset"]) - set(SUBSETS)):
        raise TableError(f"There is no subset '{name}'; {nearest(name, SUBSETS)}")
    names = [name for name in ("recording", "subset", "repeat") if name in table]
    return table[names].astype({"repeat": int} if "repeat" in table else {})


def _read(source: Path | pd.DataFrame, needed: set[str], what: str) -> pd.DataFrame:
    try:
        table = source if isinstance(source, pd.DataFrame) else read_listing(with_home(source), ())
    except CorpusError as error:
        raise TableError(str(error)) from error
    table = table.rename(columns={a: b for a, b in _SAME.items() if b not in table})
    if lacking := sorted(needed - set(table)):
        raise TableError(
            f"The table of {what} needs the columns {', '.join(sorted(needed))}; missing: "
            f"{', '.join(lacking)}; found: {', '.join(map(str, table.columns)) or 'none'}"
        )
    names = [name for name in ("recording", "label", "speaker", "path", "subset") if name in table]
    return table.assign(**{name: text(table[name]) for name in names})


def _listed(recordings: pd.DataFrame, tested: Sequence[str], problems: list[str]) -> pd.DataFrame:
    """Return the recordings of a table, those that are predicted among them."""
    for name in recordings.loc[recordings["recording"].duplicated(), "recording"].unique()[:1]:
        problems.append(f"the table of recordings has {name} twice")
    lost = sorted(set(tested) - set(recordings["recording"]))
    if lost:
        problems.append(
            f"{len(lost)} of {len(tested)} predicted recordings are not in the table of recordings "
            f"(the first: {lost[0]})"
        )
    labels = recordings.set_index("recording")["label"]
    bare = [name for name in tested if name in labels.index and not np.all(labels[name])]
    if bare:
        problems.append(f"{len(bare)} predicted recordings have no label (the first: {bare[0]})")
    return recordings.drop_duplicates("recording").reset_index(drop=True)


def _one_each(table: pd.DataFrame, column: str, problems: list[str]) -> pd.Series:
    """Return the value of each recording, which must be the same in all its rows."""
    # a study beside them says it in a table of its own
    pairs = table.loc[table[column] != "", ["recording", column]].drop_duplicates()
    several = pairs[pairs["recording"].duplicated()]["recording"].unique()
    if len(several):
        values = sorted(pairs.loc[pairs["recording"] == several[0], column])
        problems.append(
            f"{column} differs between rows of {len(several)} recordings (the first: "
            f"{several[0]}, {' and '.join(values)})"
        )
    return pairs.drop_duplicates("recording").set_index("recording")[column]


def _contradiction_problems(manifest: pd.DataFrame, told: pd.Series, name: str) -> list[str]:
    other = manifest["recording"].map(told)
    differ = manifest[other.notna() & (other != "") & (other != manifest[name])]
    if differ.empty:
        return []
    first = differ.iloc[0]
    return [
        f"the {name} of {len(differ)} recordings is another in the table of recordings (the first: "
        f"{first['recording']}, {first[name]} there and {told[first['recording']]} here)"
    ]


def _whole(manifest: pd.DataFrame) -> pd.DataFrame:
    """Return the manifest with all columns that figures and report look for."""
    others = {"path": "", **dict.fromkeys(_NUMBERS, np.nan)}
    missing = {name: value for name, value in others.items() if name not in manifest}
    return manifest.assign(**missing)[list(_OF_MANIFEST)]


def split_of(table: pd.DataFrame, split: pd.DataFrame | None, problems: list[str]) -> pd.DataFrame:
    """Return who is tested and, as far as anybody says, who is learned from.

    Of folds without a split it is all others that are tested, as in a cross-validation.
    """
    keys = ["repeat", "recording"] if "repeat" in table else ["recording"]
    tested = table[keys].drop_duplicates().sort_values(keys, ignore_index=True)
    if split is not None:
        problems += _split_problems(tested, split, keys)
        return split
    if "repeat" not in table:
        return tested.assign(subset="test")
    everybody = sorted(tested["recording"].unique())
    folds = []
    for number, members in tested.groupby("repeat")["recording"]:
        is_test = np.isin(everybody, list(members))
        subset = np.where(is_test, "test", "labelled")
        folds.append(
            pd.DataFrame({"recording": everybody, "subset": subset, "repeat": int(str(number))})
        )
    return pd.concat(folds, ignore_index=True)


def _split_problems(tested: pd.DataFrame, split: pd.DataFrame, keys: list[str]) -> list[str]:
    if ("repeat" in split) != ("repeat" in keys):
        return ["the table of the split and that of the predictions must both have a fold or none"]
    lost = tested[~_keyed(tested, keys).isin(_keyed(split[split["subset"] == "test"], keys))]
    if lost.empty:
        return []
    return [
        f"{len(lost)} predicted recordings are not in the test subset of the table of the split "
        f"(the first: {lost['recording'].iloc[0]})"
    ]


def unpredicted(table: pd.DataFrame, splits: pd.DataFrame) -> list[str]:
    """Say how many recordings of the test subset nobody predicted, a sentence; none of none."""
    keys = ["repeat", "recording"] if "repeat" in table and "repeat" in splits else ["recording"]
    test = splits[splits["subset"] == "test"]
    predicted = table[keys].drop_duplicates()
    n = int((~_keyed(test, keys).isin(_keyed(predicted, keys))).sum())
    return [f"Without a prediction, and so not scored: {n} of the test recordings."] if n else []


def _keyed(table: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Return a name a row that tells recordings, and folds, apart."""
    return table[keys].astype(str).agg("\n".join, axis=1) if len(keys) > 1 else table[keys[0]]
