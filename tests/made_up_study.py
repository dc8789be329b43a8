"""A finished study of made-up tables, in the columns that the stages write."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from semisup.comparison import SCORE_COLUMNS
from semisup.curve.class_names import metadata
from semisup.figures.paired import COLUMNS
from semisup.metrics import CLASS_METRICS

REPRESENTATIONS = ("handcrafted", "code", "code_log")
CLASSIFIERS = ("svm", "random_forest")
BUDGETS = (2.0, 20.0, 50.0, 100.0)
#: code - handcrafted at the budgets, and half the width of the simultaneous band.
DIFFERENCES, HALF = (0.2, 0.05, -0.05, -0.2), 0.1
CLASSES = ["negative", "neutral", "positive"]
STUDY = {
    "name": "made_up",
    "seed": 0,
    "corpus": [{"adapter": "folder", "root": "recordings", "label": None, "role": "all"}],
    "chunks": {"sample_rate": 8000, "chunk_samples": 20000, "short": "drop", "tail": "drop"},
    "representations": {"handcrafted": {"kind": "handcrafted"}},
    "classifiers": {},
    "curve": {"percentages": {"start": 2, "stop": 100, "step": 2}, "draws": 2},
    "plot": {"metric": "f1_weighted", "formats": ["png"]},
}


def make_scores(representations=REPRESENTATIONS, classifiers=CLASSIFIERS, draws=2):
    rng = np.random.default_rng(0)
    # a metric more leaves the numbers of the others, and so the order of the systems, as they are
    more = [0.5] * (len(CLASS_METRICS) - 4)
    rows = [
        (name, classifier, budget, 7, 70, draw, "recording", *rng.random(4), *more)
        for name in representations
        for classifier in classifiers
        for draw in range(draws)
        for budget in BUDGETS
    ]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS))


def make_comparison(representations=REPRESENTATIONS, classifiers=(*CLASSIFIERS, "mean")):
    rows = []
    for metric in ("f1_weighted", "uar"):
        for classifier in classifiers:
            for place, b in enumerate(representations):
                rows += _chance(classifier, b, metric)
                for a in representations[place + 1 :]:
                    case = {"classifier": classifier, "representation_a": a,
                            "representation_b": b, "metric": metric}  # fmt: skip
                    rows += _pair(case)
    return pd.DataFrame(rows).reindex(columns=list(COLUMNS))


def make_labels(recordings=30):
    names = [f"r{number:02d}.wav" for number in range(recordings)]
    return pd.Series([CLASSES[i % 3] for i in range(recordings)], index=names, name="label")


def make_predictions(labels, representations=REPRESENTATIONS, classes=CLASSES):
    """Always right, but for recordings 0 (all systems) and 1 (all but the first representation)."""
    truth = np.array([classes.index(label) for label in labels])
    parts = []
    for name in representations:
        predicted = truth.copy()
        predicted[0] = (truth[0] + 1) % 3
        if name != representations[0]:
            predicted[1] = (truth[1] + 1) % 3
        for classifier in CLASSIFIERS:
            for budget in BUDGETS:
                for draw in range(2):
                    parts.append(
                        pd.DataFrame(
                            {"representation": name, "classifier": classifier, "percentage": budget,
                             "draw": draw, "recording": labels.index, "chunk": -1,
                             "predicted": predicted.astype(np.int8)}
                        )
                    )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def make_importance(representation=REPRESENTATIONS[0], classifiers=(*CLASSIFIERS, "mean")):
    """Two groups, of which one matters, and twenty features, of which none does."""
    groups = [("group", "mfcc", 52, 0.2), ("group", "spectral_and_all_others", 84, 0.01)]
    features = [("feature", f"delta mfcc_{n}_std", 1, 0.02 - 0.002 * n) for n in range(20)]
    rows = [
        {"representation": representation, "classifier": classifier, "percentage": 100.0,
         "metric": metric, "level": level, "name": name, "features": size, "value": value,
         "low": value - 0.05, "high": value + 0.05, "low_simultaneous": value - 0.1,
         "high_simultaneous": value + 0.1, "score": 0.6}
        for classifier in classifiers
        for metric in ("f1_weighted", "uar")
        for level, name, size, value in (*groups, *features)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def make_clusters(representations=REPRESENTATIONS):
    rows = [
        {"representation": name, "factor": factor, "recordings": 30, "groups": groups,
         "ami": 0.1 * place, "ari": 0.1, "neighbours": 0.5 - 0.3 * place}
        for place, name in enumerate(representations)
        for factor, groups in (("class", 3), ("speaker", 5))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def write_looks(folder: Path):
    """What a study has only where it asks: a page has two figures more, which takes its time."""
    make_importance().to_csv(folder / "importance.csv", index=False)
    make_clusters().to_csv(folder / "clusters.csv", index=False)
    return folder


def with_numbers(folder: Path, copy: Path):
    """Copy a study and let it predict numbers: those of recordings, and what is near them."""
    shutil.copytree(folder, copy)
    manifest = pd.read_parquet(copy / "manifest.parquet")
    numbers = pd.Series(np.linspace(-3, 4, len(manifest)), index=manifest["recording"].astype(str))
    manifest.assign(label_number=numbers.to_numpy()).to_parquet(copy / "manifest.parquet")
    predictions = pd.read_parquet(copy / "predictions.parquet")
    near = predictions["recording"].astype(str).map(numbers) + 0.3 * predictions["draw"] - 0.1
    table = predictions.assign(predicted=near.astype(np.float32))
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), copy / "predictions.parquet")
    return copy


def write_scores(folder: Path, **kinds):
    folder.mkdir(parents=True, exist_ok=True)
    make_scores(**kinds).to_parquet(folder / "scores.parquet")
    return folder


def write_study(folder: Path, labels=None, speaker="speaker", audio=True, classes=CLASSES):
    """Everything that a study has, but for what needs Keras."""
    write_scores(folder)
    labels = make_labels() if labels is None else labels
    make_comparison().to_csv(folder / "comparison.csv", index=False)
    manifest = _manifest(folder, labels, speaker, audio)
    manifest.to_parquet(folder / "manifest.parquet")
    split = pd.DataFrame({"recording": manifest["recording"], "subset": "test"})
    split.loc[30:, "subset"] = "labelled"
    split.to_csv(folder / "split.csv", index=False)
    (folder / "split.json").write_text(json.dumps({"warnings": ["speaker s9 holds 40 %"]}))
    _skipped().to_csv(folder / "skipped.csv", index=False)
    predictions = make_predictions(labels[:30], classes=classes)
    table = pa.Table.from_pandas(predictions, preserve_index=False)
    names = {**table.schema.metadata, **metadata(classes)}
    pq.write_table(table.replace_schema_metadata(names), folder / "predictions.parquet")
    _models(folder, labels)
    versions = {"python": "3.11.0", "numpy": "2.4.0"}
    (folder / "provenance.json").write_text(json.dumps({"versions": versions, "study": STUDY}))
    return folder


def _pair(case):
    metric = case["metric"]
    budgets = zip(BUDGETS, DIFFERENCES, strict=True)
    sentence = f"{case['classifier']}: {case['representation_a']} is ahead somewhere."
    return [
        *(
            {**case, "statistic": "difference", "percentage": p, "value": v,
             "low": v - HALF / 2, "high": v + HALF / 2,
             "low_simultaneous": v - HALF, "high_simultaneous": v + HALF,
             "outcome": "ahead" if v > HALF else "behind" if v < -HALF else "not resolved"}
            for p, v in budgets
        ),
        {**case, "statistic": "crossover", "value": 35.0, "low": 10.0, "high": 60.0,
         "outcome": "crossing" if case["classifier"] != "mean" else "not resolved"},
        *(
            {**case, "statistic": area, "value": 0.01, "low": -0.02, "high": 0.04,
             "p_value": 0.4, "p_holm": 0.8}
            for area in ("area_linear", "area_log")
        ),
        {**case, "statistic": "labels_saved", "outcome": "not reached"},
        {**case, "statistic": "bayes", "percentage": 100, "value": 0.1, "low": 0.2, "high": 0.7},
        {**case, "statistic": "verdict", "sentence": sentence + f" ({metric})"},
    ]  # fmt: skip


def _chance(classifier, name, metric):
    case = {"statistic": "chance", "classifier": classifier, "representation_a": name,
            "representation_b": "chance", "metric": metric}  # fmt: skip
    low = name == "code_log" and classifier == "svm"
    return [
        {**case, "percentage": 100.0, "value": 0.2, "low": 0.1, "high": 0.3, "outcome": "above"},
        {**case, "outcome": "not above" if low else "above"},
    ]


def _manifest(folder, labels, speaker, audio):
    names = [*labels.index[:30], *(f"labelled{i}.wav" for i in range(6))]
    manifest = pd.DataFrame({"recording": names})
    manifest["path"] = [str(folder / f"{i}.wav") for i in range(len(names))]
    manifest["label"] = [*labels[:30], *(sorted(set(labels)) * 2)]
    manifest["speaker"] = [f"{speaker}{i % 5 if i < 30 else 9}" for i in range(len(names))]
    manifest["seconds"] = 4.0 if audio else np.nan
    manifest[["start", "end"]] = np.nan
    if audio:
        import soundfile

        tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(32000) / 8000)
        for path in manifest["path"][:2]:
            soundfile.write(path, tone, 8000)
    return manifest


def _skipped():
    rows = [("a.wav", "/x/a.wav", "/x/a.wav: the file is empty (0 bytes)", "manifest"),
            ("b.wav", "/x/b.wav", "/x/b.wav: the file is empty (0 bytes)", "manifest")]  # fmt: skip
    return pd.DataFrame(rows, columns=["recording", "path", "reason", "stage"])


def _models(folder, labels):
    rng = np.random.default_rng(1)
    (folder / "features").mkdir(exist_ok=True)
    for name in REPRESENTATIONS:
        table = pd.DataFrame(rng.normal(size=(30, 4)), columns=[f"x{i}" for i in range(4)])
        table.insert(0, "recording", labels.index[:30])
        table.insert(1, "chunk", -1)
        table.to_parquet(folder / "features" / f"{name}.parquet")
    (folder / "code").mkdir(exist_ok=True)
    history = pd.DataFrame({"epoch": [1, 2], "loss": [0.5, 0.4], "val_loss": [0.6, 0.55]})
    history.to_csv(folder / "code" / "history.csv", index=False)
    health = {"collapsed": True, "verdict": "collapsed: one code for all", "effective_rank": 0.0}
    (folder / "code" / "health.json").write_text(json.dumps(health))
