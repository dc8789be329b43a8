"""What does learning need: updates, or unlabelled audio? The labelled and test part stay the same.

``python experiments/learning_needs.py experiments/conv_pool/ravdess.toml --adds nemo`` takes the
study's split for every seed, then trains a network, `conv_pool` or an autoencoder, with several
numbers of updates, with parts of the unlabelled recordings (each speaker's, at random), and with
all recordings of another corpus added to them. Prints the mean UAR over classifiers by label budget
with 95 % intervals over test speakers and draws, and writes ``learning_needs_*.csv``. Finished runs
are not repeated.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from compare_representations import hits, resampled, tensor, uar

import semisup

#: By network: its keys, the numbers of updates, and that of other parts of the recordings.
NETWORKS = {
    "pool": ('kind = "conv_pool"\nvalidate_steps = 20', (0, 100, 300, 1000, 2000)),
    "code_log": (
        'kind = "autoencoder"\ninput_scaling = "log"\nbottleneck_activation = "linear"',
        (0, 500, 1000, 2000, 4000),
    ),
}
SHARES = (0.1, 0.3)
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
REPRESENTATION = """
[representations.{name}]
{keys}
{steps}
"""
ANOTHER = """
[[corpus]]
adapter = "{adapter}"
root = "${{SEMISUP_CORPORA:-../shared/corpora}}/{adapter}"
role = "unlabelled"
"""


def main() -> None:
    """Run everything, then print and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--adds", help="adapter of a corpus below $SEMISUP_CORPORA to add")
    parser.add_argument("--network", default="pool", choices=NETWORKS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("files"))
    given = parser.parse_args()
    counts = [counted for seed in given.seeds for counted in runs_of(given, seed)]
    table = summary(pd.concat(counts, ignore_index=True))
    print(table.to_string(index=False))
    name = f"learning_needs_{given.network}_{given.study.stem}.csv"
    table.to_csv(given.out / name, index=False)


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
        name = f"{spec.name}-needs-{given.network}-{variant}-{seed}"
        folder = given.out / "tables" / name
        folder.mkdir(parents=True, exist_ok=True)
        thinned(recordings, share, seed).to_csv(folder / "recordings.csv", index=False)
        path = folder / "study.toml"
        path.write_text(
            STUDY.format(
                name=name,
                seed=seed,
                table=(folder / "recordings.csv").resolve(),
                more=ANOTHER.format(adapter=adds) if adds else "",
                sample_rate=spec.chunks.sample_rate,
                chunk_samples=spec.chunks.chunk_samples,
                representations=representations(given.network, variant),
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


def representations(network: str, variant: str) -> str:
    """Return the tables of a variant: one a number of updates, or that of the most."""
    keys, updates = NETWORKS[network]
    return "".join(
        REPRESENTATION.format(
            name=f"{variant}_{count}",
            keys=keys,
            steps=f"steps = {count}\npatience_steps = {count}" if count else "epochs = 0",
        )
        for count in (updates if variant == "updates" else updates[-1:])
    )


def variants(adds: str | None) -> list[tuple[str, float, str | None]]:
    """Return name, share of the unlabelled recordings, and corpus to add of every run."""
    parts = [(f"share_{round(100 * share)}", share, None) for share in SHARES]
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
