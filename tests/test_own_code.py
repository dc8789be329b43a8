"""Code of the user's and of other packages: it works in a study, and fails in one sentence."""

import pickle
import shutil
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import semisup
from semisup import registry
from semisup.classifiers import build_classifier, classifier
from semisup.engine import outside
from semisup.errors import OutsideError, SpecError, TableError, UnknownNameError
from semisup.features.kinds import kind_class, kind_of
from semisup.reading import parse_study, read_study
from semisup.stages.resolve import resolve
from semisup.stages.runner import run_study
from semisup.study.spec import ClassifierSpec

FEATURES = '''
import numpy as np
import semisup


def loudness(signal, sample_rate):
    """Level and peak."""
    return np.abs(signal).mean(), np.abs(signal).max()


class Options(semisup.Options):
    bands: int = 4


class Spectrum(semisup.Representation):
    """Mean power in bands."""

    Options = Options

    def features(self, signal, sample_rate):
        power = np.abs(np.fft.rfft(signal))
        return [part.mean() for part in np.array_split(power, self.options.bands)]


class Learned(semisup.Representation):
    """How far a recording is from the mean level of the unlabelled ones."""

    models = ("mean.npy",)

    def fit(self, inputs):
        assert "label" not in inputs.recordings
        np.save(inputs.folder / "mean.npy", inputs.of_subset("unlabelled")["seconds"].mean())

    def extract(self, inputs):
        rows, mean = inputs.scored(), np.load(inputs.folder / "mean.npy")
        table = rows[["recording"]].assign(chunk=-1, distance=rows["seconds"] - mean, one=1.0)
        return table.reset_index(drop=True)


class Nearest:
    """A classifier as scikit-learn's are, without any of it."""

    def __init__(self, wrong=False):
        self.wrong = wrong

    def get_params(self, deep=True):
        return {"wrong": self.wrong}

    def set_params(self, **parameters):
        self.wrong = parameters.get("wrong", self.wrong)
        return self

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.means_ = np.stack([X[y == label].mean(axis=0) for label in self.classes_])
        return self

    def predict(self, X):
        distances = ((X[:, None] - self.means_[None]) ** 2).sum(axis=2)
        return self.classes_[distances.argmin(axis=1)][: len(X) - self.wrong]


NOT_CODE = 3
'''
STUDY = {
    "name": "outside",
    "representations": {
        "loud": {"kind": "./mine.py:loudness"},
        "bands": {"kind": "./mine.py:Spectrum", "bands": 6},
        "learned": {"kind": "./mine.py:Learned"},
    },
    "classifiers": {
        "extra": {
            "kind": "sklearn.ensemble:ExtraTreesClassifier",
            "parameters": {"n_estimators": 5},
        },
        "nearest": {"kind": "./mine.py:Nearest"},
    },
    "curve": {"classifiers": ["extra", "nearest"], "percentages": [50, 100], "draws": 2},
}


@pytest.fixture(scope="module")
def recordings(corpus) -> dict:
    """The recordings of the tiny study, as a study names them."""
    return {
        "adapter": "synthetic",
        "root": str(corpus),
        "speakers": 10,
        "recordings_per_speaker": 9,
    }


