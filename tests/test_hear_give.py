"""Our own HEAR modules, held to the API, to the public validator's checks and to more."""

import tracemalloc
from functools import partial
from types import ModuleType

import numpy as np
import pytest

from semisup.autoencoders import build_autoencoder
from semisup.errors import BadAudioError, SemisupError
from semisup.hear import encoder, lstm, mfcc, serving
from semisup.networks.backend import import_keras
from semisup.networks.models import encode, save_model
from semisup.signals.chunk_spectrogram import chunk_spectrograms
from semisup.signals.mfcc import mfcc as mfcc_of

SIZES = {"mfcc": 64, "encoder": 4, "lstm": 6}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """An encoder of chunks of 20,000 samples and an LSTM, neither trained."""
    folder, keras = tmp_path_factory.mktemp("models"), import_keras()
    _, codes = build_autoencoder("autoencoder_2", (49, 200), 4, seed=0)
    keras.utils.set_random_seed(0)
    states = keras.Sequential(
        [
            keras.Input((None, 40)),
            keras.layers.Rescaling(0.01),
            keras.layers.LSTM(6, return_sequences=True),
        ]
    )
    return {
        "mfcc": "",
        "encoder": str(save_model(folder / "encoder.keras", codes)),
        "lstm": str(save_model(folder / "lstm.keras", states)),
    }


@pytest.fixture(scope="module", params=[mfcc, encoder, lstm], ids=lambda module: module.__name__)
def given_(request, files) -> tuple[ModuleType, object]:
    module = request.param
    return module, module.load_model(files[module.__name__.rpartition(".")[2]])


def noise(model, n: int, seconds: float, seed: int = 0):
    import tensorflow

    values = np.random.default_rng(seed).uniform(-1, 1, (n, int(seconds * model.sample_rate)))
    return tensorflow.constant(values, dtype=tensorflow.float32)


def test_a_model_is_a_tf_module_with_the_attributes_of_the_api(given_):
    import tensorflow

    module, model = given_
    assert isinstance(model, tensorflow.Module)
    assert type(model.sample_rate) is int
    assert model.sample_rate in (16000, 22050, 32000, 44100, 48000)
    size = SIZES[module.__name__.rpartition(".")[2]]
    for attribute in ("scene_embedding_size", "timestamp_embedding_size"):
        assert type(getattr(model, attribute)) is int
        assert getattr(model, attribute) == size


@pytest.mark.parametrize("seconds", [1.07, 1.98, 4.0])
def test_timestamps_pass_the_public_validator(given_, seconds):
    import tensorflow

    module, model = given_
    embeddings, timestamps = module.get_timestamp_embeddings(noise(model, 2, seconds), model)
    assert embeddings.dtype == timestamps.dtype == tensorflow.float32
    assert embeddings.shape[0] == 2
    assert embeddings.shape[:2] == timestamps.shape
    assert embeddings.shape[2] == model.timestamp_embedding_size
    hops, times = np.diff(timestamps), timestamps.numpy()
    assert 0 < hops.min() <= hops.max() <= 50
    assert np.abs(hops - hops.mean()).max() <= 1
    assert times.min() <= hops.mean()
    assert 1000 * seconds - hops.mean() <= times.max() <= 1000 * seconds


def test_scenes_pass_the_public_validator(given_):
    import tensorflow

    module, model = given_
    embeddings = module.get_scene_embeddings(noise(model, 4, 2.74), model)
    assert embeddings.dtype == tensorflow.float32
    assert embeddings.shape == (4, model.scene_embedding_size)


@pytest.mark.parametrize("seconds", [0.01, 0.3, 3.1])
def test_embeddings_are_finite_repeatable_and_the_same_alone_as_in_a_batch(given_, seconds):
    module, model = given_
    audio = noise(model, 3, seconds)
    for make in (module.get_scene_embeddings, lambda *a: module.get_timestamp_embeddings(*a)[0]):
        together, again = (make(audio, model).numpy() for _ in range(2))
        assert np.isfinite(together).all()
        np.testing.assert_array_equal(together, again)
        for number in range(3):
            alone = make(audio[number : number + 1], model).numpy()[0]
            np.testing.assert_allclose(alone, together[number], rtol=1e-5, atol=1e-5)
        assert not np.allclose(together[0], together[1])


def test_silence_is_finite(given_):
    module, model = given_
    silence = np.zeros((1, model.sample_rate), np.float32)
    assert np.isfinite(module.get_scene_embeddings(silence, model)).all()
    assert np.isfinite(module.get_timestamp_embeddings(silence, model)[0]).all()


