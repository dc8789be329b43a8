"""The cost of each chunk length: recordings dropped, and how far class balance shifts.

In: the manifest, the split and candidate chunk lengths. Out: tables; `semisup.figures` draws them.
Unlabelled recordings have no label here: they appear in the rows "all" only.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from semisup.signals.chunk_spectrogram import chunk_starts
from semisup.splits import labels_of
from semisup.study.spec import ChunkSpec
from semisup.study.split_spec import SUBSETS

COLUMNS = (
    "subset",
    "label",
    "chunk_samples",
    "recordings",
    "dropped",
    "dropped_share",
    "class_share_before",
    "class_share_after",
    "balance_shift",
)

#: Label of the rows that count a whole subset.
TOTAL = "all"


def lengths(manifest: pd.DataFrame, split: pd.Series) -> pd.DataFrame:
    """List the length of every recording of a split.

    Returns
    -------
    DataFrame
        Columns recording, subset, label ("" in the unlabelled subset), seconds; in the split's
        order.
    """
    seconds = manifest.set_index("recording")["seconds"].reindex(split.index)
    labels = labels_of(manifest, split).reindex(split.index).fillna("")
    columns = {"subset": split, "label": labels, "seconds": seconds}
    return pd.DataFrame(columns).rename_axis("recording").reset_index()


def samples_of(seconds: pd.Series, sample_rate: int) -> pd.Series:
    """Return the samples of recordings at a rate; none of a picture, which has no seconds."""
    # half up, as soxr rounds the length of what it resamples
    return np.floor(seconds.fillna(0) * sample_rate + 0.5).astype(int)


def chunk_counts(seconds: pd.Series, spec: ChunkSpec) -> pd.Series:
    """Return how many chunks recordings of some lengths have."""
    return samples_of(seconds, spec.sample_rate).map(lambda n: len(chunk_starts(n, spec)))


def duration_study(
    manifest: pd.DataFrame, split: pd.Series, sample_rate: int, candidates: Sequence[int]
) -> pd.DataFrame:
    """Count the recordings that are shorter than one chunk, for each candidate length.

    Parameters
    ----------
    manifest : DataFrame
        See `semisup.recordings.manifest.COLUMNS`.
    split : Series of str
        Subset by recording.
    sample_rate : int
        Hz; that of the chunks, not of the files.
    candidates : sequence of int
        Chunk lengths in samples.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: by subset and class, and by subset in all (label "all"). A class's share
        is that of the recordings of its subset; `balance_shift` is the share after dropping minus
        the share before, NaN where nothing is left.
    """
    table = lengths(manifest, split)
    samples = samples_of(table["seconds"], sample_rate)
    rows = [
        row
        for subset in SUBSETS
        if (table["subset"] == subset).any()
        for chunk_samples in sorted(candidates)
        for row in _count(table[table["subset"] == subset], samples >= chunk_samples, chunk_samples)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _count(group: pd.DataFrame, is_long: pd.Series, chunk_samples: int) -> list[dict[str, object]]:
    kept = is_long[group.index]
    labels = [label for label in sorted(set(group["label"])) if label]
    masks = {label: group["label"] == label for label in labels}
    masks[TOTAL] = pd.Series(True, index=group.index)
    return [
        {
            "subset": group["subset"].iloc[0],
            "label": label,
            "chunk_samples": chunk_samples,
            **_cost(mask, kept),
        }
        for label, mask in masks.items()
    ]


def _cost(mask: pd.Series, kept: pd.Series) -> dict[str, float]:
    # never 0, which is divided by below: a label is one of this very subset's
    recordings, left = int(mask.sum()), int((mask & kept).sum())
    before = recordings / len(mask)
    after = left / kept.sum() if kept.any() else np.nan
    return {
        "recordings": recordings,
        "dropped": recordings - left,
        "dropped_share": (recordings - left) / recordings,
        "class_share_before": before,
        "class_share_after": after,
        "balance_shift": after - before,
    }