@pytest.fixture(scope="module")
def beside(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("beside")
    (folder / "mine.py").write_text(FEATURES)
    return folder


def study_of(folder: Path, recordings: dict, out: Path, **tables: dict) -> semisup.Study:
    document = {**STUDY, "corpus": recordings, **tables}
    return semisup.Study(parse_study(document, base=folder), folder, out)


@pytest.fixture(scope="module")
def finished(beside, recordings, tmp_path_factory) -> Path:
    return run_study(study_of(beside, recordings, tmp_path_factory.mktemp("files"))).folder


def test_functions_classes_and_foreign_classifiers_are_in_scores_figures_and_report(finished):
    scores = pd.read_csv(finished / "scores.csv")
    assert set(scores["representation"]) == {"loud", "bands", "learned"}
    assert set(scores["classifier"]) == {"extra", "nearest"}
    for name in ("learning_curve_extra.png", "learning_curve_nearest.png"):
        assert (finished / "figures" / name).exists()
    report = (finished / "report.html").read_text()
    assert "bands" in report
    assert "loud" in report
    assert (finished / "learned" / "mean.npy").exists()
    bands = pd.read_parquet(finished / "features" / "bands.parquet")
    assert list(bands.columns) == ["recording", "chunk", *(f"f_{n:02d}" for n in range(6))]


def test_two_processes_give_the_same_bytes(finished, beside, recordings, tmp_path):
    from semisup.engine.parallel import Workers

    study = study_of(beside, recordings, tmp_path)
    again = run_study(study, until="curve", workers=Workers(2)).folder
    for name in ("scores.csv", "predictions.parquet", "features/bands.parquet"):
        assert (again / name).read_bytes() == (finished / name).read_bytes()


def test_a_changed_file_is_made_again_and_a_moved_one_is_not(beside, recordings, tmp_path):
    shutil.copytree(beside, tmp_path / "there")
    first, moved = (resolve(study_of(place, recordings, tmp_path)).fingerprints
                    for place in (beside, tmp_path / "there"))  # fmt: skip
    assert first == moved
    with (tmp_path / "there" / "mine.py").open("a") as file:
        file.write("\n# another content\n")
    changed = resolve(study_of(tmp_path / "there", recordings, tmp_path)).fingerprints
    assert changed.data == first.data
    assert not set(changed.tables.values()) & set(first.tables.values())
    assert changed.curve != first.curve


def test_a_package_counts_by_its_version_and_the_content_of_its_module():
    import sklearn

    identity = outside.identity("sklearn.ensemble:ExtraTreesClassifier")
    assert f"scikit-learn {sklearn.__version__}" in identity


MISTAKES = {
    "return signal.no_such_thing": r"mine\.py, line 2: AttributeError: .*no_such_thing",
    "return 1 / 0": r"mine\.py, line 2: ZeroDivisionError: division by zero",
    "return [float('nan'), 1.0]": "NaN or infinity in 1 of 2 features for a signal of",
    "return [[1.0, 2.0]]": r"must return a vector of numbers .* array of shape \(1, 2\)",
    "return []": r"must return a vector of numbers .* array of shape \(0,\)",
    "return ['a', 'b']": "must return a vector of numbers .* got a list that is not one",
    "return [1.0, [2.0]]": "must return a vector of numbers .* got a list that is not one",
    "return None": r"must return a vector of numbers .* array of shape \(\)",
    "return [0.0] * (1 + len(signal) % 3)": "there must be as many for every recording",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_in_a_function_is_one_sentence(recordings, tmp_path, line):
    (tmp_path / "mine.py").write_text(f"def features(signal, sample_rate):\n    {line}\n")
    study = study_of(
        tmp_path, recordings, tmp_path, classifiers={}, curve={"classifiers": ["tree"]},
        representations={"own": {"kind": "./mine.py:features"}},
    )  # fmt: skip
    with pytest.raises((OutsideError, TableError), match=MISTAKES[line]) as error:
        run_study(study, until="features")
    assert "\n" not in str(error.value)


REFUSED = {
    "./none.py:f": r"There is no file .*none\.py",
    "./mine.py:louder": "has no 'louder'; did you mean 'loudness'",
    "./mine.py:NOT_CODE": "is not a representation: it must be a subclass",
    "no_such_package.module:X": "There is no Python module 'no_such_package",
    "./broken.py:f": r"broken\.py, line 2: SyntaxError",
    "./raises.py:f": r"raises\.py, line 1: NameError: name 'undefined'",
    "handcraftd": "did you mean 'handcrafted'",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_reference_that_cannot_be_used_is_told_with_the_other_problems(beside, recordings, kind):
    (beside / "broken.py").write_text("x = 1\ndef f(:\n")
    (beside / "raises.py").write_text("undefined\n")
    tables = {"representations": {"own": {"kind": kind}}, "classifiers": {}}
    with pytest.raises(SpecError, match=REFUSED[kind]) as error:
        study_of(beside, recordings, beside, **tables, curve={"classifiers": ["tree"], "drawz": 1})
    assert "did you mean 'draws'" in str(error.value)
    assert "Traceback" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "parameters", "sentence"),
    [
        ("sklearn.ensemble:ExtraTreesRegressor", {}, "is a regressor; a classifier is needed"),
        ("sklearn.ensemble:ExtraTrees", {}, "did you mean 'ExtraTree"),
        (
            "sklearn.preprocessing:StandardScaler",
            {},
            "it has no predict",
        ),
        ("sklearn.multioutput:ClassifierChain", {}, "cannot be made without"),
        ("./mine.py:loudness", {}, "is not a class"),
    ],
)
def test_what_is_not_a_classifier_is_refused_by_the_study_file(
    beside, recordings, kind, parameters, sentence
):
    tables = {"own": {"kind": kind, "parameters": parameters}}
    with pytest.raises(SpecError, match=sentence):
        study_of(beside, recordings, beside, classifiers=tables, curve={"classifiers": ["own"]})


def test_parameters_of_a_foreign_classifier_are_checked_and_its_state_is_set(beside):
    spec = ClassifierSpec(kind="sklearn.ensemble:ExtraTreesClassifier")
    assert build_classifier(spec, 7).get_params()["random_state"] == 7
    wrong = spec.model_copy(update={"parameters": {"n_estimator": 3}})
    with pytest.raises(SpecError, match="no parameter 'n_estimator'; did you mean 'n_estimators'"):
        build_classifier(wrong, 0)
    assert not classifier(f"{beside / 'mine.py'}:Nearest").network


def test_a_classifier_that_loses_rows_is_one_sentence(beside, recordings, tmp_path):
    tables = {"short": {"kind": "./mine.py:Nearest", "parameters": {"wrong": True}}}
    study = study_of(
        beside, recordings, tmp_path, classifiers=tables, curve={"classifiers": ["short"]},
        representations={"loud": {"kind": "./mine.py:loudness"}},
    )  # fmt: skip
    with pytest.raises(SpecError, match=r"Nearest\.predict must return one of the classes"):
        run_study(study, until="curve")
    # tried on made-up rows, before any feature is there
    assert not (study.folder / "features").exists()


def test_a_kind_from_outside_travels_to_a_process_that_has_not_loaded_it(beside):
    kind = kind_class(f"{beside / 'mine.py'}:Spectrum").of(
        kind=f"{beside / 'mine.py'}:Spectrum", bands=3
    )
    again = pickle.loads(pickle.dumps(kind))
    assert again.options == kind.options
    assert len(again.features(np.ones(64), 8000)) == 3
    sent = pickle.dumps(kind)
    for name in [name for name in sys.modules if name.startswith(outside.PREFIX)]:
        del sys.modules[name]
    assert pickle.loads(sent).options.bands == 3


def test_entry_points_are_entries_and_are_listed(beside, monkeypatch, command):
    monkeypatch.syspath_prepend(str(beside))
    point = EntryPoint("my_embedding", "mine:Spectrum", "semisup.representations")
    monkeypatch.setitem(vars(registry.representations), "from_outside", {"my_embedding": point})
    assert "my_embedding" in registry.representations.names()
    options = kind_class("my_embedding").Options.model_validate({"kind": "my_embedding"})
    assert kind_of(options).options.bands == 4
    assert "mine:Spectrum" in command("list", "representations").stdout
    with pytest.raises(UnknownNameError, match="did you mean 'my_embedding'"):
        kind_class("my_embeding")


CORPUS = '''
import semisup
from semisup.corpora import audio_files, scan_table


class Recordings(semisup.Corpus):
    """Everything in a folder, the first letter its class."""

    labels = ("letter",)

    def scan(self, root):
        paths = audio_files(root)
        return scan_table(
            {"path": p, "label": p.split("_")[3], "speaker": p.split("/")[0]} for p in paths
        )
'''


def test_a_corpus_of_ones_own(recordings, tmp_path):
    (tmp_path / "mine.py").write_text(CORPUS)
    (tmp_path / "study.toml").write_text(
        f'name = "own"\n[corpus]\nadapter = "./mine.py:Recordings"\nroot = "{recordings["root"]}"\n'
    )
    folder = run_study(read_study(tmp_path, tmp_path / "files"), until="split").folder
    manifest = pd.read_parquet(folder / "manifest.parquet")
    assert set(manifest["label"]) == {"negative", "neutral", "positive"}
    assert manifest["speaker"].nunique() == 10
