"""What does learning need: updates, or unlabelled audio? The labelled and test part stay the same.

``python experiments/learning_needs.py experiments/conv_pool/ravdess.toml --adds nemo`` takes the
study's split for every seed, then trains its representation of kind `conv_pool` with several
numbers of updates, with parts of the unlabelled recordings (each speaker's, at random), and with
all recordings of another corpus added to them. Prints the mean UAR over classifiers by label budget
with 95 % intervals over test speakers and draws, and writes ``learning_needs.csv``. Finished runs
are not repeated.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from compare_representations import hits, resampled, tensor, uar

import semisup

UPDATES = (0, 100, 300, 1000, 2000)
SHARES = (0.1, 0.3, 1.0)
STUDY = """name = "{name}"
seed = {seed}

[[corpus]]
adapter = "table"
root = "/"
path = "{table}"
{more}
[split]
strategy = "column"

[chunks]
sample_rate = {sample_rate}
chunk_samples = {chunk_samples}
short = "pad"
{representations}
[curve]
classifiers = {classifiers}
percentages = [10, 100]
draws = {draws}
"""
KEYS = "steps = {0}\npatience_steps = {0}\nvalidate_steps = 20"
REPRESENTATION = """
[representations.{name}]
kind = "conv_pool"
speaker_normalisation = "{normalisation}"
{keys}
"""


def main() -> None:
    """Run everything, then print and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--adds", help="adapter of a corpus below $SEMISUP_CORPORA to add")
    parser.add_argument("--normalisation", default="none", choices=("none", "standard"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("files"))
    given = parser.parse_args()
    counts = [counted for seed in given.seeds for counted in runs_of(given, seed)]
    table = summary(pd.concat(counts, ignore_index=True))
    print(table.to_string(index=False))
    table.to_csv(given.out / f"learning_needs_{given.study.stem}.csv", index=False)


def runs_of(given: argparse.Namespace, seed: int) -> list[pd.DataFrame]:
    """Run the variants of one split; return their hits, a representation a variant."""
    spec = semisup.read_study(given.study).spec
    overrides = [f"name={spec.name}-{seed}", f"seed={seed}"]
    split = semisup.run(
        given.study, until="split", jobs=given.jobs, out=given.out, overrides=overrides
    )
    recordings = pd.read_parquet(split.folder / "manifest.parquet").merge(
        pd.read_csv(split.folder / "split.csv"), on="recording"
    )
    counts = []
    for variant, share, adds in variants(given.adds):
        name = f"{spec.name}-needs-{variant}-{given.normalisation}-{seed}"
        folder = given.out / "tables" / name
        folder.mkdir(parents=True, exist_ok=True)
        thinned(recordings, share, seed).to_csv(folder / "recordings.csv", index=False)
        more = ""
        if adds:
            root = f"${{SEMISUP_CORPORA:-../shared/corpora}}/{adds}"
            more = f'\n[[corpus]]\nadapter = "{adds}"\nroot = "{root}"\nrole = "unlabelled"\n'
        steps = UPDATES if variant == "updates" else (2000,)
        path = folder / "study.toml"
        path.write_text(
            STUDY.format(
                name=name,
                seed=seed,
                table=(folder / "recordings.csv").resolve(),
                more=more,
                sample_rate=spec.chunks.sample_rate,
                chunk_samples=spec.chunks.chunk_samples,
                representations="".join(
                    REPRESENTATION.format(
                        name=f"{variant}_{count}",
                        normalisation=given.normalisation,
                        keys=KEYS.format(count) if count else "epochs = 0",
                    )
                    for count in steps
                ),
                classifiers=json.dumps(spec.curve.classifiers),
                draws=spec.curve.draws,
            )
        )
        result = semisup.run(path, until="curve", jobs=given.jobs, out=given.out)
        counted = hits(result.folder, seed)
        # where another corpus joins, names of speakers begin with their corpus
        counted["speaker"] = counted["speaker"].str.rpartition("/")[2]
        counts.append(counted)
    return counts


def variants(adds: str | None) -> list[tuple[str, float, str | None]]:
    """Return name, share of the unlabelled recordings, and corpus to add of every run."""
    parts = [(f"share_{share:.0%}".rstrip("%"), share, None) for share in SHARES[:-1]]
    return [("updates", 1.0, None), *parts, *([(f"with_{adds}", 1.0, adds)] if adds else [])]


def thinned(recordings: pd.DataFrame, share: float, seed: int) -> pd.DataFrame:
    """Keep a share of each unlabelled speaker's recordings; give the columns of a table corpus."""
    place = np.random.default_rng(seed).permutation(len(recordings))
    rank = pd.Series(place, recordings.index).groupby(recordings["speaker"]).rank(pct=True)
    kept = (recordings["subset"] != "unlabelled") | (rank <= share)
    columns = {"path": "file", "label": "label", "speaker": "speaker", "subset": "subset"}
    return recordings.loc[kept, [*columns]].rename(columns=columns)


def summary(counts: pd.DataFrame) -> pd.DataFrame:
    """Return UAR with intervals, and the difference to the untrained network."""
    hit, n, names = tensor(counts)
    point = uar(hit, n, np.ones(hit.shape[-1]), np.ones(hit.shape[3:5]))
    samples = resampled(hit, n)
    untrained = names["representation"].index("updates_0")
    rows = []
    for number, name in enumerate(names["representation"]):
        for place, percentage in enumerate(names["percentage"]):
            gains = samples[:, number, place] - samples[:, untrained, place]
            low, high = np.percentile(gains, (2.5, 97.5))
            gain = point[number, place] - point[untrained, place]
            rows.append((name, percentage, point[number, place], gain, low, high))
    columns = ["variant", "percentage", "uar", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=columns).round(4)


if __name__ == "__main__":  # worker processes import this file
    main()