@pytest.mark.parametrize("module", [encoder, lstm], ids=["encoder", "lstm"])
def test_weights_are_tracked_and_come_back_from_a_checkpoint(module, files, tmp_path):
    import tensorflow

    model, other = (module.load_model(files[module.__name__.rpartition(".")[2]]) for _ in range(2))
    stored = model.network.get_weights()
    assert len(model.variables) == len(stored) > 0
    for tracked, value in zip(model.variables, stored, strict=True):
        np.testing.assert_array_equal(tracked, value)
    audio = noise(model, 1, 1.0)
    before = module.get_scene_embeddings(audio, model).numpy()
    path = tensorflow.train.Checkpoint(model).write(str(tmp_path / "weights"))
    for variable in other.variables:
        variable.assign(variable + 0.1)
    assert np.abs(module.get_scene_embeddings(audio, other) - before).max() > 1e-3
    tensorflow.train.Checkpoint(other).read(path).assert_existing_objects_matched()
    np.testing.assert_array_equal(module.get_scene_embeddings(audio, other), before)


def test_mfcc_are_those_of_the_function(files):
    model = mfcc.load_model()
    audio = noise(model, 1, 1.3)
    frames = mfcc_of(audio.numpy()[0], 22050, 64)
    embeddings, timestamps = mfcc.get_timestamp_embeddings(audio, model)
    np.testing.assert_array_equal(embeddings[0], frames)
    np.testing.assert_allclose(timestamps[0], np.arange(len(frames)) * 512 / 22.05, rtol=1e-6)
    scenes = mfcc.get_scene_embeddings(audio, model)
    np.testing.assert_allclose(scenes[0], frames.mean(axis=0), atol=1e-4)


def test_hidden_states_are_the_models_along_time_and_scenes_their_mean_or_last(files):
    model = lstm.load_model(files["lstm"])
    audio = noise(model, 2, 0.5)
    frames = np.stack([mfcc_of(row, 22050, 40) for row in audio.numpy()])
    states = model.network.predict_on_batch(frames)
    np.testing.assert_allclose(lstm.get_timestamp_embeddings(audio, model)[0], states, atol=1e-6)
    np.testing.assert_allclose(
        lstm.get_scene_embeddings(audio, model), states.mean(axis=1), atol=1e-6
    )
    last = lstm.load_model(files["lstm"], scene="last")
    np.testing.assert_allclose(lstm.get_scene_embeddings(audio, last), states[:, -1], atol=1e-6)


def test_codes_are_those_of_the_chunks_of_a_study(files):
    import soxr

    model = encoder.load_model(files["encoder"])
    assert (model.sample_rate, model.chunks.chunk_samples) == (16000, 20000)
    # 6.25 s: three chunks cover it, of which the first two begin 1.875 s apart
    audio = noise(model, 2, 6.25)
    signal = soxr.resample(audio.numpy()[0].astype(float), 16000, 8000)
    chunks = chunk_spectrograms(signal, 20000, tail="cover")
    codes = encode(model.network, chunks)
    assert len(codes) == 3
    np.testing.assert_allclose(
        encoder.get_scene_embeddings(audio, model)[0], codes.mean(axis=0), atol=1e-5
    )
    embeddings, timestamps = encoder.get_timestamp_embeddings(audio, model)
    np.testing.assert_array_equal(timestamps[0], np.arange(126) * 50.0)
    # the chunk that begins with the recording is centred 1.25 s into it
    np.testing.assert_allclose(embeddings[0, 25], codes[0], atol=1e-5)
    padded = np.concatenate([np.zeros(10000), signal[:10000]])
    first = encode(model.network, chunk_spectrograms(padded, 20000))
    np.testing.assert_allclose(embeddings[0, 0], first[0], atol=1e-5)


def test_mfcc_and_lstm_do_not_drift_over_ten_minutes(files):
    audio = np.zeros((1, 600 * 22050), np.float32)
    audio[0, 540 * 22050] = 1
    embeddings, timestamps = mfcc.get_timestamp_embeddings(audio, mfcc.load_model())
    loudest = np.asarray(timestamps)[0, np.asarray(embeddings)[0, :, 0].argmax()]
    # half a hop
    assert loudest == pytest.approx(540_000, abs=11.7)
    hops = np.diff(np.asarray(timestamps, float)[0])
    # float32 tells times of ten minutes to 1/16 ms
    assert hops.min() > 23.1
    assert hops.max() < 23.4
    short = lstm.get_timestamp_embeddings(audio[:, :22050], lstm.load_model(files["lstm"]))[1]
    np.testing.assert_array_equal(short[0], timestamps[0, : short.shape[1]])


