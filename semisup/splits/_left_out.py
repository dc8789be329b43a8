"""Why recordings are in no subset.

In: the manifest, a split and how it was made. Out: one reason a recording that the split leaves
out. Nothing is left out without one.
"""

import pandas as pd

from semisup.splits._replicas import dropped
from semisup.splits._roles import heard_elsewhere
from semisup.study.split_spec import SplitSpec


def left_out(manifest: pd.DataFrame, split: pd.Series, spec: SplitSpec) -> pd.Series:
    """Say of every recording that is in no subset why.

    Parameters
    ----------
    manifest : DataFrame
        That the split was made from.
    split : Series of str
        Subset by recording.
    spec : SplitSpec
        How it was made.

    Returns
    -------
    Series of str
        Named ``reason``, indexed by recording in the order of the manifest.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> manifest = pd.DataFrame({"recording": names, "label": "joy", "speaker": names})
    >>> spec = SplitSpec(strategy="quota", per_class={"labelled": 1, "test": 1})
    >>> left_out(manifest, pd.Series({"a": "labelled", "c": "test"}), spec).to_dict()
    {'b': 'its speaker is not needed in any subset'}
    """
    rest = manifest[~manifest["recording"].isin(split.index)]
    if spec.strategy == "column":
        reasons = [
            f"its {spec.column} '{value}' stands for no subset" for value in rest[spec.column]
        ]
    elif spec.leaky:
        reasons = ["it is not needed in any subset"] * len(rest)
    else:
        reasons = _by_speaker(manifest, split, rest)
    index = pd.Index(rest["recording"], name="recording", dtype=str)
    if spec.replicas == "drop":
        why = dropped(manifest)
        reasons = [why.get(name, reason) for name, reason in zip(index, reasons, strict=True)]
    return pd.Series(reasons, index=index, name="reason", dtype=str)


def _by_speaker(manifest: pd.DataFrame, split: pd.Series, rest: pd.DataFrame) -> list[str]:
    elsewhere = heard_elsewhere(manifest)[~manifest["recording"].isin(split.index)]
    in_split = manifest[manifest["recording"].isin(split.index)]
    subset_of = dict(zip(in_split["speaker"], split[in_split["recording"]], strict=True))
    return [
        _reason(role, label, subset_of.get(speaker))
        for role, speaker, label in zip(elsewhere, rest["speaker"], rest["label"], strict=True)
    ]


def _reason(role: str, label: str, subset: str | None) -> str:
    if role:
        return f"its speaker is in a corpus of role '{role}' too"
    if subset is None:
        return "its speaker is not needed in any subset"
    if not label:
        return f"it has no label, and its speaker is in '{subset}'"
    return f"its class is full in '{subset}', the subset of its speaker"
