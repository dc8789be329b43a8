"""Normalisation by speaker: with what a recording is compared, and where that can't or won't help.

In: recordings with speaker and subset, to be warned with label. Out: groups of rows, sentences, and
which representations use a speaker's other recordings.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.study.spec import FusionSpec

if TYPE_CHECKING:
    from semisup.features.contract import Representation

#: What a legend says of a representation that uses a test speaker's other recordings, and a page.
TRANSDUCTIVE = "transductive"
USES_OTHERS = "uses the speaker's other test recordings, without labels"
#: Of fewer recordings mean and deviation say as much of these recordings as of the speaker.
FEW = 5
#: Share of the mistakes in guessing a recording's class that is avoided by knowing who speaks
#: (Goodman and Kruskal's lambda): 0 where speakers have all classes alike, 1 where each has one.
#: Two recordings a speaker give .5 by chance.
TELLING = 0.6
_ELSE = "leave them out of the study, or set speaker_normalisation = 'none'"


def groups_of(recordings: pd.DataFrame) -> np.ndarray:
    """Return the number of each row's group: recordings of a speaker in a subset are compared.

    A recording of an unknown speaker ("") is by itself: nobody knows whose others are the same
    person's.

    Examples
    --------
    >>> rows = {"recording": ["a", "b", "c", "d"], "speaker": ["ann", "", "", "ann"]}
    >>> groups_of(pd.DataFrame(rows).assign(subset="test")).tolist()
    [0, 1, 2, 0]
    """
    alone = recordings["recording"].where(recordings["speaker"] == "", "")
    keys = ["subset", "speaker", "alone"]
    return recordings.assign(alone=alone).groupby(keys, sort=False).ngroup().to_numpy()


def incomparable(recordings: pd.DataFrame, least: int) -> list[str]:
    """Return why recordings can't be compared with their speakers' others, a sentence each.

    Parameters
    ----------
    recordings : DataFrame
        recording, speaker, subset.
    least : int
        Recordings that each speaker must have in each subset.
    """
    unknown, problems = recordings["speaker"] == "", []
    if unknown.any() and least > 1:
        problems.append(
            f"{unknown.sum()} of {len(recordings)} recordings have no known speaker, with whose "
            f"others they could be compared: name their speakers, {_ELSE}"
        )
    counts = recordings[~unknown].groupby(["speaker", "subset"], sort=False).size()
    few = counts[counts < least]
    if len(few):
        (speaker, subset), count = few.index[0], few.iloc[0]
        problems.append(
            f"{len(few)} of {len(counts)} speakers have fewer recordings than min_recordings = "
            f"{least}, such as '{speaker}' with {count} in '{subset}': {_ELSE}"
        )
    return problems


def warnings(names: list[str], recordings: pd.DataFrame) -> list[str]:
    """Say where representations normalised by speaker rest on little, or lose the label.

    Parameters
    ----------
    names : list of str
        Of the representations; of none nothing is said.
    recordings : DataFrame
        recording, speaker, subset, label; those of other subsets than these two do not count.
    """
    scored = recordings[recordings["subset"].isin(["labelled", "test"])]
    if not names or scored.empty:
        return []
    begin = f"{', '.join(names)}: normalised by speaker, but "
    found = [_of_few(scored), _of_one_class(scored)]
    return [begin + sentence for sentence in found if sentence]


def unlike(a: str, b: str, names: Collection[str]) -> str:
    """Say that one of two representations uses more than the other; empty where they are alike.

    Parameters
    ----------
    a, b : str
    names : collection of str
        Those that use a speaker's other test recordings.

    Examples
    --------
    >>> unlike("voice", "code", ["voice"])
    "voice uses the speaker's other test recordings, without labels, and code does not"
    """
    if (a in names) == (b in names):
        return ""
    user, other = (a, b) if a in names else (b, a)
    return f"{user} {USES_OTHERS}, and {other} does not"


def transductive(
    kinds: Mapping[str, "Representation"], fusions: Mapping[str, FusionSpec] | None = None
) -> list[str]:
    """Return which representations, parents first, depend on a speaker's other recordings.

    So does a fusion that has one of them in it.
    """
    found: list[str] = []
    for name, kind in kinds.items():
        if kind.by_speaker or set(kind.parents()) & set(found):
            found.append(name)
    return found + [name for name, fusion in (fusions or {}).items() if {*fusion.of} & {*found}]


def _of_few(scored: pd.DataFrame) -> str:
    counts = np.bincount(groups_of(scored))
    few = int((counts < FEW).sum())
    if not few:
        return ""
    lonely = int((counts == 1).sum())
    zeros = f" ({lonely} have one: its features are 0)" if lonely else ""
    return (
        f"{few} of {len(counts)} labelled and test speakers have fewer than {FEW} "
        f"recordings{zeros}, whose mean and deviation say little of the voice"
    )


def _of_one_class(scored: pd.DataFrame) -> str:
    group = pd.Series(groups_of(scored), scored.index)
    several = scored[group.map(group.value_counts()) > 1]
    if several.empty:
        return ""
    of_speaker = _most_frequent(several["label"], group[several.index])
    of_all = _most_frequent(several["label"], several["subset"])
    if of_speaker - of_all <= TELLING * (1 - of_all) or of_all == 1:
        return ""
    return (
        f"{of_speaker:.0%} of the labelled and test recordings are of their speaker's most "
        f"frequent class ({of_all:.0%} of the most frequent of all), so that what tells the "
        "classes apart is taken out with the voice; speaker_normalisation = 'none' keeps it"
    )


def _most_frequent(labels: pd.Series, group: pd.Series) -> float:
    """Return the share of recordings that are of the most frequent class of their group."""
    counts = pd.crosstab(group, labels)
    return float(counts.max(axis=1).sum() / len(labels))
