"""Replicas: recordings that hold the same samples, or pixels, under several names.

In: the manifest, whose `content` is a hash of what was decoded, and a split. Out: what to leave
out, warnings, or an error. A replica in another subset is a leak as a speaker in two of them is;
GTZAN has 50 [1]_.

References
----------
.. [1] B. L. Sturm, "The state of the art ten years after a state of the art: future research in
   music information retrieval", Journal of New Music Research 43(2), 2014.
   doi:10.1080/09298215.2014.894533
"""

from collections.abc import Iterable

import pandas as pd

from semisup.errors import LeakageError

#: Pairs that a warning shows.
MOST_SHOWN = 3
ADVICE = "leave one of each out with replicas = 'drop' in [split], or give each pair one speaker"


def replicas_of(manifest: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of recordings that are there more than once, with `first`.

    `first` is the recording of the group that stands for it: one with a label, if any has one, and
    of these the first in the manifest. Feature tables alone have no content to compare.
    """
    if "content" not in manifest:
        return manifest.iloc[:0].assign(content="", first="")
    known = manifest[manifest["content"] != ""]
    rows = known[known["content"].duplicated(keep=False)]
    labelled_first = rows.sort_values("label", key=lambda label: label == "", kind="stable")
    first = labelled_first.drop_duplicates("content").set_index("content")["recording"]
    return rows.assign(first=rows["content"].map(first))


def dropped(manifest: pd.DataFrame) -> pd.Series:
    """Say of every recording that ``replicas = "drop"`` leaves out why.

    One of each group stays; where their labels differ nobody knows which is right, and none does.

    Returns
    -------
    Series of str
        By recording.
    """
    rows = replicas_of(manifest)
    disputed = rows["content"].isin(_with_several(rows, "label")["content"])
    extra = disputed | (rows["recording"] != rows["first"])
    why = ("it is the same recording as '" + rows["first"] + "'").mask(
        disputed, "it is there under two labels"
    )
    return why[extra].set_axis(rows.loc[extra, "recording"])


def check_no_replicas(manifest: pd.DataFrame, split: pd.Series) -> None:
    """Refuse a split that has one recording in two subsets.

    Raises
    ------
    LeakageError
        Naming the first of them.
    """
    message = _leak_message(manifest, split)
    if message:
        raise LeakageError(f"{message}; {ADVICE}")


def replica_leaks(manifest: pd.DataFrame, split: pd.Series) -> list[str]:
    """Warn of recordings in two subsets, as only ``leaky = true`` allows."""
    message = _leak_message(manifest, split)
    return [message] if message else []


def replica_warnings(manifest: pd.DataFrame) -> list[str]:
    """Name recordings that are there under several labels, speakers or names."""
    rows = replicas_of(manifest)
    by_label = _with_several(rows, "label")
    rest = rows[~rows["content"].isin(by_label["content"])]
    by_speaker = _with_several(rest, "speaker")
    by_name = rest[~rest["content"].isin(by_speaker["content"])]
    return [
        *_sentence(by_label, "with different labels", "label"),
        *_sentence(by_speaker, "of different speakers", "speaker"),
        *_sentence(by_name, "under several names", None),
    ]


def _with_several(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the groups that have different values, "" apart, which is nobody knows what."""
    known = rows[rows[column] != ""]
    counts = known.groupby("content")[column].nunique()
    return known[known["content"].isin(counts.index[counts > 1])]


def _sentence(rows: pd.DataFrame, how: str, column: str | None) -> list[str]:
    groups = [_names(group, column) for _, group in rows.groupby("content", sort=False)]
    if not groups:
        return []
    shown = "; ".join(groups[:MOST_SHOWN])
    more = f"; and {len(groups) - MOST_SHOWN} more" if len(groups) > MOST_SHOWN else ""
    what = "1 recording is" if len(groups) == 1 else f"{len(groups)} recordings are"
    return [f"{what} there more than once, {how}: {shown}{more}"]


def _names(group: pd.DataFrame, column: str | None) -> str:
    if column is not None:
        group = group.drop_duplicates(column)
    told = [""] * len(group) if column is None else [f" ('{name}')" for name in group[column]]
    pairs = zip(group["recording"].head(MOST_SHOWN), told, strict=False)
    return " = ".join(f"{recording}{value}" for recording, value in pairs)


def _leak_message(manifest: pd.DataFrame, split: pd.Series) -> str:
    rows = replicas_of(manifest[manifest["recording"].isin(split.index)])
    rows = rows.assign(subset=split[rows["recording"]].to_numpy())
    leaking = _with_several(rows, "subset").drop_duplicates(["content", "subset"])
    if leaking.empty:
        return ""
    groups = [_in_subsets(group) for _, group in leaking.groupby("content", sort=False)]
    more = f"; and {len(groups) - 1} more" if len(groups) > 1 else ""
    return f"The same recording is in more than one subset: {groups[0]}{more}"


def _in_subsets(group: pd.DataFrame) -> str:
    pairs: Iterable[tuple[str, str]] = zip(group["recording"], group["subset"], strict=True)
    return " and ".join(f"'{recording}' in '{subset}'" for recording, subset in pairs)
