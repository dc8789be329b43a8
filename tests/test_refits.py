"""Kinds fitted anew in every cell, and classifiers that see unlabelled rows, in a whole study."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import semisup
from semisup import read_study
from semisup.curve import refits
from semisup.curve.plan import plan
from semisup.engine.artefacts import fingerprint
from semisup.stages import curve, refit
from semisup.stages.resolve import resolve
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.runner import run_study
from semisup.study.spec import CurveSpec

STUDY = """
name = "tiny"
[corpus]
adapter = "synthetic"
root = "ROOT"
speakers = 10
recordings_per_speaker = 9
[split]
strategy = "quota"
per_class = { labelled = 9, test = 9, unlabelled = "rest" }
[chunks]
chunk_samples = 20000
[representations.handcrafted]
kind = "handcrafted"
[representations.pieces]
kind = "pooled_waveform"
sample_rate = 8000
piece_samples = 4000
[representations.pooled]
kind = "pooled"
of = "pieces"
pooling = "mean_std"
[representations.soft]
kind = "deep_softmax"
sample_rate = 8000
piece_samples = 4000
epochs = 2
output = "code"
[representations.logits]
kind = "deep_softmax"
sample_rate = 8000
piece_samples = 4000
epochs = 2
output = "logits"
[curve]
representations = ["handcrafted", "pooled", "soft", "logits", "handcrafted+pieces"]
classifiers = ["knn", "self_training_tree", "argmax"]
only.argmax = ["logits"]
percentages = [30, 100]
draws = 2
scale = "none"
[compare]
resamples = 200
"""
TABLES = ("scores.csv", "predictions.parquet", "comparison.csv", "features/soft.parquet")


@pytest.fixture(scope="module")
def file(corpus, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(STUDY.replace("ROOT", str(corpus)))
    return path


@pytest.fixture(scope="module")
def done(file, tmp_path_factory) -> Path:
    return semisup.run(file, until="compare", out=tmp_path_factory.mktemp("files")).folder


@pytest.fixture(scope="module")
def study(file, done) -> ResolvedStudy:
    return resolve(read_study(file, done.parent))


@pytest.fixture(scope="module")
def task(study) -> refits.RefitTask:
    """The fit of the small budget of the first draw, as the learning curve asks for it."""
    asked = []

    def note(_, fits, *__) -> list[Path]:
        asked.extend(fits)
        return [Path(f"{number}.npz") for number in range(len(fits))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refit, "map_to_parts", note)
        refit.with_fits(study, curve.experiment(study), study.folder)
    assert len(asked) == 2 * 2
    return asked[0]


def fitted_to(task: refits.RefitTask, path: Path) -> dict[str, np.ndarray]:
    refits.run_refit(task, path)
    with np.load(path) as part:
        return {name: part[name] for name in part.files if name != "seconds"}


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(first[name], second[name]) for name in first)


def test_every_system_that_is_asked_for_has_scores(done):
    scores = pd.read_csv(done / "scores.csv")
    systems = scores.groupby("classifier")["representation"].unique()
    assert systems["argmax"].tolist() == ["logits"]
    assert systems["knn"].tolist() == [
        "handcrafted", "pooled", "soft", "logits", "handcrafted+pieces",
    ]  # fmt: skip
    assert len(scores) == 2 * 2 * (5 + 5 + 1)


def test_the_mean_of_the_classifiers_is_over_those_that_all_have(done):
    summary = pd.read_csv(done / "summary.csv")
    comparison = pd.read_csv(done / "comparison.csv", low_memory=False)
    rows = comparison[(comparison["classifier"] == "mean") & (comparison["metric"] == "uar")]
    level = rows[(rows["statistic"] == "chance") & (rows["representation_a"] == "logits")]
    at = summary[(summary["metric"] == "uar") & (summary["representation"] == "logits")]
    wanted = at[at["classifier"] != "argmax"].groupby("percentage")["mean"].mean()
    found = level.dropna(subset="percentage").set_index("percentage")["value"]
    np.testing.assert_allclose(found, wanted - 1 / 3, atol=1e-9)


def test_outputs_of_one_training_share_their_fits(study, done):
    assert study.owners["logits"] == "soft"
    assert not (done / "logits").exists()
    assert (done / "soft" / "encoder.keras").exists()


@pytest.mark.slow  # each process loads TensorFlow
def test_a_second_run_and_two_processes_give_the_same_tables(file, done, tmp_path):
    again = semisup.run(file, until="compare", jobs=2, out=tmp_path)
    for name in TABLES:
        assert (again / name).read_bytes() == (done / name).read_bytes(), name


def test_a_parent_outside_of_the_curve_is_made_too(done):
    fused = pd.read_parquet(done / "features" / "handcrafted+pieces.parquet")
    assert (fused["chunk"] == -1).all()
    assert fused.shape[1] == 2 + 136 + 2 * 100
    assert (done / "features" / "pieces.parquet").exists()


def test_unlabelled_recordings_have_features_where_a_classifier_uses_them(study, done):
    table = pd.read_parquet(done / "features" / "handcrafted.parquet")
    subsets = set(table["recording"].map(study.split))
    assert subsets == {"labelled", "test", "unlabelled"}
    planned = curve.experiment(study)
    for task in planned.tasks:
        seen = task.source.unlabelled() is not None
        assert seen == (task.system.classifier == "self_training_tree")


def test_a_fit_is_handed_no_label_outside_of_its_budget(study, task):
    inside = task.classes >= 0
    assert 0 < inside.sum() < len(inside)
    planned = curve.experiment(study)
    member = next(t for t in planned.tasks if t.system.representation == "soft")
    assert (task.classes[inside] == member.labelled.classes[inside]).all()


def test_rows_outside_of_the_budget_do_not_touch_a_fit(study, task, tmp_path):
    x = np.load(task.rows)
    whole = fitted_to(task, tmp_path / "a.npz")
    row_classes = task.classes[task.owner]
    hidden = np.concatenate([task.labelled[row_classes < 0], task.test])
    x[hidden] = np.random.default_rng(0).normal(size=x[hidden].shape)
    np.save(tmp_path / "noise.npy", x)
    noisy = fitted_to(task._replace(rows=tmp_path / "noise.npy"), tmp_path / "b.npz")
    inside = row_classes >= 0
    for name in ("labelled_code", "labelled_logits"):
        assert np.array_equal(whole[name][inside], noisy[name][inside])
        assert not np.array_equal(whole[name][~inside], noisy[name][~inside])
    assert np.array_equal(whole["unlabelled_code"], noisy["unlabelled_code"])


@pytest.mark.slow
def test_unlabelled_rows_and_labels_do_touch_it(task, tmp_path):
    whole = fitted_to(task, tmp_path / "a.npz")
    fewer = fitted_to(task._replace(unlabelled=task.unlabelled[:5]), tmp_path / "b.npz")
    inside = task.classes >= 0
    swapped = np.where(inside, (task.classes + 1) % 3, -1)
    other = fitted_to(task._replace(classes=swapped), tmp_path / "c.npz")
    assert not np.array_equal(whole["test_code"], fewer["test_code"])
    assert not np.array_equal(whole["test_code"], other["test_code"])
    assert same(whole, fitted_to(task, tmp_path / "d.npz"))


@pytest.mark.slow
def test_a_restart_repeats_no_fit(file, done, tmp_path, monkeypatch):
    copied = shutil.copytree(done.parent, tmp_path / "files")
    again = resolve(read_study(file, copied))
    for name in ("scores.parquet", "scores.csv"):
        (copied / "tiny" / name).unlink()
    planned = curve.experiment(again)
    folder = again.parts("curve", again.fingerprints.curve)
    with_fits = refit.with_fits(again, planned, folder)
    for task in with_fits.tasks:
        seen = task.source.at(0).unlabelled() is not None
        assert seen == (task.system.classifier == "self_training_tree")

    def never(*_):
        pytest.fail("a finished fit was repeated")

    monkeypatch.setattr(refits, "run_refit", never)
    assert run_study(again, until="curve").folder == copied / "tiny"
    assert (copied / "tiny" / "scores.csv").read_bytes() == (done / "scores.csv").read_bytes()


def test_a_seed_depends_on_training_budget_and_draw_alone(study):
    soft, logits = study.kinds["soft"].options, study.kinds["logits"].options
    assert refits.fit_seed(0, soft, 30, 1) == refits.fit_seed(0, logits, 30.0, 1)
    seeds = {refits.fit_seed(s, soft, p, d) for s in (0, 1) for p in (30, 100) for d in (0, 1)}
    assert len(seeds) == 8
    assert max(seeds) < 2**31


def test_a_classifier_that_needs_unlabelled_rows_gets_them_from_the_table():
    names = [f"r{number}" for number in range(12)]
    table = pd.DataFrame({"recording": names, "chunk": -1, "x": np.arange(12.0)})
    manifest = pd.DataFrame({"recording": names, "label": ["a", "b"] * 6})
    split = pd.Series(["labelled"] * 4 + ["test"] * 4 + ["unlabelled"] * 4, index=names)
    spec = CurveSpec(classifiers=["label_spreading", "knn"], percentages=[100], draws=1)
    first, second = plan({"t": table}, manifest, split, spec, 0).tasks
    assert first.source.unlabelled().ravel().tolist() == [8, 9, 10, 11]
    assert second.source.unlabelled() is None


def test_fingerprints_of_trainings_leave_the_output_out(study):
    soft, logits = study.kinds["soft"].options, study.kinds["logits"].options
    assert set(study.fingerprints.refits) == {"soft"}
    assert fingerprint(refits.training_options(soft)) == fingerprint(
        refits.training_options(logits)
    )
