"""Modules of others, written beside the study file: used, and held to the HEAR API."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import semisup
from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.recordings.audio import load
from semisup.representations import hear

TENSORFLOW = """
from pathlib import Path
import tensorflow as tf

BATCHES = []
HOP = 400

class Loudness(tf.Module):
    sample_rate = 16000
    scene_embedding_size = 2
    timestamp_embedding_size = 1

    def __init__(self, factor):
        super().__init__()
        self.factor = tf.Variable(factor)

def load_model(model_file_path=""):
    return Loudness(float(Path(model_file_path).read_text()) if model_file_path else 1.0)

def get_scene_embeddings(audio, model):
    BATCHES.append(tuple(audio.shape))
    loudness = tf.reduce_mean(audio**2, axis=1), tf.reduce_max(audio, axis=1)
    return tf.stack(loudness, axis=1) * model.factor

def get_timestamp_embeddings(audio, model):
    n, samples = audio.shape
    frames = tf.reshape(audio[:, : samples // HOP * HOP], (n, -1, HOP))
    times = (tf.range(samples // HOP, dtype=tf.float32) + 0.5) * (1000 * HOP / model.sample_rate)
    times = tf.tile(times[None], (n, 1))
    return tf.reduce_max(frames, axis=2)[..., None] * model.factor, times
"""
PYTORCH = """
import torch

class Loudness(torch.nn.Module):
    sample_rate = 16000
    scene_embedding_size = 2
    timestamp_embedding_size = 1

    def __init__(self):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.ones(()))
        self.dropout = torch.nn.Dropout(0.5)

def load_model(model_file_path=""):
    return Loudness()

def get_scene_embeddings(audio, model):
    made = torch.stack([(audio**2).mean(dim=1), audio.amax(dim=1)], dim=1)
    return model.dropout(made * model.factor)

def get_timestamp_embeddings(audio, model):
    n, samples = audio.shape
    frames = audio[:, : samples // 400 * 400].reshape(n, -1, 400)
    times = (torch.arange(samples // 400, dtype=torch.float32) + 0.5) * 25
    return frames.amax(dim=2)[..., None] * model.factor, times[None].repeat(n, 1)
"""
_numbers = itertools.count()


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Eight recordings of three lengths, the third unlabelled."""
    folder, rng = tmp_path_factory.mktemp("audio"), np.random.default_rng(0)
    rows = []
    for number in range(8):
        seconds = (0.5, 1.1, 0.8)[number % 3]
        path = folder / f"{number}.wav"
        soundfile.write(path, rng.uniform(-0.9, 0.9, round(seconds * 8000)) / (1 + number), 8000)
        subset = "unlabelled" if number == 2 else ("labelled", "test")[number % 2]
        rows.append(
            (path.name, str(path), f"s{number % 2}", subset, seconds, float("nan"), float("nan"))
        )
    columns = ["recording", "path", "speaker", "subset", "seconds", "start", "end"]
    return pd.DataFrame(rows, columns=columns)


def written(folder: Path, source: str) -> str:
    """Write a module under a name that no other test uses, as Python keeps what it imported."""
    name = f"made_up_embedding_{next(_numbers)}"
    (folder / f"{name}.py").write_text(source)
    return name


def features(recordings: pd.DataFrame, base: Path, module: str, **options: object) -> pd.DataFrame:
    parts = base / f"parts-{next(_numbers)}"
    inputs = Inputs("it", base, parts, base, 0, 8000, recordings)
    return hear.Hear.of(module=module, **options).extract(inputs)


def audio_of(recordings: pd.DataFrame) -> list[np.ndarray]:
    return [load(path, 16000)[0] for path in recordings["path"]]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(TENSORFLOW, id="tensorflow"),
        pytest.param(PYTORCH, id="torch", marks=pytest.mark.extras),
    ],
)
def test_a_trivial_module_gives_scenes_and_pooled_timestamps(source, recordings, tmp_path):
    name = written(tmp_path, source)
    scored = recordings[recordings["subset"] != "unlabelled"]
    audio = audio_of(scored)
    scenes = features(recordings, tmp_path, name)
    assert scenes["recording"].tolist() == scored["recording"].tolist()
    assert list(scenes.columns) == ["recording", "chunk", "hear_000", "hear_001"]
    expected = [[np.mean(signal**2), signal.max()] for signal in audio]
    np.testing.assert_allclose(scenes.iloc[:, 2:], expected, rtol=1e-5)
    stamps = features(recordings, tmp_path, name, embedding="timestamps", pooling="mean_std")
    assert list(stamps.columns[2:]) == ["hear_000_mean", "hear_000_std"]
    peaks = [signal[: len(signal) // 400 * 400].reshape(-1, 400).max(axis=1) for signal in audio]
    expected = [[part.mean(), part.std()] for part in peaks]
    np.testing.assert_allclose(stamps.iloc[:, 2:], expected, rtol=1e-5)
    mean = features(recordings, tmp_path, name, embedding="timestamps")
    np.testing.assert_array_equal(mean.iloc[:, 2], stamps.iloc[:, 2])


def test_recordings_share_a_batch_by_length_and_none_is_padded(recordings, tmp_path):
    import sys

    name = written(tmp_path, TENSORFLOW)
    whole = features(recordings, tmp_path, name, batch_size=2)
    lengths = [8000] * 3 + [17600] * 3 + [12800] * 1
    batches = sys.modules[name].BATCHES
    assert sorted(batches) == [(1, 8000), (1, 12800), (1, 17600), (2, 8000), (2, 17600)]
    assert sorted(n for rows, n in batches for _ in range(rows)) == sorted(lengths)
    alone = features(recordings, tmp_path, name, batch_size=1)
    np.testing.assert_allclose(whole.iloc[:, 2:], alone.iloc[:, 2:], rtol=1e-5)


def test_each_speaker_is_normalised_by_its_own_recordings(recordings, tmp_path):
    name = written(tmp_path, TENSORFLOW)
    table = features(recordings, tmp_path, name, speaker_normalisation="mean")
    speakers = recordings.set_index("recording")["speaker"].loc[table["recording"]].to_numpy()
    assert np.abs(table.iloc[:, 2:].groupby(speakers).mean().to_numpy()).max() < 1e-7


def test_parts_that_are_there_are_not_made_again(recordings, tmp_path, monkeypatch):
    import sys

    monkeypatch.setattr(hear, "PART", 3)
    name = written(tmp_path, TENSORFLOW)
    kind = hear.Hear.of(module=name)
    inputs = Inputs("it", tmp_path, tmp_path / "parts", tmp_path, 0, 8000, recordings)
    first = kind.extract(inputs)
    made = len(sys.modules[name].BATCHES)
    (tmp_path / "parts" / "000001.npz").unlink()
    pd.testing.assert_frame_equal(kind.extract(inputs), first, check_exact=True)
    assert 0 < len(sys.modules[name].BATCHES) - made < made


def test_weights_are_found_beside_the_study_and_watched(recordings, tmp_path):
    name = written(tmp_path, TENSORFLOW)
    (tmp_path / "factor.txt").write_text("2.0")
    plain = features(recordings, tmp_path, name)
    twice = features(recordings, tmp_path, name, weights="factor.txt")
    np.testing.assert_allclose(twice.iloc[:, 2:], 2 * plain.iloc[:, 2:], rtol=1e-6)
    kind = hear.Hear.of(module=name, weights="factor.txt")
    assert kind.watched(tmp_path) == [tmp_path / "factor.txt", tmp_path / f"{name}.py"]
    assert hear.Hear.of(module="numpy").watched(tmp_path) == []
    with pytest.raises(SpecError, match=r"there is no .*none\.txt; .* has factor\.txt"):
        features(recordings, tmp_path, name, weights="none.txt")


def test_the_search_path_is_left_as_it_was(recordings, tmp_path):
    import sys

    before = list(sys.path)
    features(recordings, tmp_path, written(tmp_path, TENSORFLOW))
    with pytest.raises(SpecError, match="there_is_no_such_module"):
        features(recordings, tmp_path, "there_is_no_such_module")
    assert sys.path == before


def test_our_own_module_can_be_taken(recordings, tmp_path):
    from semisup.signals.mfcc import mfcc

    table = features(recordings, tmp_path, "semisup.hear.mfcc")
    scored = recordings[recordings["subset"] != "unlabelled"]
    frames = [mfcc(load(path, 22050)[0], 22050, 64) for path in scored["path"]]
    expected = [part.mean(axis=0) for part in frames]
    np.testing.assert_allclose(table.iloc[:, 2:], expected, rtol=1e-4, atol=1e-3)


SCENE = "return tf.stack(loudness, axis=1) * model.factor"
STAMP = "return tf.reduce_max(frames, axis=2)[..., None] * model.factor, times"
TIMES = "times = tf.tile(times[None], (n, 1))"
#: What is wrong, its replacement in the trivial module, and what the sentence says.
SCENES = {
    "no load_model": ("def load_model", "def load", "has no load_model; the API asks for it"),
    "no function": ("get_scene_emb", "get_emb", "has no get_scene_embeddings"),
    "plain object": ("(tf.Module)", "", "gave a Loudness; the API asks for a tf.Module or a torch"),
    "no rate": ("sample_rate = 16000", "pass", "sample_rate None; the API asks for one of 16000"),
    "rate": ("sample_rate = 16000", "sample_rate = 8000", "sample_rate 8000; .* 22050, 32000"),
    "no size": ("scene_embedding_size = 2", "pass", "scene_embedding_size None; .* positive int"),
    "size": ("embedding_size = 2", "embedding_size = 2.0", "size 2.0; the API asks for a positive"),
    "wrong d": (SCENE, "return tf.stack(loudness * 2, axis=1)", r"shape \(., 4\); .*\(n, size\)"),
    "wrong n": (SCENE, "return tf.stack(loudness, axis=1)[:0]", r"shape \(0, 2\); .*, 2\)"),
    "rank": (SCENE, "return loudness[0]", r"shape \(.,\); the API asks for \(n, size\), here"),
    "not float32": (SCENE, "return tf.zeros((len(audio), 2), tf.float64)", "of float64; .*float32"),
    "array": (SCENE, "return audio.numpy()[:, :2]", "as a ndarray; .*TensorFlow tensor of float32"),
    "NaN": (SCENE, "return tf.stack(loudness, axis=1) / 0 * 0", "are NaN or infinite; .*finite"),
    "raises": (SCENE, "raise RuntimeError('out of luck')", "RuntimeError: out of luck"),
    "import": (
        "import tensorflow as tf",
        "import no_such_tf",
        "failed in its import: .*no_such_tf",
    ),
    "syntax": ("import tensorflow as tf", "import import", "failed in its import: SyntaxError"),
    "load": ("return Loudness(float", "return Lowness(float", "failed in load_model: NameError"),
}
STAMPS = {
    "seconds": (TIMES, TIMES + " / 1000", "ms of audio, as if in seconds; .* milliseconds"),
    "samples": (TIMES, TIMES + " * 16", "beginning at 200; the API asks for ms within the audio"),
    "falling": (TIMES, TIMES + "[:, ::-1]", "timestamps that do not increase"),
    "no pair": (STAMP, "return times", "gave a EagerTensor; .*embeddings and timestamps, a pair"),
    "rank": (STAMP, "return times, times", r"embeddings of shape .*asks for \(n, t, size\)"),
    "no times": (STAMP, STAMP + "[:, :5]", r"timestamps of shape \(., 5\); the API asks for \(., "),
    "one row": (STAMP, STAMP + "[0]", r"timestamps of shape \(20,\)"),
    "none": (STAMP, "return frames[:, :0, :1], times[:, :0]", r"embeddings of shape \(., 0, 1\)"),
    "double": (STAMP, STAMP.replace("times", "tf.cast(times, 'float64')"), "timestamps of float64"),
}


@pytest.mark.parametrize(
    ("embedding", "case"),
    [*(("scene", case) for case in SCENES), *(("timestamps", case) for case in STAMPS)],
)
def test_each_misbehaviour_is_one_sentence_that_names_the_module(
    embedding, case, recordings, tmp_path
):
    right, wrong, message = (SCENES if embedding == "scene" else STAMPS)[case]
    assert right in TENSORFLOW
    name = written(tmp_path, TENSORFLOW.replace(right, wrong, 1))
    with pytest.raises(SpecError, match=message) as caught:
        features(recordings, tmp_path, name, embedding=embedding)
    assert f"'{name}'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_module_of_the_same_name_is_not_taken_for_the_one_beside_the_study(
    recordings, tmp_path
):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        (folder / "made_up_twice.py").write_text(TENSORFLOW)
    features(recordings, folders[0], "made_up_twice")
    with pytest.raises(
        SpecError, match=r"another one of that name is in use: .*give yours another"
    ):
        features(recordings, folders[1], "made_up_twice")


@pytest.mark.parametrize("module", ["a b", "", "x..y", "../x"])
def test_what_is_no_name_of_a_module_is_refused(module):
    with pytest.raises(ValueError, match="module"):
        hear.Hear.of(module=module)


def test_a_study_runs_through_a_module_beside_it(tmp_path):
    name = written(tmp_path, TENSORFLOW)
    (tmp_path / "study.toml").write_text(
        f"""
        name = "taken"
        [corpus]
        adapter = "synthetic"
        speakers = 8
        recordings_per_speaker = 6
        [split]
        strategy = "quota"
        per_class = {{ labelled = 6, test = 6, unlabelled = "rest" }}
        [representations.scene]
        kind = "hear"
        module = "{name}"
        [representations.stamps]
        kind = "hear"
        module = "{name}"
        embedding = "timestamps"
        pooling = "mean_std"
        [curve]
        classifiers = ["tree"]
        percentages = [50, 100]
        draws = 1
        """
    )
    result = semisup.run(tmp_path / "study.toml", until="curve", out=tmp_path / "files")
    scores = pd.read_csv(result / "scores.csv")
    assert scores.groupby("representation").size().to_dict() == {"scene": 2, "stamps": 2}
    assert not (result / "scene").exists()
