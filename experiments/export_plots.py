"""Export a study's curves for a paper: ``python experiments/export_plots.py SCORES FOLDER``."""

import sys
from pathlib import Path

import pandas as pd

import semisup
from semisup.comparison import summarise

if __name__ == "__main__":
    scores, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    summary = summarise(pd.read_csv(scores))
    for classifier in summary["classifier"].unique():
        axes = semisup.plot_learning_curve(summary, classifier)
        axes.figure.savefig(folder / f"{classifier}.pdf")
        print(folder / f"{classifier}.pdf")
