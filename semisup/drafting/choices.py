"""What a drafted study does with its recordings: subsets, representations, classifiers, budgets.

In: the recordings with class, speaker and length. Out: the tables of a study file, each with why.
Few speakers are dealt into folds, few labels get few budgets, and networks are trained only where
there is enough audio without labels for them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup import splits
from semisup.errors import SplitError
from semisup.features import speakers
from semisup.study.split_spec import SUBSETS, SplitSpec

#: Speakers up to which each is a fold of its own, and from which on one split will do.
FEW, MANY = 12, 30
#: Recordings from which on one split will do, and those of a class of which fewer than the usual
#: share are left unlabelled.
ENOUGH, SMALL = 500, 40
#: Recordings from which on a study takes not all of them, and how many it takes then.
LARGE, TAKEN = 10_000, {"labelled": 1_500, "unlabelled": 6_000, "test": 1_500}
#: Cells that a draft asks for at most.
CELLS = 2_400
CLASSIFIERS = ("svm", "knn", "random_forest")
#: Hand-crafted features normalised by speaker: the first, with which others are compared.
BY_SPEAKER = "handcrafted_speaker"
#: Unlabelled recordings, and their minutes, from which on a network is trained on them.
POOL, CODES = (400, 30), (1_500, 120)
#: A class of fewer recordings, or of fewer speakers, is left out.
FEWEST = 4


class Choices(NamedTuple):
    """The tables of a study file, `[corpus]` and `[chunks]` aside.

    Parameters
    ----------
    split : SplitSpec
    split_remark : str
        Why, as a comment.
    by_speaker : bool
        Whether features are normalised by speaker, hand-crafted ones both ways.
    learned : list of str
        Representations beside hand-crafted features: components, then networks.
    has_unlabelled : bool
    percentages : list of int
    draws : int
    """

    split: SplitSpec
    split_remark: str
    by_speaker: bool
    learned: list[str]
    has_unlabelled: bool
    percentages: list[int]
    draws: int


def rare_classes(recordings: pd.DataFrame) -> dict[str, str]:
    """Return the classes that cannot be learned and tested, and why.

    Parameters
    ----------
    recordings : DataFrame
        label, speaker.
    """
    of_class = recordings.groupby("label")["speaker"]
    rare = {}
    for label, rows in of_class:
        if len(rows) < FEWEST:
            rare[str(label)] = f"{len(rows)} recording{'s' * (len(rows) > 1)} only"
        elif rows.nunique() < 2:
            rare[str(label)] = "one speaker only"
    return rare


def choices(manifest: pd.DataFrame, *, knows_speakers: bool) -> Choices:
    """Choose what a study of these recordings does.

    Parameters
    ----------
    manifest : DataFrame
        recording, label ("" of role "unlabelled"), speaker, role and seconds.
    knows_speakers : bool
        Whether the speakers of all corpora are known; else each recording is its own.

    Raises
    ------
    SplitError
        If the recordings cannot be shared among labelled and test.
    """
    has_folder = (manifest["role"] == "unlabelled").any()
    labelled = manifest[manifest["label"] != ""]
    spec, table = _first_split(manifest, labelled, has_folder=bool(has_folder))
    first = splits.first(table)
    subset = manifest["recording"].map(first)
    unlabelled = manifest[subset == "unlabelled"]
    by_speaker = knows_speakers and _comparable(manifest)
    learned = ["voice_pca" if by_speaker else "logmel_pca"]
    n_splits = splits.n_splits(manifest, spec)
    if n_splits == 1:
        learned += _networks(unlabelled)
    fewest = int(manifest.loc[subset == "labelled", "label"].value_counts().min())
    budgets = _budgets(fewest)
    systems = (1 + by_speaker + len(learned)) * len(CLASSIFIERS)
    each = n_splits * systems * len(budgets)
    draws = int(np.clip(CELLS // each, 2, 5 if n_splits == 1 else 3))
    if spec.folds is not None:
        repeats = int(np.clip(CELLS // (each * draws), 1, 3))
        spec = spec.model_copy(update={"repeats": repeats})
    remark = _remark(labelled, spec, subset)
    return Choices(spec, remark, by_speaker, learned, bool(len(unlabelled)), budgets, draws)


def _first_split(
    manifest: pd.DataFrame, labelled: pd.DataFrame, *, has_folder: bool
) -> tuple[SplitSpec, pd.DataFrame]:
    """Return the first split that can be made, of those that are worth trying."""
    problem = SplitError("there is no split")
    for spec in _wanted(labelled, has_folder=has_folder):
        try:
            return spec, splits.split_table(manifest, spec)
        except SplitError as error:
            problem = error
    raise problem


def _wanted(labelled: pd.DataFrame, *, has_folder: bool) -> Iterator[SplitSpec]:
    n_speakers, n_classes = labelled["speaker"].nunique(), labelled["label"].nunique()
    smallest = int(labelled["label"].value_counts().min())
    usual = {"labelled": 0.3, "unlabelled": 0.4, "test": 0.3}
    shares = [usual if smallest >= SMALL else {"labelled": 0.5, "unlabelled": 0.3, "test": 0.2}]
    shares = shares * (not has_folder)
    shares.append({"labelled": 0.6, "test": 0.4})
    if len(labelled) > LARGE and n_speakers >= MANY:
        subsets = [name for name in TAKEN if name != "unlabelled" or not has_folder]
        counts = {name: TAKEN[name] // n_classes for name in subsets}
        yield SplitSpec.model_validate({"strategy": "quota", "per_class": counts})
    for fractions in shares:
        for folds in _folds(n_speakers, len(labelled)):
            yield SplitSpec.model_validate({"fractions": fractions, "folds": folds})


def _folds(n_speakers: int, n_recordings: int) -> list[int | str | None]:
    if n_speakers <= FEW:
        return ["speakers", 3, 2, None]
    return [5, None] if n_speakers < MANY or n_recordings < ENOUGH else [None, 5]


def _comparable(manifest: pd.DataFrame) -> bool:
    """Tell whether recordings can be compared with their speakers' others, and keep their class."""
    counts = manifest.groupby(["role", "speaker"]).size()
    # each speaker is in one subset, whichever it will be
    rows = manifest[manifest["label"] != ""].assign(subset="labelled")
    return bool((counts >= 2).all()) and not speakers.warnings(["x"], rows)


def _networks(unlabelled: pd.DataFrame) -> list[str]:
    amount = len(unlabelled), unlabelled["seconds"].sum() / 60
    needs = {"conv_pool": POOL, "code_log": CODES}
    return [
        name
        for name, (recordings, minutes) in needs.items()
        if amount[0] >= recordings and amount[1] >= minutes
    ]


def _budgets(fewest: int) -> list[int]:
    """Return percentages of which the smallest has a recording of the rarest class."""
    shares = [share for share in (5, 10, 20, 50) if share * fewest // 100 >= 1]
    return [*(shares or [50]), 100]


def _remark(labelled: pd.DataFrame, spec: SplitSpec, subset: pd.Series) -> str:
    """Say which recordings there are and why they are split as they are."""
    n_speakers = labelled["speaker"].nunique()
    there = f"{len(labelled):,} recordings"
    if n_speakers < len(labelled):
        there += f" of {n_speakers:,} speakers"
    match spec.folds:
        case "speakers":
            return f"{there} are few for one split: each speaker is tested once a repeat"
        case None:
            counts = subset.value_counts()
            names = [name for name in SUBSETS if name in counts]
            return f"{there}: {', '.join(f'{counts[name]:,} {name}' for name in names)}"
    return f"{there} are few for one split: all are tested, in {spec.folds} folds"
