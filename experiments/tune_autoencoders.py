"""Tune a study's autoencoder and print its best trials; the same as `semisup tune`.

``python experiments/tune_autoencoders.py [study.toml] [table.key=value ...]``
"""

import sys

import pandas as pd

import semisup
from semisup.reading.tuning_checks import tuned_name

if __name__ == "__main__":
    path, *overrides = sys.argv[1:] or ["experiments/ravdess_valence/study.toml"]
    result = semisup.tune(path, overrides=overrides)
    table = result.folder / tuned_name(result.study.spec) / "tuning.csv"
    trials = pd.read_csv(table).sort_values("val_loss")
    print(trials.head(10).to_string(index=False))
