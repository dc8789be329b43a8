"""Exported models: the same predictions elsewhere, nothing executed, nothing changed unseen."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
import soundfile

import semisup
from semisup import registry
from semisup.classifiers import build_classifier, classifier
from semisup.curve.fit import Fit, LabelledRows, fit
from semisup.curve.sources import TableSource
from semisup.errors import OutputError, SemisupError, SpecError
from semisup.prediction import exported
from semisup.prediction.contents import seal_folder
from semisup.prediction.exported import export_model, load_model
from semisup.prediction.fitted import FILES, Facts, Fitted, load_fitted, save_fitted, why_not_kept
from semisup.prediction.per_class import class_scores
from semisup.prediction.system import predict_files, study_model
from semisup.stages.resolve import resolve
from semisup.study.spec import ChunkSpec, ClassifierSpec

SYSTEMS = ("svm@handcrafted", "tree@handcrafted", "random_forest@code_log")


def facts(rows: np.ndarray, n_classes: int = 3, reads_arrays: bool = False) -> Facts:
    return Facts(
        name="any@made_up",
        representation="made_up",
        representations={"made_up": {"kind": "handcrafted"}},
        chunks=ChunkSpec(),
        seed=0,
        media=("sound",),
        longest=None,
        classes=tuple("abcdefg"[:n_classes]),
        row_shape=rows.shape[1:],
        several_rows=True,
        reads_arrays=reads_arrays,
    )


#: Those that tune an encoder predict no other files: `chosen_system` says so.
KEPT = [name for name in registry.classifiers.built_in() if not classifier(name).tunes]


def fitted_on_a_small_table(name: str) -> tuple[Fitted, np.ndarray]:
    rng, entry = np.random.default_rng(0), classifier(name)
    classes = np.repeat([0, 1, 2], 6)
    parameters = {"epochs": 2} if entry.trained else {}
    shape = (18, 24, 16) if entry.network else (18, 3)
    if name == "vgg16":
        shape = (18, 32, 32, 3)
        parameters |= {"weights": "random", "head": "simple", "fine_tuning_epochs": 0}
    rows = rng.normal(size=shape).astype(np.float32 if entry.network else float)
    rows += classes.reshape(-1, *[1] * (rows.ndim - 1))
    estimator = build_classifier(ClassifierSpec(kind=name, parameters=parameters), 1)
    unlabelled = rows[::2] + 0.1 if entry.unlabelled else None
    source = TableSource(rows, rows, unlabelled)
    labelled = LabelledRows(rows, classes, np.arange(len(rows)))
    done = fit(entry, estimator, labelled, source, "standard", weighted=entry.weighted)
    return Fitted(facts(rows, reads_arrays=done.reads_arrays), done), rows


@pytest.mark.usefixtures("bases_are_forgotten")
@pytest.mark.parametrize("name", KEPT)
def test_saved_and_loaded_every_classifier_gives_the_same_to_the_bit(name, tmp_path):
    fitted, rows = fitted_on_a_small_table(name)
    assert not why_not_kept(fitted.fit)
    save_fitted(fitted, tmp_path)
    loaded = load_fitted(tmp_path)
    assert loaded.facts == fitted.facts
    assert loaded.votes == fitted.votes
    for first, again in zip(fitted.answers(rows), loaded.answers(rows), strict=True):
        assert (first is None) == (again is None)
        assert first is None or (first == again).all()


class ExecutedError(Exception):
    """Raised by code that must not run."""


class Trap:
    """What a file must not make: it says so."""

    def __init__(self) -> None:
        self.number = 1

    def __setstate__(self, state: object) -> None:
        raise ExecutedError


def test_a_type_that_is_not_trusted_is_refused_before_it_is_made(tmp_path):
    fitted, _ = fitted_on_a_small_table("svm")
    trap = Fit(fitted.fit.classifier, Trap(), False)
    assert "test_export.Trap, which no file is trusted to make" in why_not_kept(trap)
    save_fitted(Fitted(fitted.facts, trap), tmp_path)
    with pytest.raises(ExecutedError):  # what whoever trusts the file gets
        skops.io.load(tmp_path / FILES[1], trusted=["test_export.Trap"])
    with pytest.raises(SemisupError, match=r"cannot be read as a fitted system: .*Trap"):
        load_fitted(tmp_path)


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("content", [b"", b"\x80\x04\x95", b"{}", b"PK\x03\x04", b"[1, 2]"])
def test_files_that_are_no_fitted_system_are_one_sentence(tmp_path, number, content):
    save_fitted(fitted_on_a_small_table("tree")[0], tmp_path)
    (tmp_path / FILES[number]).write_bytes(content)
    with pytest.raises(SemisupError, match=f"{FILES[number]} cannot be read as a fitted system"):
        load_fitted(tmp_path)


@pytest.fixture(scope="module")
def models(tiny_copy, tmp_path_factory) -> dict[str, Path]:
    """Exported systems, moved away from where they were made."""
    made, folder = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("elsewhere")
    for system in SYSTEMS:
        shutil.move(export_model(tiny_copy, made / system, system), folder / system)
    return {system: folder / system for system in SYSTEMS}


@pytest.fixture
def copied(models, tmp_path) -> Path:
    return Path(shutil.copytree(models["random_forest@code_log"], tmp_path / "model"))


def some_files(study) -> list[str]:
    resolved = resolve(study)
    paths = resolved.manifest.set_index("recording")["path"]
    return list(paths[resolved.split.index[resolved.split == "test"][:3]])


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_model_predicts_what_the_study_does(models, tiny_copy, system):
    files = some_files(tiny_copy)
    by_study = predict_files(tiny_copy, files, system)
    by_model = semisup.load_model(models[system]).predict(files)
    pd.testing.assert_frame_equal(by_model.windows, by_study.windows)
    assert by_model.verdicts() == by_study.verdicts()
    assert by_model.about == by_study.about


def test_a_model_holds_no_path_and_no_recording_of_the_study(models, tiny_copy):
    secrets = [str(tiny_copy.out), str(tiny_copy.base), *some_files(tiny_copy), str(Path.home())]
    for folder in models.values():
        for path in (path for path in folder.rglob("*") if path.is_file()):
            contents = [path.read_bytes()]
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    contents += [archive.read(name) for name in archive.namelist()]
            for content in contents:
                assert not [secret for secret in secrets if secret.encode() in content], path


def test_the_card_says_what_how_good_and_where_it_ends(models, tiny_copy):
    text = (models["random_forest@code_log"] / "README.md").read_text()
    study = resolve(tiny_copy)
    assert "`random_forest@code_log`" in text
    for words in (*study.labels_learned.unique(), "uar (by chance", "Licence:", "scikit-learn "):
        assert words in text
    assert "A file is cut into chunks of 2.5 s; a shorter one is refused." in text
    labelled = int((study.split == "labelled").sum())
    assert f"Learned from {labelled} recordings" in text


def test_recalls_of_classes_are_those_of_the_study_within_their_intervals(tiny_copy):
    study = resolve(tiny_copy)
    told = pd.read_csv(study.folder / "per_class.csv")
    told = told[(told["percentage"] == 100) & (told["representation"] == "handcrafted")]
    told = told[told["classifier"] == "tree"].set_index("class")
    scores = class_scores(study, "tree@handcrafted")
    assert [one.name for one in scores] == list(told.index)
    for one in scores:
        assert one.recall.mean == pytest.approx(told.loc[one.name, "recall"])
        assert one.recall.low <= one.recall.mean <= one.recall.high
        assert one.precision == pytest.approx(told.loc[one.name, "precision"])
        assert one.tested * 2 == told.loc[one.name, "support"]  # two draws
    uar = pd.read_parquet(study.folder / "scores.parquet").query(
        "classifier == 'tree' and representation == 'handcrafted' and percentage == 100"
    )["uar"]
    assert np.mean([one.recall.mean for one in scores]) == pytest.approx(uar.mean())


def test_every_file_that_is_changed_removed_or_added_is_refused(copied):
    paths = [path for path in sorted(copied.rglob("*")) if path.is_file()]
    assert len(paths) == 6
    for path in paths:
        content = path.read_bytes()
        for other in (content[:-1] + bytes([content[-1] ^ 1]), content[: len(content) // 2], b""):
            path.write_bytes(other)
            with pytest.raises(SemisupError, match=path.name) as caught:
                load_model(copied)
            assert str(caught.value).count("\n") == 0
        path.unlink()
        with pytest.raises(SemisupError, match=path.name):
            load_model(copied)
        path.write_bytes(content)
    (copied / "models" / "more.keras").write_bytes(b"")
    with pytest.raises(SemisupError, match=r"more\.keras is no file of the model"):
        load_model(copied)
    (copied / "models" / "more.keras").unlink()
    (copied / ".DS_Store").write_bytes(b"")  # file managers leave it
    load_model(copied)


EVIL = "def features(signal, rate):\n    return [1.0]\n\n\nopen('executed', 'w').close()\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "evil.py:features"}, "'code_log' is of no kind of ours"),
        ({"kind": "os:system"}, "'code_log' is of no kind of ours"),
        ({"kind": ["os"]}, "'code_log' is of no kind of ours"),
        ({"kind": "hear", "module": "antigravity"}, "'code_log' runs antigravity"),
        ({"kind": "vgg16", "weights": "/etc/passwd"}, "'code_log' reads a file of this machine"),
        ({"kind": "handcrafted", "no_such": 1}, "has other options of 'handcrafted'"),
        ({"kind": "fused", "of": ["a", "b"]}, "what 'code_log' is made of is not in it"),
        ({"kind": "table", "path": "x.csv"}, "'code_log' is a table from a file"),
    ],
)
def test_a_sealed_folder_of_a_stranger_runs_nothing(copied, monkeypatch, options, sentence):
    monkeypatch.chdir(copied.parent)
    (copied.parent / "evil.py").write_text(EVIL)
    system = json.loads((copied / "system.json").read_text())
    system["representations"] = {"code_log": options}
    (copied / "system.json").write_text(json.dumps(system))
    seal_folder(copied)
    with pytest.raises(SemisupError, match=sentence):
        load_model(copied)
    assert not (copied.parent / "executed").exists()


def test_code_in_a_keras_model_is_not_run(copied, tiny_copy):
    import keras

    mark = copied.parent / "executed"
    inputs, name = keras.Input((49, 100)), str(mark)
    outputs = keras.layers.Lambda(lambda x: [open(name, "w").close(), x][1])(inputs)
    assert mark.exists()
    mark.unlink()
    path = copied / "models" / "code_log" / "encoder.keras"
    path.unlink()
    keras.Model(inputs, outputs).save(path)
    seal_folder(copied)
    with pytest.raises(SemisupError, match=r"encoder\.keras cannot be loaded as a Keras model"):
        load_model(copied).predict(some_files(tiny_copy)[:1])
    assert not mark.exists()


def test_a_classifier_that_would_write_or_read_elsewhere_is_refused(copied, tmp_path):
    facts_ = load_fitted(copied).facts
    fitted, _ = fitted_on_a_small_table("svm")
    fitted.fit.classifier.set_params(kernel=str(tmp_path))
    save_fitted(Fitted(facts_, fitted.fit), copied)
    seal_folder(copied)
    with pytest.raises(SemisupError, match="its classifier reads a file of this machine"):
        load_model(copied)


def test_other_versions_are_said(copied, capsys):
    about = json.loads((copied / "about.json").read_text())
    about["versions"]["scikit-learn"] = "0.24"
    (copied / "about.json").write_text(json.dumps(about))
    seal_folder(copied)
    load_model(copied)
    told = capsys.readouterr().err
    assert "predictions may differ: scikit-learn 0.24, here" in told
    assert "keras" not in told


def test_the_folder_of_an_export_is_new_empty_or_of_an_earlier_one(models, tiny_copy, tmp_path):
    (tmp_path / "empty").mkdir()
    first = export_model(tiny_copy, tmp_path / "empty", "tree@handcrafted")
    (first / "README.md").write_text("changed")
    again = export_model(tiny_copy, first, "tree@handcrafted")
    load_model(again)
    (tmp_path / "mine.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(OutputError, match="--output is a"):
            export_model(tiny_copy, place, "tree@handcrafted")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_what_needs_code_of_this_machine_is_not_exported(tiny_copy, monkeypatch, tmp_path):
    model = study_model(tiny_copy, "tree@handcrafted")
    monkeypatch.setattr(exported, "model_of", lambda *_: model)
    code = property(lambda _: "/home/somebody/mine.py:Loudness")
    monkeypatch.setattr(type(model.recipe.kind), "outside_code", code)
    with pytest.raises(SpecError, match=r"cannot be exported: 'handcrafted' runs mine\.py:Loud"):
        export_model(tiny_copy, tmp_path / "model")
    monkeypatch.undo()
    monkeypatch.setattr(exported, "model_of", lambda *_: model)
    monkeypatch.setattr(model.fitted.fit.classifier, "extra_", Trap(), raising=False)
    with pytest.raises(SpecError, match=r"cannot be exported: it consists of .*Trap"):
        export_model(tiny_copy, tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_the_commands_export_and_predict_without_the_study(
    command, tiny_copy, tiny_study, tmp_path, monkeypatch
):
    words = [tiny_study, "--out", tiny_copy.out, "--system", "tree@handcrafted"]
    done = command("export", *words, "-o", tmp_path / "model", "-j", 1)
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "model")), done.stderr
    soundfile.write(tmp_path / "x.wav", np.sin(np.arange(16000) / 3), 8000)
    monkeypatch.chdir(tmp_path)
    done = command("predict", "model", "x.wav", "--figures", 0, "-j", 1)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("x.wav")
    assert "tree@handcrafted of the study 'tiny'" in done.stderr
    assert (tmp_path / "predictions" / "1" / "files.csv").exists()
    assert not list((tmp_path / "model").rglob("predictions*"))
    done = command("predict", "model", "x.wav", "--system", "svm@code")
    assert "is a model of tree@handcrafted, not of 'svm@code'" in done.stderr
