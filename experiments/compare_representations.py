"""Compare representations over several splits, with paired intervals.

``python experiments/compare_representations.py STUDY --seeds 101 102 103`` runs the study once a
split seed (finished runs are not repeated) and prints the mean UAR over the classifiers, and the
difference of `--candidate` to every other representation with a 95 % interval: a bootstrap over
test speakers, drawn once for all splits, and over the draws of each split. Every system is scored
on the same resample, so that the interval is paired. ``--speakers`` restricts the test to some.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import semisup

RESAMPLES = 2000
KEYS = ["representation", "classifier", "percentage", "draw"]


def hits(folder: Path, seed: int) -> pd.DataFrame:
    """Count hits and recordings by cell, test speaker and class."""
    predictions = pd.read_parquet(folder / "predictions.parquet")
    manifest = pd.read_parquet(folder / "manifest.parquet").set_index("recording")
    labels = manifest["label"].loc[predictions["recording"].unique()]
    classes = sorted(labels.unique())
    truth = predictions["recording"].map(labels.map(classes.index))
    speaker = predictions["recording"].map(manifest["speaker"])
    counted = predictions[KEYS].assign(
        split=seed, speaker=speaker, truth=truth, hit=truth == predictions["predicted"], n=1
    )
    return counted.groupby([*KEYS, "split", "speaker", "truth"], as_index=False)[["hit", "n"]].sum()


def tensor(counts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, dict[str, list]]:
    """Arrange hits as (representation, percentage, classifier, split, draw, class, speaker).

    Recordings, the same for every system, come as (split, class, speaker).
    """
    axes = ["representation", "percentage", "classifier", "split", "draw", "truth", "speaker"]
    names = {axis: list(dict.fromkeys(counts[axis])) for axis in axes}
    names["percentage"], names["speaker"] = sorted(names["percentage"]), sorted(names["speaker"])
    places = tuple(counts[axis].map(names[axis].index).to_numpy() for axis in axes)
    shape = tuple(len(names[axis]) for axis in axes)
    values = np.zeros((2, *shape))
    for number, column in enumerate(("hit", "n")):
        values[number][places] = counts[column]
    return values[0], values[1][0, 0, 0, :, 0], names


def uar(hit: np.ndarray, n: np.ndarray, speakers: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return the mean UAR by representation and percentage with weighted speakers and draws.

    Parameters
    ----------
    hit, n : ndarray as `tensor` gives them
    speakers : ndarray of shape (n_speakers,)
        How often each counts.
    draws : ndarray of shape (n_splits, n_draws)
        How often each counts; those of a split without test speakers do not.
    """
    total = n @ speakers  # (split, class)
    recall = (hit @ speakers) / np.maximum(total, 1)[:, None]
    there = total > 0
    cells = recall.sum(axis=-1) / np.maximum(there.sum(axis=-1), 1)[:, None]
    weights = draws * there.any(axis=-1)[:, None]
    return np.einsum("rpksd,sd->rp", cells, weights / weights.sum()) / hit.shape[2]


def resampled(hit: np.ndarray, n: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return `uar` of every bootstrap resample: (resamples, representations, percentages)."""
    rng = np.random.default_rng(seed)
    n_splits, n_draws, _, n_speakers = hit.shape[3:]
    results = []
    for _ in range(RESAMPLES):
        speakers = rng.multinomial(n_speakers, np.full(n_speakers, 1 / n_speakers))
        draws = rng.multinomial(n_draws, np.full(n_draws, 1 / n_draws), size=n_splits)
        results.append(uar(hit, n, speakers.astype(float), draws))
    return np.stack(results)


def report(counts: pd.DataFrame, candidate: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the means, and the candidate's differences to the others, with 95 % intervals."""
    hit, n, names = tensor(counts)
    point = uar(hit, n, np.ones(hit.shape[-1]), np.ones(hit.shape[3:5]))
    samples = resampled(hit, n)
    own = names["representation"].index(candidate)
    axes = names["representation"], names["percentage"]
    means = pd.DataFrame(with_intervals(point, samples), *axes)
    differences = with_intervals(point[own] - point, samples[:, [own]] - samples, "+")
    return means, pd.DataFrame(differences, *axes).drop(index=candidate)


def with_intervals(point: np.ndarray, samples: np.ndarray, sign: str = "") -> list[list[str]]:
    """Write each number with the 2.5 and 97.5 percentiles of its resamples."""
    low, high = np.percentile(samples, (2.5, 97.5), axis=0)
    return [
        [f"{p:{sign}.3f} [{a:{sign}.3f}, {b:{sign}.3f}]" for p, a, b in zip(*row, strict=True)]
        for row in zip(point, low, high, strict=True)
    ]


def main() -> None:
    """Run the study for every seed, then print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103, 104, 105])
    parser.add_argument("--candidate", default="voice_pca")
    parser.add_argument("--speakers", nargs="*", help="test speakers to score; all if left out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("files"))
    parser.add_argument("--set", nargs="*", default=[], dest="overrides", metavar="key=value")
    given = parser.parse_args()
    name = semisup.read_study(given.study).spec.name
    counts = []
    for seed in given.seeds:
        overrides = [f"name={name}-{seed}", f"seed={seed}", *given.overrides]
        result = semisup.run(
            given.study, until="curve", jobs=given.jobs, out=given.out, overrides=overrides
        )
        counts.append(hits(result.folder, seed))
    joined = pd.concat(counts, ignore_index=True)
    if given.speakers:
        joined = joined[joined["speaker"].isin(given.speakers)]
    means, differences = report(joined, given.candidate)
    print(f"\nMean UAR over {joined['classifier'].nunique()} classifiers, by label budget in %")
    print(means.to_string())
    print(f"\n{given.candidate} minus each, with 95 % intervals")
    print(differences.to_string())


if __name__ == "__main__":  # worker processes import this file
    main()
