"""One's own audio: what the study's cells say of its recordings is what `semisup predict` says."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import BadAudioError, OutputError, SpecError, TableError, UnknownNameError
from semisup.figures import prediction as drawn
from semisup.figures.prediction import mel_picture, plot_prediction, shares
from semisup.prediction import files as own_audio
from semisup.prediction import fitting, model
from semisup.prediction import output as prediction_results
from semisup.prediction import system as prediction
from semisup.prediction.inputs import files_of
from semisup.prediction.system import predict_files
from semisup.prediction.verdicts import Predictions, verdicts
from semisup.reading import read_study
from semisup.recordings.audio import load
from semisup.signals.framing import rolling_windows
from semisup.stages.resolve import resolve
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.runner import run_study
from semisup.study.study import Study

STUDY = """
name = "own"
[corpus]
adapter = "synthetic"
root = "ROOT"
speakers = 10
recordings_per_speaker = 9
[split]
strategy = "quota"
per_class = { labelled = 9, test = 9, unlabelled = "rest" }
[chunks]
chunk_samples = 12000
[representations.handcrafted]
kind = "handcrafted"
[representations.by_speaker]
kind = "handcrafted"
speaker_normalisation = "mean"
[representations.side_by_side]
kind = "mfcc"
embedding = "timestamps"
[representations.mel]
kind = "mel_spectrogram"
sample_rate = 8000
window_seconds = 0.5
step_seconds = 0.25
n_fft = 512
hop_length = 256
n_mels = 16
pooling = "mean_std"
[representations.both]
kind = "fused"
of = ["handcrafted", "by_speaker"]
[classifiers.one]
kind = "knn"
parameters = { n_neighbors = 1 }
[classifiers.small]
kind = "cnn_2d"
parameters = { epochs = 3, filters = 8, blocks = 2 }
[classifiers.layer]
kind = "encoder_classifier"
parameters = { epochs = 3 }
[curve]
classifiers = ["one", "tree", "random_forest", "svm", "small", "layer"]
percentages = [50, 100]
draws = 1
[curve.only]
one = ["mel", "handcrafted"]
random_forest = ["mel", "handcrafted"]
svm = ["mel"]
small = ["mel"]
layer = ["handcrafted"]
"""


@pytest.fixture(scope="module")
def study(corpus, tmp_path_factory) -> ResolvedStudy:
    folder = tmp_path_factory.mktemp("own")
    (folder / "study.toml").write_text(STUDY.replace("ROOT", str(corpus)))
    return run_study(read_study(folder, folder / "files"), until="curve")


def recordings(study: ResolvedStudy, subset: str) -> pd.DataFrame:
    rows = study.manifest.set_index("recording")
    return rows.loc[study.split.index[study.split == subset]]


def cell(study: Study, system: str) -> pd.DataFrame:
    """Return the predictions of the cell of all labels and draw 0."""
    table = pd.read_parquet(study.folder / "predictions.parquet")
    classifier, representation = system.split("@")
    rows = table[
        (table["representation"] == representation)
        & (table["classifier"] == classifier)
        & (table["percentage"] == 100)
        & (table["draw"] == 0)
    ]
    return rows.set_index(rows["recording"].astype(str))


def said_by_the_cells(study: Study, system: str) -> dict[str, str]:
    """Return the class that the cell predicts for each test recording."""
    classes = sorted(recordings(study, "labelled")["label"].unique())
    return {name: classes[place] for name, place in cell(study, system)["predicted"].items()}


SYSTEMS = (
    *("random_forest@mel", "svm@mel", "random_forest@handcrafted"),
    *("small@mel", "layer@handcrafted"),
)


@pytest.mark.parametrize("system", SYSTEMS)
def test_test_recordings_get_the_classes_that_the_cell_gave_them(study, system):
    test = recordings(study, "test")
    found = predict_files(study, test["path"], system)
    told = found.verdicts()
    assert {r: told[p].mean for r, p in test["path"].items()} == said_by_the_cells(study, system)
    assert found.votes == system.startswith("svm")
    if not found.votes:
        # longer files are cut into parts where a whole recording is a row
        whole = test.index[test["seconds"] <= recordings(study, "labelled")["seconds"].max()]
        assert len(whole) > 5
        own = [told[test["path"][name]].mean_probability for name in whole]
        expected = cell(study, system)["probability"].loc[whole]
        np.testing.assert_allclose(own, expected, rtol=1e-5)


def test_chunks_of_a_trained_encoder_get_the_classes_that_the_cell_gave_them(tiny_copy):
    study = resolve(tiny_copy)
    test = recordings(study, "test")
    system = "random_forest@code_log"
    found = predict_files(study, test["path"], system)
    own = {r: found.verdicts()[path].mean for r, path in test["path"].items()}
    assert own == said_by_the_cells(study, system)
    assert (found.windows["end"] - found.windows["start"] == 20000 / 8000).all()


@pytest.mark.parametrize("system", ["one@mel", "one@handcrafted", "tree@mel"])
def test_labelled_files_are_what_they_were_labelled(study, system):
    labelled = recordings(study, "labelled")[::4]
    found = predict_files(study, labelled["path"], system)
    for _, row in labelled.iterrows():
        verdict = found.verdicts()[row["path"]]
        assert verdict == (row["label"], 1.0, row["label"], 1.0)


def test_the_same_answers_again_and_whatever_else_is_asked(study):
    paths = list(recordings(study, "test")["path"][:3])
    first, again = (predict_files(study, paths, "random_forest@mel") for _ in range(2))
    pd.testing.assert_frame_equal(first.windows, again.windows)
    alone = predict_files(study, paths[1:2], "random_forest@mel")
    part = first.files()[paths[1]].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.windows, part)


@pytest.mark.parametrize("system", ["random_forest@mel", "small@mel", "svm@mel"])
def test_what_was_fitted_is_kept_until_something_changes(study, monkeypatch, capsys, system):
    path = recordings(study, "test")["path"].iloc[0]
    first = predict_files(study, [path], system)
    monkeypatch.setattr(fitting, "fit_cell", lambda *_: pytest.fail("fitted again"))
    kept = predict_files(study, [path], system)
    pd.testing.assert_frame_equal(kept.windows, first.windows)
    assert (kept.decisions is None) == (first.decisions is None)
    monkeypatch.undo()
    (study.folder / "fitted" / system / "fitted.skops").write_bytes(b"damaged")
    capsys.readouterr()
    again = predict_files(study, [path], system)
    pd.testing.assert_frame_equal(again.windows, first.windows)
    assert f"{system} is fitted again" in capsys.readouterr().err
    monkeypatch.setattr(fitting, "versions", dict)
    predict_files(study, [path], system)
    assert f"fitting {system} on" in capsys.readouterr().err


def test_a_study_that_may_not_be_written_predicts_all_the_same(study, monkeypatch, capsys):
    def refuse(*_):
        raise OutputError("fitted cannot be written: Read-only file system")

    monkeypatch.setattr(fitting, "save_fitted", refuse)
    path = recordings(study, "test")["path"].iloc[0]
    assert list(predict_files(study, [path], "tree@handcrafted").files()) == [path]
    assert "tree@handcrafted is not kept: fitted cannot be written" in capsys.readouterr().err


def test_the_head_says_what_the_system_is_and_what_is_expected_of_it(study, capsys):
    predictions = predict_files(study, recordings(study, "test")["path"][:1], "one@mel")
    told = capsys.readouterr().err
    scores = pd.read_parquet(study.folder / "scores.parquet")
    chosen = scores[
        (scores["representation"] == "mel")
        & (scores["classifier"] == "one")
        & (scores["percentage"] == 100)
    ]
    assert "one@mel of the study 'own'" in told
    assert f"uar {chosen['uar'].mean():.2f}".replace("0.", ".") in told
    labelled = recordings(study, "labelled")
    assert f"{len(labelled)} recordings of {labelled['speaker'].nunique()} speakers" in told
    assert predictions.about.scores["uar"].mean == pytest.approx(chosen["uar"].mean())
    # one draw has no interval over draws
    assert predictions.about.scores["uar"].low is None


def test_folders_and_patterns_are_their_recordings_each_once(tmp_path, capsys):
    for name in ("b.wav", "a.flac", "deep/er/c.WAV", "notes.txt", ".hidden.wav", "deep/.d/e.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("not looked into")
    there = [tmp_path / name for name in ("a.flac", "b.wav", "deep/er/c.WAV")]
    assert files_of([tmp_path], ["sound"]) == there
    assert "3 files, 1 other left out" in capsys.readouterr().err
    assert files_of([str(tmp_path / "**" / "*.[wW]*")], ["sound"]) == there[1:]
    assert files_of([tmp_path / "b.wav", tmp_path], ["sound"]) == [there[1], there[0], there[2]]
    # a file that is named is taken whatever it is: what is wrong with it is said of it
    assert files_of([tmp_path / "notes.txt"], ["sound"]) == [tmp_path / "notes.txt"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadAudioError, match="no recording in it, of 0 files"):
        files_of([tmp_path / "empty"], ["sound"])
    with pytest.raises(BadAudioError, match="no picture in it, of 4 files"):
        files_of([tmp_path], ["picture"])
    with pytest.raises(BadAudioError, match="no file is like this pattern"):
        files_of([tmp_path / "*.mp3"], ["sound"])


def test_many_files_are_predicted_in_batches_with_the_same_answers(study, monkeypatch, tmp_path):
    paths = list(recordings(study, "test")["path"][:5])
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no audio")
    whole = predict_files(study, [*paths, bad], "random_forest@mel")
    monkeypatch.setattr(model, "BATCH", 2)
    parts = predict_files(study, [*paths[:3], bad, *paths[3:]], "random_forest@mel")
    pd.testing.assert_frame_equal(parts.windows, whole.windows)
    assert parts.failed == whole.failed
    assert list(parts.failed) == [str(bad)]


def test_windows_lie_where_their_transform_cuts_them(study, tmp_path):
    samples = np.random.default_rng(0).normal(0, 0.1, (44100, 2))
    soundfile.write(tmp_path / "noise.flac", samples, 22050)
    soundfile.write(tmp_path / "short.wav", samples[:5000], 22050)
    found = predict_files(study, [tmp_path / "noise.flac", tmp_path / "short.wav"], "one@mel")
    long, short = found.files().values()
    np.testing.assert_allclose(long["start"], np.arange(7) * 0.25)
    np.testing.assert_allclose(long["end"], np.arange(7) * 0.25 + 0.5)
    assert long["window"].tolist() == list(range(7))
    assert short["start"].tolist() == [0]
    assert short["end"].tolist() == [pytest.approx(5000 / 22050)]


def test_decision_values_choose_the_class_of_a_file_and_votes_are_shown():
    votes, decisions = np.array([[1, 0], [0, 1], [0, 1]]), np.array([[1, -1], [-0.1, 0.1]] * 2)
    assert verdicts(votes, ["a", "b"], decisions[:3]) == ("a", round(1 / 3, 12), "a", 1.0)


@pytest.mark.parametrize("samples", [44100 * 3, 44100 * 3 + 5000, 44100 * 3 + 12000])
def test_a_long_file_is_read_in_parts_and_has_the_same_windows(
    study, tmp_path, monkeypatch, samples
):
    signal = np.random.default_rng(0).normal(0, 0.1, samples)
    soundfile.write(tmp_path / "noise.flac", signal * np.linspace(0, 1, samples), 44100)
    whole = predict_files(study, [tmp_path / "noise.flac"], "small@mel").windows
    monkeypatch.setattr(own_audio, "LONG", 1.1)
    parts = predict_files(study, [tmp_path / "noise.flac"], "small@mel").windows
    assert parts[["window", "start", "end"]].equals(whole[["window", "start", "end"]])
    np.testing.assert_allclose(parts.iloc[:, 4:], whole.iloc[:, 4:], atol=0.05)


@given(st.floats(0.1, 100), st.floats(0.05, 5), st.floats(0.05, 5), st.floats(0.1, 20))
def test_parts_hold_every_window_once(seconds, step, length, most):
    rate = 1000
    step, length = (max(1, round(value * rate)) / rate for value in (step, length))
    samples = round(seconds * rate)
    starts = []
    for begin, end in own_audio.parts_of_windows(samples / rate, step, length, most):
        part = np.arange(round(begin * rate), min(round(end * rate), samples))
        windows = rolling_windows(part, round(length * rate), round(step * rate))
        starts += windows[:, 0].tolist()
    expected = rolling_windows(np.arange(samples), round(length * rate), round(step * rate))
    assert starts == expected[:, 0].tolist()


def test_a_picture_made_in_parts_is_that_of_the_whole(tmp_path, monkeypatch):
    signal = np.random.default_rng(0).normal(0, 0.1, 22050 * 4)
    soundfile.write(tmp_path / "noise.wav", signal, 22050)
    whole = mel_picture(tmp_path / "noise.wav")
    monkeypatch.setattr(drawn, "LONG", 1.5)
    parts = mel_picture(tmp_path / "noise.wav")
    assert parts.seconds == whole.seconds == 4
    assert abs(parts.levels.shape[1] - whole.levels.shape[1]) <= 3
    assert abs(parts.levels.mean() - whole.levels.mean()) < 0.5


def test_a_file_longer_than_any_labelled_one_is_cut_into_equal_parts(study, tmp_path):
    labelled = recordings(study, "labelled")
    path, longest = labelled["path"].iloc[0], labelled["seconds"].max()
    signal, rate = load(path)
    times = math.ceil(2.5 * longest * rate / len(signal))
    soundfile.write(tmp_path / "long.wav", np.tile(signal, times), rate)
    found = predict_files(study, [tmp_path / "long.wav"], "random_forest@handcrafted").windows
    seconds = times * len(signal) / rate
    assert len(found) == math.ceil(seconds / longest - 1e-6)
    np.testing.assert_allclose(found["end"] - found["start"], seconds / len(found))
    np.testing.assert_allclose(found["start"][1:], found["end"][:-1])
    assert found["end"].iloc[-1] == pytest.approx(seconds)


def test_without_a_name_the_best_that_can_be_used_is_taken(study, capsys):
    table = pd.read_parquet(study.folder / "scores.parquet")
    table = table[table["percentage"] == 100]
    usable = table[table["representation"].isin(["handcrafted", "mel", "side_by_side"])]
    means = usable.groupby(["classifier", "representation"])["f1_weighted"].mean()
    chosen = prediction.chosen_system(study)
    assert means[tuple(chosen.split("@"))] == means.max()
    assert f"{chosen}: the" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("system", "error", "sentence"),
    [
        ("tree@mell", UnknownNameError, "no system 'tree@mell'; did you mean 'tree@mel'"),
        ("tree@by_speaker", SpecError, "'by_speaker' is normalised by speaker"),
        ("tree@both", SpecError, "tree@both cannot .* 'by_speaker' is normalised by speaker"),
        ("tree@side_by_side", TableError, "their number depends on the recordings"),
    ],
)
def test_what_cannot_predict_says_why(study, tmp_path, system, error, sentence):
    soundfile.write(tmp_path / "x.wav", np.sin(np.arange(4000) / 3), 8000)
    with pytest.raises(error, match=sentence):
        predict_files(study, [tmp_path / "x.wav"], system)


def test_a_study_that_has_changed_or_never_ran_is_refused(study, tmp_path):
    for out, seed in ((study.out, 1), (tmp_path, 0)):
        other = Study(study.spec.model_copy(update={"seed": seed}), study.base, out)
        with pytest.raises(SpecError, match="is not finished or has changed since"):
            predict_files(other, ["x.wav"])


def test_a_file_shorter_than_a_chunk_is_named_and_the_others_predicted(tiny_copy, tmp_path):
    study = resolve(tiny_copy)
    soundfile.write(tmp_path / "short.wav", np.sin(np.arange(4000) / 3), 8000)
    good = recordings(study, "test")["path"].iloc[0]
    found = predict_files(study, [tmp_path / "short.wav", good], "tree@code_log")
    assert list(found.files()) == [good]
    assert list(found.failed) == [str(tmp_path / "short.wav")]
    assert "shorter than one chunk" in found.failed[str(tmp_path / "short.wav")]
    with pytest.raises(BadAudioError, match="None of the files"):
        predict_files(study, [tmp_path / "short.wav"], "tree@code_log")


@settings(max_examples=50)
@given(st.data())
def test_verdicts_are_of_the_highest_mean_and_the_highest_window(data):
    n, k = data.draw(st.integers(1, 5)), data.draw(st.integers(2, 6))
    numbers = data.draw(st.lists(st.integers(1, 9), min_size=n * k, max_size=n * k))
    values = np.array(numbers, dtype=float).reshape(n, k)
    values /= values.sum(axis=1, keepdims=True)
    names = [str(number) for number in range(k)]
    found = verdicts(values, names)
    assert found.mean_probability == pytest.approx(values.mean(axis=0).max())
    assert found.maximum_probability == pytest.approx(values.max())
    assert values[:, int(found.mean)].mean() == pytest.approx(values.mean(axis=0).max())
    assert values[:, int(found.maximum)].max() == pytest.approx(values.max())
    stacked = shares(
        pd.DataFrame(values, columns=names).assign(start=0, end=1)[["start", "end", *names]], most=3
    )
    np.testing.assert_allclose(stacked.sum(axis=1), 1)
    assert stacked.columns[0] == found.mean or k == 1
    assert stacked.shape[1] == min(k, 4)


def test_the_figure_shows_every_window_below_the_spectrogram(tmp_path):
    tone = np.sin(2 * np.pi * 1000 * np.arange(3 * 16000) / 16000)
    soundfile.write(tmp_path / "tone.wav", tone, 16000)
    picture = mel_picture(tmp_path / "tone.wav")
    loudest = picture.levels[:, 10:-10].mean(axis=1).argmax()
    assert picture.centres[loudest] == pytest.approx(1000, rel=0.03)
    assert picture.seconds == 3
    windows = pd.DataFrame(
        {"start": [0.0, 2.0], "end": [1.0, 3.0], "a": [0.2, 0.6], "b": [0.8, 0.4]}
    )
    figure = plot_prediction(picture, windows, "x: $1")
    lower = figure.axes[2]
    b, a = lower.patches  # the likeliest is at the bottom
    assert (b.get_label(), a.get_label()) == ("b", "a")
    np.testing.assert_array_equal(a.get_data().edges, [0, 1, 2, 3])
    np.testing.assert_allclose(a.get_data().values, [1, np.nan, 1])
    np.testing.assert_allclose(a.get_data().baseline, [0.8, np.nan, 0.4])
    assert figure.axes[0].get_xlim() == lower.get_xlim() == (0, 3)


def test_the_command_names_bad_files_and_writes_the_same_numbers_twice(command, study, tmp_path):
    good = Path(recordings(study, "labelled")["path"].iloc[0])
    (tmp_path / "bad.mp3").write_bytes(b"no audio")
    (tmp_path / "again").mkdir()
    copy = tmp_path / "again" / good.name
    copy.write_bytes(good.read_bytes())
    words = [study.base, good, tmp_path / "bad.mp3", copy, good]
    words += ["--system", "random_forest@mel", "--out", study.out, "-o", tmp_path / "o", "-j", 1]
    done = command("predict", *words)
    assert done.returncode == 1, done.stderr
    assert f"{tmp_path / 'bad.mp3'}: it is text, not a recording" in done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert sorted(path.name for path in (tmp_path / "o").glob("*.png")) == [
        f"{good.stem}.png",
        f"{good.stem}_2.png",
    ]
    _agree(tmp_path / "o", [str(good), str(copy)])


def test_every_call_writes_a_folder_of_its_own(command, study, tmp_path):
    path = Path(recordings(study, "labelled")["path"].iloc[0])
    words = [study.base, path, "--system", "one@mel", "--out", study.out, "-j", 1]
    for number in (1, 2):
        done = command("predict", *words, "--figures", 0)
        assert done.returncode == 0, done.stderr
        folder = study.folder / "predictions" / str(number)
        assert {one.name for one in folder.iterdir()} == {
            *("files.csv", "predictions.csv", "predictions.json")
        }
    verdict = pd.read_csv(folder / "files.csv", keep_default_na=False).iloc[0]
    assert (verdict["file"], verdict["probability"], verdict["reason"]) == (str(path), 1.0, "")
    # a folder that is asked for: new, or of earlier predictions, whose figures go
    command("predict", *words, "-o", tmp_path / "o")
    assert list((tmp_path / "o").glob("*.png"))
    command("predict", *words, "-o", tmp_path / "o", "--figures", 0)
    assert not list((tmp_path / "o").glob("*.png"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    done = command("predict", *words, "-o", tmp_path / "mine")
    assert done.returncode == 1
    assert "has thesis.txt in it and no earlier predictions" in done.stderr
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def _agree(folder: Path, files: list[str]) -> None:
    table = pd.read_csv(folder / "predictions.csv")
    found = json.loads((folder / "predictions.json").read_text())
    assert [one["file"] for one in found["files"]] == files
    assert list(table.columns) == ["file", "window", "start", "end", *found["classes"]]
    rows = [
        (one["file"], own["window"], own["start"], own["end"],
         *[own["probabilities"][name] for name in found["classes"]])
        for one in found["files"]
        for own in one["windows"]
    ]  # fmt: skip
    assert rows == list(table.itertuples(index=False, name=None))
    for one in found["files"]:
        means = table[table["file"] == one["file"]][found["classes"]].mean()
        assert one["verdict"]["mean"]["class"] == means.idxmax()
        assert one["verdict"]["mean"]["probability"] == pytest.approx(means.max())
    np.testing.assert_allclose(table[found["classes"]].sum(axis=1), 1)


def test_the_table_to_read_has_a_line_a_file():
    windows = pd.DataFrame(
        {"file": ["a.wav", "a.wav", "b.wav"], "window": [0, 1, 0], "start": 0.0, "end": 1.0,
         "jazz": [0.5, 0.9, 0.25], "rock": [0.5, 0.1, 0.75]}
    )  # fmt: skip
    made = Predictions("s", "tree@mel", ["jazz", "rock"], False, windows)
    assert prediction_results.text(made).splitlines() == [
        "file   by mean      by maximum",
        "a.wav  jazz (0.70)  jazz (0.90)",
        "b.wav  rock (0.75)  rock (0.75)",
    ]


@pytest.mark.parametrize(
    ("file", "label", "line"),
    [
        ("a\nb.wav", "c\td", r"a\nb.wav  c\td (1.00)  c\td (1.00)"),
        ("a\rb.wav", "\u9ad8", "a\\rb.wav  \u9ad8 (1.00)  \u9ad8 (1.00)"),
        ("caf\u00e9.wav", "[red]", "caf\u00e9.wav  [red] (1.00)  [red] (1.00)"),
    ],
)
def test_the_table_to_read_has_a_line_for_a_file_of_any_name(file, label, line):
    windows = pd.DataFrame({"file": [file], "window": [0], "start": 0.0, "end": 1.0, label: 1.0})
    made = Predictions("s", "tree@mel", [label], False, windows)
    (row,) = prediction_results.text(made).splitlines()[1:]
    assert " ".join(row.split()) == " ".join(line.split())
