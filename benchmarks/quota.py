"""The speed of the quota solver on a table the size of the original study's corpus.

33,000 recordings of about 900 speakers with very uneven shares, of three uneven classes that many
speakers lack; 400 / 3,300 / 500 recordings a class asked for labelled / unlabelled / test.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from semisup.splits import diagnostics, split_by_speaker
from semisup.study.split_spec import SplitSpec

PER_CLASS = {"labelled": 400, "unlabelled": 3300, "test": 500}


def uneven_manifest(
    n_recordings: int = 33_000, n_speakers: int = 900, seed: int = 0
) -> pd.DataFrame:
    """Make a manifest whose speakers have Zipf-like shares and lean to one class or another."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, n_speakers + 1) ** 0.8
    speaker = rng.choice(n_speakers, n_recordings, p=shares / shares.sum())
    leaning = rng.dirichlet(0.6 * np.array([0.9, 1.4, 0.7]), n_speakers)
    draws = rng.random(n_recordings)[:, None]
    label = (leaning.cumsum(axis=1)[speaker] < draws).sum(axis=1).clip(max=2)
    return pd.DataFrame(
        {
            "recording": [f"r{i:05d}.wav" for i in range(n_recordings)],
            "label": np.array(["negative", "neutral", "positive"])[label],
            "speaker": [f"s{i:03d}" for i in speaker],
        }
    )


def seconds(manifest: pd.DataFrame, spec: SplitSpec) -> float:
    start = perf_counter()
    split_by_speaker(manifest, spec)
    return perf_counter() - start


def rows() -> Iterator[dict[str, Any]]:
    """Yield the seconds of the solver, of recordings by the thousand."""
    spec = SplitSpec(strategy="quota", per_class={**PER_CLASS, "unlabelled": "rest"})
    for n_recordings, n_speakers in ((33_000, 900), (100_000, 3000)):
        yield {
            "name": f"quota solver, {n_recordings:,} recordings of {n_speakers:,} speakers",
            "ours": seconds(uneven_manifest(n_recordings, n_speakers), spec),
            "baseline": None,
            "ratio": None,
            "target": "<= 60",
            "unit": "s",
        }


def main() -> None:
    manifest = uneven_manifest()
    print(manifest.groupby("label")["speaker"].agg(["size", "nunique"]).to_string())
    for unlabelled in (3300, "rest"):
        spec = SplitSpec(strategy="quota", per_class={**PER_CLASS, "unlabelled": unlabelled})
        start = perf_counter()
        split = split_by_speaker(manifest, spec)
        print(f"\nunlabelled = {unlabelled}: {perf_counter() - start:.2f} s")
        print(diagnostics(manifest, split).drop(columns=["female", "male"]).round(3).to_string())


if __name__ == "__main__":
    main()
