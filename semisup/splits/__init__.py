"""Speaker-disjoint subsets: one file a strategy, diagnostics, and the check for leakage.

In: the manifest and the `[split]` table of a study. Out: the subset of each recording that is in
one. Every strategy's answer is checked here, so that no speaker is ever in two subsets.

A strategy is a file with `assign(candidates, spec, rng)`, which takes manifest rows sorted by
recording and returns the subset of those that it chose, indexed by recording.
"""

import numpy as np
import pandas as pd

from semisup.registry import Registry
from semisup.splits._check import (
    check_any_left,
    check_classes,
    check_no_leakage,
    check_several_classes,
    check_speakers_known,
    is_unlabelled_only,
    leaks,
    lonely_classes,
)
from semisup.splits._diagnostics import diagnostics, labels_of, warnings
from semisup.splits._left_out import left_out
from semisup.splits._proposal import Fitting, proposal, with_unlabelled, written
from semisup.splits._replicas import (
    check_no_replicas,
    dropped,
    replica_leaks,
    replica_warnings,
)
from semisup.study.spec import SplitSpec

__all__ = [
    "Fitting",
    "check_no_leakage",
    "check_several_classes",
    "check_speakers_known",
    "diagnostics",
    "labels_of",
    "leaks",
    "left_out",
    "lonely_classes",
    "proposal",
    "replica_leaks",
    "replica_warnings",
    "split_by_speaker",
    "warnings",
    "with_unlabelled",
    "written",
]

strategies = Registry("splits", "split strategy")


def split_by_speaker(manifest: pd.DataFrame, spec: SplitSpec, seed: int = 0) -> pd.Series:
    """Share the recordings among the subsets so that no speaker is in two of them.

    Recordings of role "unlabelled" are all in `unlabelled`, whatever the strategy; what else their
    speakers recorded is left out.

    Parameters
    ----------
    manifest : DataFrame
        See `semisup.recordings.manifest.COLUMNS`; `role` is optional.
    spec : SplitSpec
        How to share them.
    seed : int
        Same seed and same recordings, in whatever order: same split.

    Returns
    -------
    Series of str
        "labelled", "unlabelled" or "test", named ``subset``, indexed by recording in the order of
        the manifest; recordings that are in no subset are left out.

    Raises
    ------
    SplitError
        If a speaker is unknown, a quota cannot be met, or a class is missing in `labelled` or
        `test`.
    LeakageError
        If a speaker would be in two subsets, which only the strategy `column` can ask for, or the
        same recording under two names; with ``leaky = true`` that is allowed, and `leaks` and
        `replica_leaks` warn of it.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> manifest = pd.DataFrame({"recording": names, "label": "joy", "speaker": names})
    >>> spec = SplitSpec(strategy="quota", per_class={"labelled": 1, "unlabelled": 1, "test": 1})
    >>> sorted(split_by_speaker(manifest, spec))
    ['labelled', 'test', 'unlabelled']
    """
    if not (spec.strategy == "column" and spec.allow_unknown_speakers):
        check_speakers_known(manifest)
    # the same order, whatever that of the manifest is: strategies draw by position
    ordered = manifest.sort_values("recording", ignore_index=True)
    if spec.replicas == "drop":
        ordered = ordered[~ordered["recording"].isin(dropped(manifest).index)]
    if spec.leaky:
        ordered["speaker"] = ordered["recording"]
    joining = is_unlabelled_only(ordered)
    candidates = ordered[~joining]
    # a speaker heard in unlabelled corpora would leak into any other subset; a corpus's own column
    # is taken as it is, and refused below if it leaks
    if spec.strategy != "column":
        heard = candidates["speaker"].isin(ordered.loc[joining, "speaker"])
        check_any_left(heard)
        candidates = candidates[~heard]
    strategy = strategies.module(spec.strategy)
    assigned = strategy.assign(candidates, spec, np.random.default_rng(seed))
    subsets = {**assigned, **dict.fromkeys(ordered.loc[joining, "recording"], "unlabelled")}
    split = _in_manifest_order(manifest, subsets)
    if not spec.leaky:
        check_no_leakage(manifest, split)
        check_no_replicas(manifest, split)
    check_classes(manifest, split)
    return split


def _in_manifest_order(manifest: pd.DataFrame, subsets: dict[str, str]) -> pd.Series:
    chosen = [name for name in manifest["recording"] if name in subsets]
    index = pd.Index(chosen, name="recording", dtype=str)
    return pd.Series([subsets[name] for name in chosen], index=index, name="subset", dtype=str)
