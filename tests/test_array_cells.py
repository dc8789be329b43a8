"""Cells on arrays: networks that are given lazy rows, other classifiers, and whole studies."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import zarr
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier

from semisup import Classifier
from semisup.classifiers import classifier
from semisup.curve import cells
from semisup.curve.cells import run_task
from semisup.curve.fit import Fit, LabelledRows, fit
from semisup.curve.gather import gather_predictions, gather_scores
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.curve.sources import ArraySource, TableSource
from semisup.curve.task import budget, cell_seed
from semisup.engine.parallel import Workers
from semisup.errors import SpecError, TableError
from semisup.features import arrays as array_rows
from semisup.features.arrays import ArrayRows, Arrays, flattened, row_numbers
from semisup.figures.catalogue import plot_scores
from semisup.reading.file import parse_study
from semisup.stages import arrays as stage
from semisup.stages.resolve import resolve
from semisup.stages.runner import run_study
from semisup.study.spec import ClassifierSpec, CurveSpec
from semisup.study.study import Study

CLASSES = ("a", "b", "c")


class NearestMean(BaseEstimator):
    """What a network looks like from outside: reads rows by position, a few at a time."""

    seen: list = []  # noqa: RUF012

    def __init__(self, random_state=0, batch_size=4):
        self.random_state, self.batch_size = random_state, batch_size

    def fit(self, X, y, groups=None):
        assert isinstance(X, ArrayRows)
        assert len(X) == len(y) == len(groups)
        NearestMean.seen.append(SimpleNamespace(state=self.random_state, X=X, y=y, groups=groups))
        self.classes_ = np.unique(y)
        sums = np.zeros((len(self.classes_), *X.shape[1:]))
        order = np.random.default_rng(self.random_state).permutation(len(X))
        for part in np.array_split(order, max(1, len(X) // self.batch_size)):
            np.add.at(sums, np.searchsorted(self.classes_, y[part]), X[part])
        counts = np.array([(y == number).sum() for number in self.classes_])
        self.means_ = sums.reshape(len(counts), -1) / counts[:, None]
        measures = ("loss", "val_loss", "accuracy", "val_accuracy", "learning_rate")
        self.history_ = pd.DataFrame({"epoch": [1], **{name: [0.5] for name in measures}})
        return self

    def predict_proba(self, X):
        rows = np.concatenate([X[np.array([i])].reshape(1, -1) for i in range(len(X))])
        far = ((rows[:, None] - self.means_) ** 2).mean(axis=2)
        near = np.exp(far.min(axis=1, keepdims=True) - far)
        return near / near.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class Network(Classifier):
    """What a study finds by the reference below; worker processes import it, too."""

    network = trained = True

    def build(self, random_state):
        return NearestMean(random_state)


REFERENCE = f"{__name__}:Network"
KINDS = {"nearest_mean": ClassifierSpec(kind=REFERENCE)}


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(NearestMean, "seen", [])
    # beside a Keras that other tests have loaded it takes most of a second
    monkeypatch.setattr(cells.gc, "collect", lambda: 0)
    return NearestMean.seen


def made(folder: Path, noise=0.7, seed=0):
    """Make an array of three rows a recording, stored out of order, and all that `plan` takes."""
    rng = np.random.default_rng(seed)
    names = [f"r{i:02d}" for i in range(42)]
    labels = [CLASSES[i % 3] for i in range(42)]
    manifest = pd.DataFrame({"recording": names, "label": labels})
    split = pd.Series(["labelled"] * 24 + ["test"] * 12 + ["unlabelled"] * 6, index=names)
    owner = rng.permutation(np.repeat(np.arange(42), 3))
    truth = np.array([CLASSES.index(label) for label in labels])[owner]
    values = noise * rng.normal(size=(126, 3, 5)) + np.eye(3)[truth][:, :, None]
    store = folder / "it.zarr"
    array = zarr.create_array(store, shape=values.shape, chunks=(4, 3, 5), dtype="float32")
    array[:] = values
    index = pd.DataFrame({"recording": np.array(names)[owner]})
    index["chunk"] = index.groupby("recording").cumcount().astype(np.int32)
    return values.astype(np.float32), index, manifest, split, store


def planned(folder, spec, pooled=False, **how):
    _, index, manifest, split, store = made(folder, **how)
    arrays = {"it": Arrays(store, pooled)}
    return plan({"it": row_numbers(index)}, manifest, split, spec, 3, KINDS, arrays)


SPEC = CurveSpec(classifiers=["nearest_mean", "tree"], percentages=[10, 50, 100], draws=2)


def test_a_network_gets_lazy_rows_their_classes_and_recordings(network, tmp_path):
    values, index, manifest, _, _ = made(tmp_path / "same")
    experiment = planned(tmp_path, SPEC.model_copy(update={"classifiers": ["nearest_mean"]}))
    run_cells(experiment, tmp_path / "parts", Workers())
    assert len(network) == 2 * 3
    labels = manifest.set_index("recording")["label"]
    for number, seen in enumerate(network):
        task, percentage = experiment.tasks[number // 3], (10.0, 50.0, 100.0)[number % 3]
        chosen = budget(task.order, task.labelled.classes, percentage)
        assert set(seen.groups) == set(chosen)
        assert len(seen.X) == 3 * len(chosen)
        owners = [experiment.labelled[owner] for owner in seen.groups]
        assert index.loc[seen.X.numbers, "recording"].tolist() == owners
        assert [CLASSES[label] for label in seen.y] == labels[owners].tolist()
        np.testing.assert_array_equal(seen.X[np.arange(len(seen.X))], values[seen.X.numbers])
        assert seen.state == cell_seed(3, "it", "nearest_mean", percentage, task.draw)


@pytest.mark.slow
def test_two_processes_give_the_same_parts_as_one(network, tmp_path):
    experiment = planned(tmp_path, SPEC)
    one = run_cells(experiment, tmp_path / "one", Workers(1))
    two = run_cells(experiment, tmp_path / "two", Workers(2))
    pd.testing.assert_frame_equal(gather_scores(experiment, one), gather_scores(experiment, two))
    for first, second in zip(
        gather_predictions(experiment, one), gather_predictions(experiment, two), strict=True
    ):
        pd.testing.assert_frame_equal(first, second)


def test_clear_classes_are_found_and_noise_is_not(network, tmp_path):
    scores = {}
    for name, noise in (("clear", 0.05), ("noise", 50.0)):
        (tmp_path / name).mkdir()
        experiment = planned(tmp_path / name, SPEC, noise=noise)
        parts = run_cells(experiment, tmp_path / name / "parts", Workers())
        scores[name] = gather_scores(experiment, parts)
    assert (scores["clear"]["uar"] == 1).all()
    assert scores["noise"]["uar"].mean() < 0.6


def test_every_row_of_the_test_recordings_is_scored(network, tmp_path):
    for unit, n_rows in (("recording", 12), ("chunk", 36)):
        spec = SPEC.model_copy(update={"unit": unit})
        (tmp_path / unit).mkdir()
        experiment = planned(tmp_path / unit, spec)
        parts = run_cells(experiment, tmp_path / unit / "parts", Workers())
        for table in gather_predictions(experiment, parts):
            assert len(table) == 3 * n_rows


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("scale", ["standard", "none"])
def test_another_classifier_scores_what_it_scores_on_the_flattened_table(tmp_path, pooled, scale):
    values, index, manifest, split, _ = made(tmp_path / "same")
    flat = values.reshape(len(values), -1)
    if pooled:
        flat = np.hstack([values.mean(axis=2, dtype=float), values.std(axis=2, dtype=float)])
    table = pd.concat([index, pd.DataFrame(flat.astype(np.float32)).add_prefix("f")], axis=1)
    names = ["knn", "tree", "svm", "label_spreading"]
    spec = SPEC.model_copy(update={"classifiers": names, "scale": scale})
    plain = plan({"it": table}, manifest, split, spec, 3)
    lazy = planned(tmp_path, spec, pooled)
    parts = [
        run_cells(experiment, tmp_path / name, Workers())
        for name, experiment in (("plain", plain), ("lazy", lazy))
    ]
    pd.testing.assert_frame_equal(
        *(gather_scores(e, p) for e, p in zip((plain, lazy), parts, strict=True))
    )


def test_a_classifier_without_probabilities_votes(tmp_path):
    _, index, _, _, store = made(tmp_path)
    rows = Arrays(store).rows(index.index)
    assert Fit(RandomForestClassifier(3), None, reads_arrays=False).has_probabilities
    fitted = fitted_svm(Arrays(store))
    assert not fitted.has_probabilities
    assert fitted.probabilities(rows, 3) is None
    assert fitted.predict(rows).shape == (126,)


def fitted_svm(arrays: Arrays) -> Fit:
    svm, numbers = classifier("svm"), np.arange(126)
    source = ArraySource(arrays, TableSource(numbers, numbers))
    labelled = LabelledRows(source.test(), numbers % 3, numbers)
    return fit(svm, svm.build(0), labelled, source, "standard")


def test_no_more_than_a_batch_is_in_memory_where_rows_are_told_apart(tmp_path, monkeypatch):
    _, index, _, _, store = made(tmp_path)
    rows, read, sizes = Arrays(store).rows(index.index), ArrayRows.__getitem__, []

    def counted(self, positions):
        values = read(self, positions)
        sizes.append(len(values))
        return values

    monkeypatch.setattr(ArrayRows, "__getitem__", counted)
    monkeypatch.setattr(array_rows, "BATCH", 10)
    table = flattened(rows)
    assert table.shape == (126, 15)
    assert sizes == [10] * 12 + [6]
    pooled = Arrays(store, pooled=True)
    fitted = fitted_svm(pooled)
    sizes.clear()
    few = fitted.predict(pooled.rows(index.index))
    assert max(sizes) == 10
    monkeypatch.setattr(array_rows, "BATCH", 1000)
    np.testing.assert_array_equal(few, fitted.predict(pooled.rows(index.index)))


def test_noise_in_the_place_of_test_and_later_rows_changes_no_fit(network, tmp_path):
    spec = SPEC.model_copy(update={"classifiers": ["nearest_mean"], "percentages": [50.0]})
    experiment = planned(tmp_path, spec)
    task = experiment.tasks[0]
    run_task(task, tmp_path / "before.npz")
    fitted = network[-1]
    before = fitted.X[np.arange(len(fitted.X))]
    others = np.setdiff1d(np.arange(126), fitted.X.numbers)
    array = zarr.open_array(task.source.arrays.store)
    array.oindex[others] = np.random.default_rng(1).normal(size=(len(others), 3, 5))
    run_task(task, tmp_path / "after.npz")
    np.testing.assert_array_equal(network[-1].X[np.arange(len(before))], before)
    with np.load(tmp_path / "before.npz") as a, np.load(tmp_path / "after.npz") as b:
        assert not np.array_equal(a["of_probabilities"], b["of_probabilities"])


def test_the_memory_of_a_network_is_given_back(network, tmp_path, monkeypatch):
    collected = []
    monkeypatch.setattr(cells.gc, "collect", lambda: collected.append(1))
    experiment = planned(tmp_path, SPEC)
    run_cells(experiment, tmp_path / "parts", Workers())
    assert len(collected) == 2 * 3  # of twelve cells those of the network


def test_a_misspelt_parameter_of_a_network_is_named(network, tmp_path):
    kinds = {"nearest_mean": ClassifierSpec(kind=REFERENCE, parameters={"batch_sizes": 3})}
    _, index, manifest, split, store = made(tmp_path)
    tables, arrays = {"it": row_numbers(index)}, {"it": Arrays(store)}
    task = plan(tables, manifest, split, SPEC, 0, kinds, arrays).tasks[0]
    with pytest.raises(SpecError, match="no parameter 'batch_sizes'; did you mean 'batch_size'"):
        run_task(task, tmp_path / "part.npz")


def test_a_network_on_a_feature_table_is_one_sentence(network, tmp_path):
    _, index, manifest, split, _ = made(tmp_path)
    table = index.assign(x=1.0)
    with pytest.raises(SpecError, match=r"'nearest_mean' is a network on arrays .* 'plain' is a"):
        plan({"plain": table}, manifest, split, SPEC, 0, KINDS)
    only = SPEC.model_copy(update={"only": {"nearest_mean": []}})
    tasks = plan({"plain": table}, manifest, split, only, 0, KINDS).tasks
    assert {task.system.classifier for task in tasks} == {"tree"}


STUDY = {
    "name": "tiny",
    "corpus": {"adapter": "synthetic", "speakers": 10, "recordings_per_speaker": 9},
    "split": {
        "strategy": "quota",
        "per_class": {"labelled": 9, "test": 9, "unlabelled": "rest"},
    },
    "representations": {
        "handcrafted": {"kind": "handcrafted"},
        "mel": {
            "kind": "mel_spectrogram",
            "sample_rate": 8000,
            "window_seconds": 0.5,
            "step_seconds": 0.5,
            "n_fft": 512,
            "hop_length": 256,
            "n_mels": 16,
        },
    },
    "classifiers": {"nearest_mean": {"kind": REFERENCE}},
    "curve": {
        "classifiers": ["nearest_mean", "tree"],
        "only": {"nearest_mean": ["mel", "pooled"]},
        "percentages": [30, 100],
        "draws": 2,
    },
    "compare": {"resamples": 200},
}
STUDY["representations"]["pooled"] = STUDY["representations"]["mel"] | {"pooling": "mean_std"}


@pytest.fixture
def study(network, tmp_path) -> Study:
    return Study(parse_study(STUDY), out=tmp_path)


@pytest.mark.parametrize(
    ("table", "keys", "sentence"),
    [
        ("curve", {"only": {}}, r"'handcrafted' is a feature table; .* only.nearest_mean"),
        (
            "representations",
            {"both": {"kind": "fused", "of": ["handcrafted", "mel"]}},
            "'mel' is arrays; it has no feature table",
        ),
    ],
)
def test_a_study_that_cannot_work_is_refused_at_once(network, table, keys, sentence):
    with pytest.raises(SpecError, match=sentence):
        parse_study(STUDY | {table: STUDY[table] | keys})


@pytest.mark.slow
def test_a_whole_study_of_arrays_and_a_table(study, tmp_path):
    done = run_study(study)
    folder = done.folder
    scores = pd.read_csv(folder / "scores.csv")
    systems = set(zip(scores["classifier"], scores["representation"], strict=True))
    assert systems == {
        ("nearest_mean", "mel"),
        ("nearest_mean", "pooled"),
        ("tree", "handcrafted"),
        ("tree", "mel"),
        ("tree", "pooled"),
    }
    index = pd.read_parquet(folder / "features" / "mel.parquet")
    array = zarr.open_array(folder / "features" / "mel.zarr", mode="r")
    assert list(index.columns) == ["recording", "chunk"]
    assert array.shape == (len(index), 16, 16)
    assert array.dtype == np.float32
    # representations that differ in the pooling share one array
    assert not (folder / "features" / "pooled.zarr").exists()
    assert stage.of_study(done)["pooled"] == Arrays(folder / "features" / "mel.zarr", True)
    # the projection shows the feature table alone
    assert (folder / "figures" / "projection.png").exists()
    assert (folder / "report.html").exists()
    assert not (folder / ".parts").exists()
    _again(study, folder, tmp_path / "other")


def _again(study, folder, other):
    """Run again, and elsewhere: nothing is made anew, the bytes are the same."""
    names = ("scores.csv", "predictions.parquet", "features/mel.parquet", "report.html")
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    run_study(Study(study.spec, out=study.out))
    assert {path: path.stat().st_mtime_ns for path in times} == times
    elsewhere = run_study(Study(study.spec, out=other), until="compare")
    for name in names[:3]:
        assert (elsewhere.folder / name).read_bytes() == (folder / name).read_bytes(), name


def test_fingerprints_of_arrays_leave_the_pooling_out_and_those_of_the_curve_do_not(
    network, tmp_path
):
    def fingerprints(**keys):
        mel = STUDY["representations"]["mel"] | keys
        spec = STUDY | {"representations": {"mel": mel}}
        spec["curve"] = STUDY["curve"] | {"only": {"nearest_mean": ["mel"]}}
        return resolve(Study(parse_study(spec), out=tmp_path)).fingerprints

    plain, pooled = fingerprints(), fingerprints(pooling="mean_std")
    coarse = fingerprints(n_mels=8)
    assert plain.tables["mel", 0] == pooled.tables["mel", 0]
    assert plain.curve != pooled.curve
    assert coarse.tables["mel", 0] != plain.tables["mel", 0]
    both = resolve(Study(parse_study(STUDY), out=tmp_path))
    assert both.owners["pooled"] == "mel"
    assert both.fingerprints.tables["pooled", 0] == both.fingerprints.tables["mel", 0]


@pytest.mark.slow
def test_a_study_of_arrays_alone_has_a_report_without_projection(network, tmp_path):
    spec = STUDY | {
        "representations": {"mel": STUDY["representations"]["mel"]},
        "curve": STUDY["curve"] | {"classifiers": ["tree"], "only": {}},
    }
    folder = run_study(Study(parse_study(spec), out=tmp_path)).folder
    assert (folder / "report.html").exists()
    assert not (folder / "figures" / "projection.png").exists()
    with pytest.raises(TableError, match="these representations are arrays"):
        plot_scores(folder / "scores.csv", tmp_path / "p.png", kind="projection")
