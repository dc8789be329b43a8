"""Folds of speakers: several splits of which each tests other speakers, so that all are tested.

In: the candidates and a `[split]` table with `folds`. Out: the test speakers of every repeat, and
the `[split]` table by which the other speakers are shared.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from semisup.engine.artefacts import fingerprint
from semisup.errors import SplitError, nearest
from semisup.splits._check import classes_of, lonely_classes
from semisup.splits._solver import count_by_speaker
from semisup.study.split_spec import SplitSpec


def deals(candidates: pd.DataFrame, spec: SplitSpec, seed: int) -> Iterator[list[list[str]]]:
    """Yield the folds of each of the `repeats`: lists of test speakers, each speaker in one.

    Parameters
    ----------
    candidates : DataFrame
        Rows of the manifest that may be in any subset, with `speaker` and `label`.
    spec : SplitSpec
        With `folds`.
    seed : int
        Of the study.

    Raises
    ------
    SplitError
        If there are more folds than speakers with a label, or a list names a speaker who is not
        there or has no label.
    """
    counts = _counts(candidates)
    for number in range(spec.repeats):
        match spec.folds:
            case "speakers":
                yield [[name] for name in counts.index]
            case int(n_folds):
                yield _balanced(counts, n_folds, _generator("deal", seed, number))
            case lists:
                yield _named(counts, lists or [])


def generator_of(seed: int, number: int) -> np.random.Generator:
    """Return the random generator by which the other speakers of a repeat are shared."""
    return _generator("repeat", seed, number)


def sharing(spec: SplitSpec) -> SplitSpec:
    """Return the table by which those are shared who are not tested: no `test`, no folds.

    Shares are those of the recordings that are left, as if `test` had been taken by a fold.

    Examples
    --------
    >>> sharing(SplitSpec(folds=5)).fractions["labelled"].__round__(3)
    0.429
    """
    left = 1 - spec.fractions.get("test", 0.0)
    shares = {name: share / left for name, share in spec.fractions.items() if name != "test"}
    counts = {name: count for name, count in spec.per_class.items() if name != "test"}
    changed = {"folds": None, "repeats": 1, "fractions": shares, "per_class": counts}
    return spec.model_copy(update=changed)


def check_lonely(candidates: pd.DataFrame) -> None:
    """Refuse a class of one speaker: where that one is tested, nobody else has it.

    Raises
    ------
    SplitError
        Naming class and speaker.
    """
    for label, speaker in lonely_classes(candidates).items():
        raise SplitError(
            f"Class '{label}' has recordings of one speaker only ('{speaker}'): where that one is "
            "tested, 'labelled' has none of it"
        )


def _generator(purpose: str, seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng(int(fingerprint(purpose, seed, number), 16))


def _counts(candidates: pd.DataFrame) -> pd.DataFrame:
    """Count recordings with a label by speaker and class, of those who have any."""
    labelled = candidates[candidates["label"] != ""]
    return count_by_speaker(labelled, classes_of(labelled))


def _balanced(counts: pd.DataFrame, n_folds: int, rng: np.random.Generator) -> list[list[str]]:
    """Deal speakers, those with most recordings first, to the fold that lacks their classes most.

    Folds have as many speakers as each other, or one more.
    """
    if len(counts) < n_folds:
        raise SplitError(
            f"[split] folds = {n_folds}, but {len(counts)} speakers have recordings with a label; "
            "folds = 'speakers' tests each by itself"
        )
    shares = (counts / counts.sum()).to_numpy()
    # chance decides between speakers with as many recordings
    order = rng.permutation(len(counts))
    order = order[np.argsort(-counts.to_numpy().sum(axis=1)[order], kind="stable")]
    held = np.zeros((n_folds, shares.shape[1]))
    folds: list[list[str]] = [[] for _ in range(n_folds)]
    for place in order:
        fewest = min(len(fold) for fold in folds)
        open_folds = [number for number, fold in enumerate(folds) if len(fold) == fewest]
        loads = ((held[open_folds] + shares[place]) ** 2).sum(axis=1)
        chosen = open_folds[int(loads.argmin())]
        held[chosen] += shares[place]
        folds[chosen].append(str(counts.index[place]))
    return [sorted(fold) for fold in folds]


def _named(counts: pd.DataFrame, lists: list[list[str]]) -> list[list[str]]:
    for name in (name for fold in lists for name in fold):
        if name not in counts.index:
            raise SplitError(
                f"[split] folds: no recording with a label is of the speaker '{name}'; "
                f"{nearest(name, list(counts.index))}"
            )
    return [sorted(fold) for fold in lists]
