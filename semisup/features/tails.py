"""The sound that chunks leave out and whole recordings hold, where a study compares the two."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from semisup.recordings.durations import samples_of
from semisup.study.spec import ChunkSpec

if TYPE_CHECKING:
    from semisup.features.contract import Representation

#: A smaller share is not worth a word.
LEAST = 0.005


def left_out(seconds: pd.Series, spec: ChunkSpec) -> float:
    """Return the share of the samples that is after the last whole chunk of its recording.

    Recordings shorter than one chunk do not count: they have no chunk, or one that holds them.

    Examples
    --------
    >>> left_out(pd.Series([2.5, 3.0, 0.5]), ChunkSpec(sample_rate=1000, chunk_samples=1000))
    0.09090909090909091
    """
    samples = samples_of(seconds, spec.sample_rate)
    samples = samples[samples >= spec.chunk_samples]
    if spec.tail == "cover" or samples.empty:
        return 0.0
    return float((samples % spec.chunk_samples).sum() / samples.sum())


def unequal_sound(
    kinds: Mapping[str, "Representation"], seconds: pd.Series, spec: ChunkSpec
) -> list[str]:
    """Say, in one sentence at most, that some representations hear more than others.

    Parameters
    ----------
    kinds : mapping of str to Representation
        What a study compares.
    seconds : Series of float
        Lengths of the recordings that it scores.
    spec : ChunkSpec
    """
    chunked = [name for name, kind in kinds.items() if kind.needs == "chunks"]
    whole = [name for name, kind in kinds.items() if kind.needs == "audio"]
    share = left_out(seconds, spec)
    if not chunked or not whole or share < LEAST:
        return []
    return [
        f"Chunks end before their recordings do: the last {100 * share:.0f} % of the sound is not "
        f"in {_listed(chunked)}, but is in {_listed(whole)}; tail = 'cover' in [chunks] lets all "
        "hear all of it"
    ]


def _listed(names: list[str]) -> str:
    shown = [f"'{name}'" for name in names[:2]]
    return " and ".join(shown) if len(names) <= 2 else f"{shown[0]} and {len(names) - 1} others"
