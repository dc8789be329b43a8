"""Speaker-disjoint subsets: one file a strategy, diagnostics, and the check for leakage.

In: the manifest and the `[split]` table of a study. Out: the subset of each recording that is in
one. Every strategy's answer is checked here, so that no speaker is ever in two subsets.

A strategy is a file with `assign(candidates, spec, rng)`, which takes manifest rows sorted by
recording and returns the subset of those that it chose, indexed by recording.
"""

import numpy as np
import pandas as pd

from semisup.errors import SplitError
from semisup.registry import Registry
from semisup.splits._check import (
    WITH_LABELS,
    check_classes,
    check_no_leakage,
    check_several_classes,
    check_speakers_known,
    leaks,
    lonely_classes,
)
from semisup.splits._diagnostics import diagnostics, diagnostics_of, labels_of, warnings
from semisup.splits._folds import check_lonely, deals, generator_of, sharing
from semisup.splits._left_out import left_out
from semisup.splits._proposal import Fitting, proposal, with_unlabelled, written
from semisup.splits._replicas import (
    check_no_replicas,
    dropped,
    replica_leaks,
    replica_warnings,
)
from semisup.splits._roles import (
    are_set,
    check_any_left,
    check_same_classes,
    groups,
    heard_elsewhere,
    may_be_in,
    narrowed,
    role_notes,
    with_role,
)
from semisup.splits._table import each, first, of_repeat, over_repeats, read, table_of
from semisup.study.split_spec import SplitSpec

__all__ = [
    "WITH_LABELS",
    "Fitting",
    "are_set",
    "check_no_leakage",
    "check_several_classes",
    "check_speakers_known",
    "diagnostics",
    "diagnostics_of",
    "each",
    "first",
    "labels_of",
    "leaks",
    "left_out",
    "lonely_classes",
    "n_splits",
    "of_repeat",
    "over_repeats",
    "proposal",
    "read",
    "replica_leaks",
    "replica_warnings",
    "role_notes",
    "split_by_speaker",
    "split_table",
    "splits_by_folds",
    "table_of",
    "warnings",
    "with_unlabelled",
    "written",
]

strategies = Registry("splits", "split strategy")
#: Strategies that are asked for a number of recordings of each class.
BY_COUNT = ("quota", "sorted_prefix")


