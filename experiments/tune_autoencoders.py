"""Tune a study's autoencoder and print its best trials; the same as `semisup tune`.

``python experiments/tune_autoencoders.py [study.toml] [table.key=value ...]``
"""

import sys

import pandas as pd

from semisup import Study
from semisup.study.file import tuned_name

if __name__ == "__main__":
    path, *overrides = sys.argv[1:] or ["experiments/ravdess_valence/study.toml"]
    study = Study.read(path, overrides=overrides)
    folder = study.tune() / tuned_name(study.spec)
    trials = pd.read_csv(folder / "tuning.csv").sort_values("val_loss")
    print(trials.head(10).to_string(index=False))