def test_codes_do_not_drift_over_ten_minutes(tmp_path):
    keras = import_keras()
    # the energy of the frame that begins at the centre of a chunk of ten frames
    centre = np.zeros((9, 200), np.float32)
    centre[4] = 1
    network = keras.Sequential(
        [keras.Input((9, 200)), keras.layers.Flatten(), keras.layers.Dense(1, use_bias=False)]
    )
    network.set_weights([centre.reshape(-1, 1)])
    model = encoder.load_model(str(save_model(tmp_path / "encoder.keras", network)))
    assert model.chunks.chunk_samples == 4000
    audio = np.zeros((1, 600 * 16000), np.float32)
    audio[0, round(540.02 * 16000)] = 1
    embeddings, timestamps = encoder.get_timestamp_embeddings(audio, model)
    assert np.asarray(timestamps)[0, np.asarray(embeddings)[0, :, 0].argmax()] == 540_000
    assert timestamps.shape == (1, 12001)
    assert timestamps[0, -1] == 600_000


def test_chunks_and_sounds_pass_in_blocks(files, monkeypatch):
    seen = []
    real = serving.blocks

    def counted(rows, size):
        for block in real(rows, size):
            seen.append(len(block))
            yield block

    monkeypatch.setattr(serving, "blocks", counted)
    model = encoder.load_model(files["encoder"])
    encoder.get_timestamp_embeddings(noise(model, 3, 5.0), model)
    assert seen == [256, 303 - 256]
    seen.clear()
    monkeypatch.setattr(lstm, "FRAMES", 100)
    model = lstm.load_model(files["lstm"])
    lstm.get_timestamp_embeddings(noise(model, 5, 1.0), model)
    assert seen == [2, 2, 1]


def test_the_memory_of_spectrograms_does_not_grow_with_the_sound(files, monkeypatch):
    model = encoder.load_model(files["encoder"])
    monkeypatch.setattr(model, "network", None)
    monkeypatch.setattr(encoder, "encoded", partial(_without_network, size=4))
    peaks = []
    for seconds in (20.0, 80.0):
        audio = noise(model, 1, seconds)
        tracemalloc.start()
        encoder.get_timestamp_embeddings(audio, model)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 80 s have 1601 chunks, of 39 kB each
    assert peaks[1] - peaks[0] < 8 * 4 * 60 * 16000
    assert peaks[1] < 1601 * 49 * 200 * 4


def _without_network(network, rows, size):
    return np.concatenate(
        [np.zeros((len(block), size), np.float32) for block in serving.blocks(rows, 256)]
    )


@pytest.mark.parametrize("module", [encoder, lstm], ids=["encoder", "lstm"])
def test_a_module_without_its_file_says_what_it_needs(module, tmp_path):
    name = module.__name__.rpartition(".")[2]
    with pytest.raises(SemisupError, match=rf"semisup\.hear\.{name} needs a model.*encoder\.keras"):
        module.load_model()
    with pytest.raises(SemisupError, match=r"none\.keras cannot be loaded as a Keras model"):
        module.load_model(str(tmp_path / "none.keras"))


def test_a_model_of_another_shape_is_named(files):
    with pytest.raises(SemisupError, match=r"lstm\.keras is not an encoder of spectrograms"):
        encoder.load_model(files["lstm"])
    with pytest.raises(SemisupError, match=r"encoder\.keras is not an LSTM over MFCC"):
        lstm.load_model(files["encoder"])
    with pytest.raises(SemisupError, match="scene must be 'mean' or 'last', got 'first'"):
        lstm.load_model(files["lstm"], scene="first")


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(9, np.float32), r"shape \(n_sounds, n_samples\).*float32 of shape \(9,\)"),
        (np.zeros((2, 0), np.float32), r"got float32 of shape \(2, 0\)"),
        (np.zeros((2, 9), np.int16), "got int16"),
        (np.array([[0.0, np.nan]]), "1 of 2 samples of the audio are NaN or infinite"),
    ],
)
def test_audio_that_is_none_is_one_sentence(audio, message, given_):
    module, model = given_
    with pytest.raises(BadAudioError, match=message):
        module.get_scene_embeddings(audio, model)