def split_by_speaker(manifest: pd.DataFrame, spec: SplitSpec, seed: int = 0) -> pd.Series:
    """Share the recordings among the subsets so that no speaker is in two of them.

    Recordings of role "unlabelled" are all in `unlabelled`, whatever the strategy; those of role
    "labelled" or "test" in no other subset, which then has no others (docs/CONCEPTS.md, Subsets).
    What else their speakers recorded is left out.

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
        `test`, or in the corpora that are for one of them.
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
    subsets: dict[str, str] = {}
    for rows, names in groups(_candidates(manifest, spec)):
        # the same chance for each: another corpus in the study does not change this one's part
        subsets |= _dealt(rows, names, spec, np.random.default_rng(seed))
    split = _in_manifest_order(manifest, subsets)
    if not spec.leaky:
        check_no_leakage(manifest, split)
        check_no_replicas(manifest, split)
    check_classes(manifest, split)
    return split


def split_table(manifest: pd.DataFrame, spec: SplitSpec, seed: int = 0) -> pd.DataFrame:
    """Return the split, or those of all folds, as a table: recording, subset, with folds repeat.

    Parameters and errors are those of `split_by_speaker` and `splits_by_folds`.
    """
    if spec.folds is not None:
        return table_of(splits_by_folds(manifest, spec, seed))
    split = split_by_speaker(manifest, spec, seed)
    return pd.DataFrame({"recording": split.index, "subset": split.to_numpy()})


def splits_by_folds(manifest: pd.DataFrame, spec: SplitSpec, seed: int = 0) -> list[pd.Series]:
    """Share the recordings once for every fold of every repeat: each speaker is tested as often.

    The test subset of a fold is all that its speakers recorded with a label; the other speakers
    are shared among `labelled` and `unlabelled` anew each time, as the strategy does.

    Parameters
    ----------
    manifest, spec, seed
        As in `split_by_speaker`; the spec has `folds`.

    Returns
    -------
    list of Series of str
        As `split_by_speaker` gives them, the folds of one repeat after those of the other.

    Raises
    ------
    SplitError
        As `split_by_speaker`, naming the repeat and the fold that cannot be made.
    LeakageError
        As `split_by_speaker`.
    """
    candidates = _candidates(manifest, spec)
    if not are_set(candidates):
        check_lonely(candidates)
    to_test = may_be_in(candidates, "test")
    tested = [speakers for folds in deals(to_test, spec, seed) for speakers in folds]
    splits = []
    for number, speakers in enumerate(tested):
        try:
            subsets = _assigned_around(candidates, speakers, spec, seed, number)
        except SplitError as error:
            shown = ", ".join(speakers[:3]) + ", ..." * (len(speakers) > 3)
            raise SplitError(f"Repeat {number}, which tests {shown}: {error}") from error
        split = _in_manifest_order(manifest, subsets)
        check_no_leakage(manifest, split)
        check_no_replicas(manifest, split)
        check_classes(manifest, split, complete=("labelled",))
        splits.append(split)
    return splits


def n_splits(manifest: pd.DataFrame, spec: SplitSpec) -> int:
    """Return how many splits there will be: one, or one a fold of every repeat."""
    match spec.folds:
        case None:
            return 1
        case int(count):
            return count * spec.repeats
        case "speakers":
            candidates = may_be_in(_candidates(manifest, spec), "test")
            n_speakers = candidates.loc[candidates["label"] != "", "speaker"].nunique()
            return int(n_speakers) * spec.repeats
        case lists:
            return len(lists) * spec.repeats


def _assigned_around(
    candidates: pd.DataFrame, tested: list[str], spec: SplitSpec, seed: int, number: int
) -> dict[str, str]:
    """Put a fold's speakers into the test subset, and share the others by the strategy."""
    of_fold = candidates["speaker"].isin(tested) & (candidates["label"] != "")
    subsets = dict.fromkeys(candidates.loc[of_fold, "recording"], "test")
    for rows, names in groups(candidates):
        others = rows[~rows["speaker"].isin(tested)]
        left = tuple(name for name in names if name != "test")
        # of a corpus for the test alone, those of other folds are in no subset
        if left:
            subsets |= _dealt(others, left, sharing(spec), generator_of(seed, number))
    return subsets


def _candidates(manifest: pd.DataFrame, spec: SplitSpec) -> pd.DataFrame:
    """Return the rows that may be in a subset, each speaker's of one role only."""
    if not (spec.strategy == "column" and spec.allow_unknown_speakers):
        check_speakers_known(manifest)
    # the same order, whatever that of the manifest is: strategies draw by position
    ordered = manifest.sort_values("recording", ignore_index=True)
    if spec.replicas == "drop":
        ordered = ordered[~ordered["recording"].isin(dropped(manifest).index)]
    if spec.leaky:
        ordered["speaker"] = ordered["recording"]
    candidates = with_role(ordered)
    # a speaker heard in corpora of two roles would be in two subsets; a corpus's own column is
    # taken as it is, and refused later if it leaks
    if spec.strategy != "column":
        elsewhere = heard_elsewhere(candidates)
        check_any_left(candidates, elsewhere)
        candidates = candidates[elsewhere == ""]
    check_same_classes(candidates)
    return candidates


def _dealt(
    rows: pd.DataFrame, names: tuple[str, ...], spec: SplitSpec, rng: np.random.Generator
) -> dict[str, str]:
    """Share recordings among some of the subsets, by the strategy if there is a choice to make."""
    counts = {str(subset): count for subset, count in spec.per_class.items()}
    is_counted = spec.strategy in BY_COUNT and counts.get(names[0], "rest") != "rest"
    is_whole = set(rows["role"]) == {"unlabelled"} or not is_counted
    if len(names) == 1 and is_whole:
        return dict.fromkeys(rows["recording"], names[0])
    assigned = strategies.module(spec.strategy).assign(rows, narrowed(spec, names), rng)
    # a column may name a subset that is not theirs
    return {name: subset for name, subset in assigned.items() if subset in names}


def _in_manifest_order(manifest: pd.DataFrame, subsets: dict[str, str]) -> pd.Series:
    chosen = [name for name in manifest["recording"] if name in subsets]
    index = pd.Index(chosen, name="recording", dtype=str)
    return pd.Series([subsets[name] for name in chosen], index=index, name="subset", dtype=str)
