"""Encoders in one file: the same numbers whatever library runs it, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import small_encoders
import soundfile
from sklearn.base import clone

import semisup
from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.networks.backend import import_keras
from semisup.recordings.audio import load
from semisup.signals.chunk_spectrogram import whole_spectrogram
from semisup.signals.log_mel import log_mel

FILES = {"onnx": "model.onnx", "torch": "model.pt", "keras": "model.keras"}
KINDS = [
    pytest.param("onnx", marks=pytest.mark.extras),
    pytest.param("torch", marks=pytest.mark.extras),
    "keras",
]
SECONDS = (0.5, 1.1, 0.5, 2.3)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    folder, rng = tmp_path_factory.mktemp("audio"), np.random.default_rng(0)
    table = []
    for number, seconds in enumerate(SECONDS):
        path = folder / f"{number}.wav"
        soundfile.write(path, rng.uniform(-0.5, 0.5, round(seconds * 8000)), 8000)
        table.append((path.name, str(path), "s", "labelled", seconds))
    columns = ["recording", "path", "speaker", "subset", "seconds"]
    return pd.DataFrame(table, columns=columns).assign(start=np.nan, end=np.nan)


def features(kind, recordings, folder, **keys) -> pd.DataFrame:
    inputs = Inputs("it", folder, folder / "parts", folder, 0, 8000, recordings)
    return kind_class(kind).of(**{"file": FILES[kind], **keys}).extract(inputs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pooling", ["mean", "mean_std", "max"])
def test_outputs_are_pooled_over_time_and_windows(kind, pooling, recordings, tmp_path):
    small_encoders.write_for(kind, tmp_path)
    keys = {"pooling": pooling, "window_seconds": 1.0, "batch_size": 2}
    table = features(kind, recordings, tmp_path, **keys)
    assert table["recording"].tolist() == recordings["recording"].tolist()
    for row, path in zip(table.iloc[:, 2:].to_numpy(), recordings["path"], strict=True):
        signal = load(path, 16000)[0].astype(np.float32)
        cuts = {8800 * 2: [8800], 18400 * 2: [16000, 26400]}.get(len(signal), [])
        frames = np.concatenate(
            [small_encoders.frames_by_hand(part) for part in np.split(signal, cuts)]
        )
        expected = {
            "mean": frames.mean(axis=0),
            "mean_std": np.concatenate([frames.mean(axis=0), frames.std(axis=0)]),
            "max": frames.max(axis=0),
        }[pooling]
        np.testing.assert_allclose(row, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_transformer_gives_the_same_as_the_kind(kind, recordings, tmp_path):
    small_encoders.write_for(kind, tmp_path)
    table = features(kind, recordings, tmp_path)
    transformer = getattr(semisup, kind.capitalize())(
        file=str(tmp_path / FILES[kind]), sample_rate=8000
    )
    assert clone(transformer).get_params() == transformer.get_params()
    values = transformer.fit_transform([load(path, 8000)[0] for path in recordings["path"]])
    np.testing.assert_allclose(values, table.iloc[:, 2:], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("takes", ["logmel", "spectrogram"])
def test_a_keras_encoder_takes_our_spectrograms_of_one_length(takes, recordings, tmp_path):
    keras = import_keras()
    transform = log_mel if takes == "logmel" else whole_spectrogram
    shape = transform(np.zeros(8000), 8000).shape
    image = keras.Input(shape)
    model = keras.Model(image, keras.layers.Flatten()(image))
    model.save(tmp_path / "model.keras")
    keys = {"input": takes, "sample_rate": 8000, "window_seconds": 1.0, "pad": True}
    table = features("keras", recordings, tmp_path, **keys)
    signal = np.pad(load(recordings["path"][0])[0].astype(np.float32), (0, 4000))
    expected = transform(signal.astype(float), 8000).ravel()
    np.testing.assert_allclose(table.iloc[0, 2:].astype(float), expected, rtol=1e-5)


def test_a_file_that_is_no_encoder_is_one_sentence(recordings, tmp_path):
    def said(**keys) -> str:
        with pytest.raises(SpecError) as error:
            features("keras", recordings, tmp_path, **keys)
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "file: there is no" in said()
    keras = import_keras()
    image = keras.Input((8, 8))
    keras.Model(image, image).save(tmp_path / "model.keras")
    assert "'model.keras' failed in a batch of shape (2, 8000)" in said()
    audio = keras.Input((None,))
    keras.Model(audio, keras.ops.sum(audio, axis=1)).save(tmp_path / "sum.keras")
    assert "gives an output of shape (2,) for 2 inputs" in said(file="sum.keras")
    keras.Model(audio, keras.ops.log(audio[:, :4])).save(tmp_path / "log.keras")
    assert "NaN or infinite" in said(file="log.keras")


@pytest.mark.parametrize("kind", ["onnx", "torch", "transformers"])
def test_a_library_that_is_not_there_is_named_with_its_command(kind, monkeypatch):
    for module in (
        "semisup.representations._encoder_files",
        "semisup.encoders.transformers_models",
    ):
        monkeypatch.setattr(f"{module}.find_spec", lambda name: None)
    key = "model" if kind == "transformers" else "file"
    (problem,) = kind_class(kind).of(**{key: "it"}).misfits(None)
    assert problem.endswith(f"pip install 'semisup[{kind}]'")
