"""Checks of splits: what each must keep to, whichever strategy made it.

In: the manifest and, after a strategy, the split. Out: nothing, or one error that says what is
wrong and with which speaker, class or subset.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from semisup.errors import LeakageError, SplitError

#: Subsets whose labels are used: each must hold every class of the study.
WITH_LABELS = ("labelled", "test")


def classes_of(manifest: pd.DataFrame) -> list[str]:
    """Return the classes of a study, sorted.

    Raises
    ------
    SplitError
        If no recording has a label.
    """
    classes = sorted(set(manifest["label"]) - {""})
    if not classes:
        raise SplitError(
            f"None of the {len(manifest)} recordings that can be split has a label; "
            "'labelled' and 'test' need labels"
        )
    return classes


def check_several_classes(manifest: pd.DataFrame) -> None:
    """Refuse a study of one class, in which every classifier is always right.

    Parameters
    ----------
    manifest : DataFrame
        With columns recording, path and label.

    Raises
    ------
    SplitError
        If all labels are the same; it names the folder below that has several class folders.
    """
    labelled = manifest[manifest["label"] != ""]
    if len(set(labelled["label"])) != 1:
        return
    first = labelled.iloc[0]
    raise SplitError(
        f"All {len(labelled)} recordings with a label are of one class, '{first['label']}' (the "
        f"first: {first['recording']}), and a study needs two or more; "
        + _other_root(list(labelled["path"]), first["label"])
    )


def _other_root(paths: list[str], label: str) -> str:
    """Say what to do about a single class: most often [corpus] root is a level too high."""
    folders = {Path(path).parent for path in paths}
    top = Path(os.path.commonpath(folders))
    # recordings that lie in it themselves would be in no class folder
    if label not in top.parts or top in folders:
        return "look at [corpus] root, and at the column or folder that labels come from"
    names = sorted({folder.relative_to(top).parts[0] for folder in folders})
    shown = ", ".join(names[:5]) + ", ..." * (len(names) > 5)
    return f"if [corpus] root is too high, root = '{top}' has the folders {shown}"


def rest_of(candidates: pd.DataFrame, subsets: dict[str, str], subset: str) -> pd.DataFrame:
    """Return all recordings of the speakers who give none to `subsets` (subset by recording).

    Where `subset` needs labels, those that have none are left out.
    """
    used = candidates.loc[candidates["recording"].isin(subsets), "speaker"]
    rest = candidates[~candidates["speaker"].isin(used)]
    return rest[rest["label"] != ""] if subset in WITH_LABELS else rest


def check_speakers_known(manifest: pd.DataFrame) -> None:
    """Refuse recordings that might be by anybody.

    Raises
    ------
    SplitError
        If the speaker of a recording is "".
    """
    unknown = manifest.loc[manifest["speaker"] == "", "recording"]
    if len(unknown):
        raise SplitError(
            f"The speaker of {len(unknown)} of {len(manifest)} recordings is not known (the first: "
            f"{unknown.iloc[0]}), so leakage cannot be ruled out; give every recording a speaker "
            "in the corpus ('nan', 'None', 'Unknown' and the like name nobody), or use strategy = "
            "'column' with allow_unknown_speakers = true"
        )


def lonely_classes(manifest: pd.DataFrame) -> dict[str, str]:
    """Return the classes that one speaker only has, and who that is."""
    labelled = manifest[(manifest["label"] != "") & (manifest["speaker"] != "")]
    speakers = labelled.groupby("label")["speaker"].unique()
    return {str(label): str(names[0]) for label, names in speakers.items() if len(names) == 1}


def check_enough_speakers(candidates: pd.DataFrame, subsets: Iterable[str] = WITH_LABELS) -> None:
    """Refuse a class that cannot be in both `labelled` and `test`, where speakers are for both.

    Raises
    ------
    SplitError
        If a class has recordings of one speaker only.
    """
    # a fold's test speakers have been taken away before
    if not set(WITH_LABELS) <= set(subsets):
        return
    # told here in words: an integer program only says that there is no solution
    for label, speaker in lonely_classes(candidates).items():
        raise SplitError(
            f"Class '{label}' has recordings of one speaker only ('{speaker}'), but 'labelled' and "
            "'test' need one each"
        )


def check_no_leakage(manifest: pd.DataFrame, split: pd.Series) -> None:
    """Check that no known speaker is in two subsets.

    Parameters
    ----------
    manifest : DataFrame
        With columns recording and speaker.
    split : Series of str
        Subset by recording.

    Raises
    ------
    SplitError
        If the split holds a recording that the manifest does not.
    LeakageError
        If a speaker is in two subsets; the message names them.
    """
    leaking = _speakers_in_several(manifest, split)
    if len(leaking):
        raise LeakageError(_leak_message(leaking))


def leaks(manifest: pd.DataFrame, split: pd.Series) -> list[str]:
    """Warn of speakers that are in two subsets, as only ``leaky = true`` allows."""
    leaking = _speakers_in_several(manifest, split)
    if not len(leaking):
        return []
    return [
        f"This split leaks, as leaky = true asks: {_leak_message(leaking)}. No score of it says "
        "how a classifier does on new speakers"
    ]


def _speakers_in_several(manifest: pd.DataFrame, split: pd.Series) -> pd.Series:
    """Return the subsets of each known speaker who is in more than one."""
    speakers = manifest.set_index("recording")["speaker"]
    strangers = split.index.difference(speakers.index)
    if len(strangers):
        raise SplitError(
            f"{len(strangers)} recordings of the split are not in the manifest, the first: "
            f"{strangers[0]}"
        )
    pairs = pd.DataFrame({"speaker": speakers[split.index].to_numpy(), "subset": split.to_numpy()})
    # "" is nobody in particular: two of them need not be one speaker
    pairs = pairs[pairs["speaker"] != ""].drop_duplicates()
    subsets = pairs.groupby("speaker")["subset"].agg(sorted)
    return subsets[subsets.map(len) > 1]


def _leak_message(leaking: pd.Series) -> str:
    shown = [f"'{speaker}' is in {' and '.join(names)}" for speaker, names in leaking[:5].items()]
    more = f"; and {len(leaking) - 5} more" if len(leaking) > 5 else ""
    what = "speaker is" if len(leaking) == 1 else "speakers are"
    return f"{len(leaking)} {what} in more than one subset: {'; '.join(shown)}{more}"


def check_classes(
    manifest: pd.DataFrame, split: pd.Series, complete: tuple[str, ...] = WITH_LABELS
) -> None:
    """Check that `labelled` and `test` hold labels only, and every class of the study.

    Parameters
    ----------
    manifest : DataFrame
    split : Series of str
        Subset by recording.
    complete : tuple of str
        Subsets that must hold every class; of folds the test subsets together do.

    Raises
    ------
    SplitError
        Naming the subset and the classes that it lacks.
    """
    labels = manifest.set_index("recording")["label"]
    classes = classes_of(manifest)
    for subset in WITH_LABELS:
        of_subset = labels[split.index[split == subset]]
        blank = of_subset == ""
        if blank.any():
            raise SplitError(
                f"{blank.sum()} recordings of '{subset}' have no label, the first: "
                f"{of_subset.index[blank][0]}"
            )
        lacking = [label for label in classes if label not in set(of_subset)]
        if lacking and subset in complete:
            raise SplitError(
                f"'{subset}' must hold every class of the study, but lacks {_quoted(lacking)}"
            )


def check_quotas(short: dict[tuple[str, str], tuple[int, int]], note: str = "") -> None:
    """Refuse counts that cannot be met.

    Parameters
    ----------
    short : dict of (class, subset) to (missing, quota)
        Recordings that are missing, and the count asked for; only where any are missing.
    note : str
        Added to the message.

    Raises
    ------
    SplitError
        Unless `short` is empty.
    """
    if short:
        listed = [
            f"class '{label}' in '{subset}' is {missing} short of {quota}"
            for (label, subset), (missing, quota) in short.items()
        ]
        raise SplitError(
            f"per_class cannot be met with speaker-disjoint subsets: {'; '.join(listed)}{note}; "
            "ask for less (semisup check says how much fits), or take what there is with "
            "allow_shortfall = true"
        )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
