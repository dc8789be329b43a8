"""Predictions by a plain scikit-learn script, for `semisup compare`: no semisup is imported here.

``python experiments/scikit_learn_predictions.py files/STUDY -o other.csv`` takes features, split
and draws of a finished study and fits scikit-learn's classifiers itself; then

    semisup compare other.csv --split files/STUDY/split.csv

gives the numbers of the study. Take it as a pattern for a script of your own: any features, any
model, a row a prediction. (A study whose classes are weighted, `[curve] balance`, gives others.)
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

MODELS = {
    "svm": SVC,
    "logistic_regression": lambda random_state: LogisticRegression(
        max_iter=1000, random_state=random_state
    ),
    "random_forest": RandomForestClassifier,
}


def number(*parts: object, digits: int = 32) -> int:
    """Make a seed of names and numbers, as the study does: any other would do, too."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return int(hashlib.sha256(text.encode()).hexdigest()[:digits], 16)


def drawn(order: np.ndarray, labels: np.ndarray, budget: float) -> np.ndarray:
    """Return the recordings of a label budget: so many percent of each class, one at least."""
    members = [order[labels[order] == label] for label in np.unique(labels)]
    chosen = [group[: max(1, int(budget * len(group) / 100 + 1e-9))] for group in members]
    return np.sort(np.concatenate(chosen))


def predictions(folder: Path) -> Iterator[pd.DataFrame]:
    """Fit every model on every representation, label budget and draw; predict the test."""
    study = json.loads((folder / "provenance.json").read_text())["study"]
    seed, curve = study["seed"], study["curve"]
    others = [name for name in curve["classifiers"] if name not in MODELS]
    if others:
        raise SystemExit(f"MODELS has no {', '.join(others)}, which {folder} compares: add them")
    scores = pd.read_parquet(folder / "scores.parquet")
    manifest = pd.read_parquet(folder / "manifest.parquet").set_index("recording")
    subset = pd.read_csv(folder / "split.csv", dtype=str).set_index("recording")["subset"]
    train, test = subset.index[subset == "labelled"], subset.index[subset == "test"]
    labels = manifest["label"][train].to_numpy()
    for representation in scores["representation"].unique():
        table = pd.read_parquet(folder / "features" / f"{representation}.parquet")
        features = table.drop(columns="chunk").set_index("recording")
        if features.index.has_duplicates:
            raise SystemExit(f"{representation} has several rows a recording; here each has one")
        for name in curve["classifiers"]:
            for draw in scores["draw"].unique().tolist():
                rng = np.random.default_rng(number("draw", seed, draw))
                order = rng.permutation(len(train))
                for budget in sorted(scores["percentage"].unique().tolist()):
                    rows = drawn(order, labels, budget)
                    state = number("cell", seed, representation, name, budget, draw, digits=8)
                    # row by row, as the study has them: sums in another order round otherwise
                    known = np.ascontiguousarray(features.loc[train[rows]])
                    scaler = StandardScaler().fit(known)
                    model = MODELS[name](random_state=state).fit(
                        scaler.transform(known), labels[rows]
                    )
                    asked = scaler.transform(features.loc[test].to_numpy())
                    answer = {"predicted": model.predict(asked)}
                    if hasattr(model, "predict_proba"):
                        shares = model.predict_proba(asked)
                        # of equal probabilities the first class
                        answer["predicted"] = model.classes_[shares.round(12).argmax(axis=1)]
                        answer |= {f"p_{c}": shares[:, i] for i, c in enumerate(model.classes_)}
                    yield pd.DataFrame(
                        {
                            "system": f"{name}@{representation}",
                            "budget": budget,
                            "n_recordings": len(rows),
                            "draw": draw,
                            "recording": test,
                            "true": manifest["label"][test].to_numpy(),
                            "speaker": manifest["speaker"][test].to_numpy(),
                            **answer,
                        }
                    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path, help="folder of a finished study")
    parser.add_argument("-o", "--output", type=Path, default=Path("other.csv"))
    asked = parser.parse_args()
    pd.concat(predictions(asked.study)).to_csv(asked.output, index=False)
