import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semisup.autoencoders import architecture_of, build_autoencoder
from semisup.autoencoders._convolutional import layer_sizes
from semisup.errors import SemisupError, SpecError, UnknownNameError
from semisup.features.inputs import Inputs
from semisup.figures.notes import notes_beside
from semisup.networks.autoencoding import plan_of
from semisup.networks.backend import import_keras
from semisup.networks.models import (
    Rows,
    encode,
    load_encoder,
    load_model,
    save_model,
    target_of,
)
from semisup.networks.scaling import Moments, chunk_moments
from semisup.networks.seen import seen_by
from semisup.registry import architectures
from semisup.representations import autoencoder
from semisup.representations.autoencoder import Autoencoder, Options

SHAPE = (18, 20)
TINY = {"kind": "autoencoder", "architecture": "autoencoder_1", "latent_dim": 4, "epochs": 2}


def chunks(n: int, shape: tuple[int, ...] = SHAPE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, *shape), dtype=np.float32) * 0.2


def study(folder: Path, store: np.ndarray) -> Inputs:
    """Twelve recordings of six speakers, two chunks each, subsets interleaved by speaker."""
    recordings = [f"r{number:02d}" for number in range(12)]
    subsets = ["unlabelled", "unlabelled", "labelled", "unlabelled", "test", "unlabelled"] * 2
    manifest = pd.DataFrame({"recording": recordings, "subset": subsets})
    manifest["speaker"] = [f"s{number % 6}" for number in range(12)]
    index = pd.DataFrame(
        {"recording": np.repeat(recordings, 2), "chunk": [0, 1] * 12, "start_sample": 0}
    ).merge(manifest[["recording", "subset"]])
    return Inputs("code", folder, folder, folder, 3, 8000, manifest, store, index)


@pytest.mark.parametrize(
    ("name", "latent_dim", "parameters"),
    [
        ("autoencoder_1", 128, 49_818),
        ("autoencoder_2", 64, 49_966),
        ("autoencoder_3", 64, 438_896),
        ("autoencoder_4", 64, 814_776),
    ],
)
def test_an_encoder_has_the_parameters_of_the_original_study(name, latent_dim, parameters):
    autoencoder, encoder = build_autoencoder(name, (74, 200), latent_dim, padding="valid")
    assert encoder.count_params() == parameters
    assert encoder.output_shape == (None, latent_dim)
    assert autoencoder.output_shape == autoencoder.input_shape == (None, 74, 200)


@pytest.mark.parametrize("name", architectures.names())
@pytest.mark.parametrize("shape", [(45, 61), (38, 40, 1), (49, 200)])
@pytest.mark.parametrize("padding", ["cover", "valid"])
def test_the_decoder_restores_every_chunk_shape(name, shape, padding):
    autoencoder, _ = build_autoencoder(name, shape, 3, padding=padding)
    assert autoencoder.output_shape == (None, *shape)
    assert autoencoder.predict_on_batch(chunks(2, shape)).shape == (2, *shape)


@given(
    frames=st.integers(36, 120), bins=st.integers(36, 260), name=st.sampled_from(["1", "3", "4"])
)
@settings(max_examples=50)
def test_computed_output_paddings_are_below_the_stride_and_exact(frames, bins, name):
    layers = architecture_of(f"autoencoder_{name}").convolutions
    sizes = layer_sizes(name, layers, (frames, bins))
    for (_, kernel, stride), before, after in zip(layers, sizes, sizes[1:], strict=False):
        for side, small in zip(before, after, strict=True):
            padding = (side - kernel) % stride
            assert (small - 1) * stride + kernel + padding == side


def test_a_chunk_too_small_is_told_the_layer_and_the_least_size_that_works():
    with pytest.raises(SpecError, match=r"'autoencoder_3'.*convolution 3.*at least 36 x 36"):
        build_autoencoder("autoencoder_3", (10, 200), padding="valid")
    with pytest.raises(SpecError, match="at least 36 x 36"):
        build_autoencoder("autoencoder_3", (200, 35), padding="valid")
    build_autoencoder("autoencoder_3", (36, 36), 2, padding="valid")


@pytest.mark.parametrize("shape", [(1, 1), (2, 200), (35, 35)])
def test_no_chunk_is_too_small_where_zeros_are_added(shape):
    autoencoder, _ = build_autoencoder("autoencoder_3", shape, 2)
    assert autoencoder.predict_on_batch(chunks(2, shape)).shape == (2, *shape)


def test_a_shape_that_strides_read_wholly_is_the_same_network_with_and_without_zeros():
    models = [
        build_autoencoder("autoencoder_3", (72, 216), 4, padding=p) for p in ("cover", "valid")
    ]
    weights = [model.get_weights() for model, _ in models]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))
    assert [layer.name for layer in models[0][0].layers] == [
        layer.name for layer in models[1][0].layers
    ]


@pytest.mark.parametrize(
    ("shape", "padding", "seen"),
    [
        # what the original study saw, and what it would see of shorter chunks
        ((74, 200), "valid", (72, 74, 180, 200)),
        ((49, 200), "valid", (36, 49, 180, 200)),
        ((74, 200), "cover", (74, 74, 200, 200)),
        ((49, 200), "cover", (49, 49, 200, 200)),
    ],
)
def test_an_encoder_is_told_what_it_sees(shape, padding, seen):
    _, encoder = build_autoencoder(
        "autoencoder_3", shape, 16, padding=padding, bottleneck_activation="linear"
    )
    found = seen_by(encoder, chunks(20, shape))
    assert found == seen
    assert found.share == pytest.approx(seen[0] / seen[1] * seen[2] / seen[3])


@pytest.mark.parametrize("name", architectures.names())
@pytest.mark.parametrize("shape", [(45, 61), (38, 40)])
def test_every_architecture_sees_all_of_every_chunk(name, shape):
    _, encoder = build_autoencoder(name, shape, 16, bottleneck_activation="linear")
    assert seen_by(encoder, chunks(20, shape)).share == 1


def test_wrong_shapes_and_names_are_told():
    with pytest.raises(SpecError, match="not \\(74, 200, 3\\)"):
        build_autoencoder("autoencoder_3", (74, 200, 3))
    with pytest.raises(UnknownNameError, match="did you mean 'autoencoder_3'"):
        build_autoencoder("autoencoder_33", (74, 200))


def test_the_decoder_mirrors_the_encoder_and_dropout_is_between_convolutions():
    autoencoder, encoder = build_autoencoder("autoencoder_3", (74, 200))
    names = [layer.name for layer in autoencoder.layers]
    assert sum(layer.name.startswith("dropout") for layer in encoder.layers) == 3
    assert sum(name.startswith("restore_dropout") for name in names) == 3
    transposed = [la for la in autoencoder.layers if la.name.startswith("restore_convolution")]
    assert [layer.filters for layer in transposed] == [64, 32, 16, 1]
    assert [layer.kernel_size[0] for layer in transposed] == [3, 3, 2, 2]
    assert autoencoder.get_layer("codes").activation.__name__ == "softmax"


def test_the_same_seed_gives_the_same_weights_and_another_seed_others():
    first, again, other = (
        build_autoencoder("autoencoder_2", SHAPE, 4, seed=seed)[0].get_weights()
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_output_is_nonnegative_for_raw_magnitudes_and_linear_for_log():
    x = chunks(8)
    raw, _ = build_autoencoder("autoencoder_2", SHAPE, 4)
    log, _ = build_autoencoder("autoencoder_2", SHAPE, 4, input_scaling="log")
    assert raw.predict_on_batch(x).min() >= 0
    assert log.predict_on_batch(x).min() < 0


def test_log_scaling_standardises_each_bin_of_the_training_chunks():
    x = chunks(30)
    x[:, :, 7] = 0.25
    mean, scaling = chunk_moments(x, "log")
    autoencoder, _ = build_autoencoder(
        "autoencoder_2", SHAPE, 4, input_scaling="log", bin_scaling=scaling
    )
    scaled = target_of(autoencoder)(x)
    varying = np.arange(SHAPE[1]) != 7
    np.testing.assert_allclose(scaled.mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=(0, 1))[varying], 1, atol=1e-4)
    np.testing.assert_allclose(scaled[:, :, 7], 0, atol=1e-5)
    np.testing.assert_allclose(scaled.mean(axis=0), mean, atol=1e-4)


def test_raw_moments_are_the_mean_spectrogram():
    x = chunks(300)
    mean, scaling = chunk_moments(x, "raw")
    np.testing.assert_allclose(mean, x.mean(axis=0, dtype=float), rtol=1e-12)
    assert scaling is None


@pytest.mark.slow
def test_saved_models_load_safely_where_semisup_is_not_installed(tmp_path):
    scaling = Moments(np.linspace(-3, -1, SHAPE[1]), np.linspace(0.5, 2, SHAPE[1]))
    autoencoder, encoder = build_autoencoder(
        "autoencoder_2", SHAPE, 4, input_scaling="log", bin_scaling=scaling
    )
    x = chunks(5)
    np.save(tmp_path / "x.npy", x)
    for name, model in (("autoencoder", autoencoder), ("encoder", encoder)):
        save_model(tmp_path / f"{name}.keras", model)
    script = """
import sys, numpy as np, keras
sys.modules["semisup"] = None
x = np.load("x.npy")
for name in ("autoencoder", "encoder"):
    model = keras.models.load_model(f"{name}.keras", safe_mode=True)
    np.save(f"{name}.npy", model.predict(x, verbose=0))
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)
    np.testing.assert_array_equal(np.load(tmp_path / "encoder.npy"), encoder.predict_on_batch(x))
    np.testing.assert_array_equal(
        np.load(tmp_path / "autoencoder.npy"), autoencoder.predict_on_batch(x)
    )
    assert load_encoder(tmp_path / "encoder.keras").count_params() == encoder.count_params()


def test_the_same_model_is_the_same_bytes_whenever_it_is_saved(tmp_path, monkeypatch):
    keras = import_keras()

    def save(name: str) -> bytes:
        scaling = Moments(np.linspace(-3, -1, SHAPE[1]), np.linspace(0.5, 2, SHAPE[1]))
        keras.utils.set_random_seed(1)
        keras.backend.clear_session()
        built = build_autoencoder(
            "autoencoder_2", SHAPE, 4, input_scaling="log", bin_scaling=scaling
        )
        return save_model(tmp_path / name, built[0]).read_bytes()

    first = save("first.keras")
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert save("second.keras") == first


def test_a_missing_or_broken_model_file_is_told(tmp_path):
    with pytest.raises(SemisupError, match=r"none\.keras cannot be loaded"):
        load_model(tmp_path / "none.keras")
    (tmp_path / "bad.keras").write_bytes(b"not a model")
    with pytest.raises(SemisupError, match=r"bad\.keras cannot be loaded"):
        load_model(tmp_path / "bad.keras")


def test_codes_do_not_depend_on_how_chunks_are_batched_or_stored(tmp_path):
    import zarr

    _, encoder = build_autoencoder("autoencoder_2", SHAPE, 4)
    x = chunks(23)
    whole = encode(encoder, x, batch=23)
    assert whole.shape == (23, 4)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(encode(encoder, x, batch=5), whole, rtol=1e-5, atol=1e-7)
    store = zarr.create_array(tmp_path / "x.zarr", data=x, chunks=(4, *SHAPE))
    rows = np.array([1, 2, 9, 22])
    np.testing.assert_allclose(encode(encoder, Rows(store, rows), 3), whole[rows], rtol=1e-5)
    assert encode(encoder, Rows(store, np.array([], dtype=int))).shape == (0, 4)


@pytest.mark.parametrize("scaling", ["raw", "log"])
def test_the_kind_fits_on_unlabelled_chunks_and_extracts_the_others(tmp_path, scaling):
    kind = Autoencoder.of(**TINY, input_scaling=scaling)
    inputs = study(tmp_path / "code", chunks(24))
    kind.fit(inputs)
    assert sorted(path.name for path in inputs.folder.iterdir()) == sorted(kind.models)
    table = kind.extract(inputs)
    scored = inputs.chunk_index[inputs.chunk_index["subset"] != "unlabelled"]
    assert list(table.columns) == ["recording", "chunk", "code_00", "code_01", "code_02", "code_03"]
    assert table["recording"].tolist() == scored["recording"].tolist()
    assert table["chunk"].tolist() == scored["chunk"].tolist()
    assert (table.dtypes.iloc[2:] == np.float32).all()
    encoder = load_encoder(inputs.folder / "encoder.keras")
    alone = encoder.predict_on_batch(inputs.chunks[scored.index])
    np.testing.assert_allclose(table.iloc[:, 2:].to_numpy(), alone, rtol=1e-5, atol=1e-7)
    originals, restored = kind.reconstructions(inputs)
    assert originals.shape == restored.shape == (4, *SHAPE)
    assert np.isfinite(restored).all()
    assert (restored >= 0).all()
    unlabelled = chunks(24)[inputs.chunk_index["subset"] == "unlabelled"]
    assert all((original == unlabelled).all(axis=(1, 2)).any() for original in originals)


def test_an_encoder_knows_nothing_of_labelled_and_test_chunks(tmp_path):
    kind = Autoencoder.of(**TINY, input_scaling="log")
    inputs = study(tmp_path / "a", chunks(24))
    spoilt = chunks(24)
    hidden = (inputs.chunk_index["subset"] != "unlabelled").to_numpy()
    spoilt[hidden] = np.random.default_rng(9).random(spoilt[hidden].shape) * 50
    others = study(tmp_path / "b", spoilt)
    for given_inputs in (inputs, others):
        kind.fit(given_inputs)
    for name in ("history.csv", "health.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    first, second = (load_encoder(tmp_path / x / "encoder.keras").get_weights() for x in "ab")
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_options_default_to_the_original_study_and_log_to_squared_error():
    options = Options(kind="autoencoder")
    assert (options.architecture, options.latent_dim) == ("autoencoder_3", 64)
    assert (options.loss, options.steps, options.epochs) == ("binary_crossentropy", 4000, None)
    assert plan_of(options, 7910).batch_size == 128
    assert Options(kind="autoencoder", input_scaling="log").loss == "mean_squared_error"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"architecture": "autoencoder_5"}, "there is no architecture 'autoencoder_5'; did you"),
        ({"latent_dim": 0}, "greater than or equal to 1"),
        ({"learning_rate": 0}, "greater than 0"),
        ({"dropout": 1.0}, "less than 1"),
        ({"validation_share": 1.0}, "less than 1"),
        ({"optimiser": "adam"}, "not permitted"),
        ({"input_scaling": "log", "loss": "binary_crossentropy"}, "mean_squared_error"),
    ],
)
def test_options_that_cannot_be_are_told(wrong, message):
    with pytest.raises(ValidationError, match=message):
        Options(kind="autoencoder", **wrong)


@pytest.mark.parametrize(
    ("answers", "tried"),
    [
        ([False], ["4 updates of 8 chunks"]),
        ([True, False], ["4 updates of 8 chunks", "4 updates of 2 chunks"]),
        ([True, True], ["4 updates of 8 chunks", "4 updates of 2 chunks"]),
    ],
)
@pytest.mark.slow
def test_a_collapsed_encoder_is_trained_once_more_with_smaller_batches(
    tmp_path, monkeypatch, answers, tried
):
    asked = iter(answers)
    monkeypatch.setattr(autoencoder, "is_collapsed", lambda _: next(asked))
    options = Options.model_validate(
        {**TINY, "epochs": None, "steps": 4, "validate_steps": 2, "input_scaling": "log"}
    )
    Autoencoder(options).fit(study(tmp_path, chunks(24)))
    found = json.loads((tmp_path / "health.json").read_text())
    assert found["tried"] == tried
    assert next(asked, None) is None
    assert not (tmp_path / ".checkpoint").exists()


def test_epochs_mean_what_they_say_even_if_the_encoder_collapses(tmp_path, monkeypatch):
    monkeypatch.setattr(autoencoder, "is_collapsed", lambda _: True)
    Autoencoder(Options.model_validate(TINY)).fit(study(tmp_path, chunks(24)))
    found = json.loads((tmp_path / "health.json").read_text())
    assert found["tried"] == ["2 epochs of 128 chunks"]


@pytest.mark.slow
def test_an_encoder_that_does_not_see_all_says_so_in_words_and_in_the_legend(tmp_path):
    store = chunks(24, (19, 23))
    kept = {**TINY, "architecture": "autoencoder_2", "bottleneck_activation": "linear"}
    for padding in ("valid", "cover"):
        options = Options.model_validate({**kept, "padding": padding})
        Autoencoder(options).fit(study(tmp_path / padding / "a", store))
        found = json.loads((tmp_path / padding / "a" / "health.json").read_text())
        notes = notes_beside(tmp_path / padding, ["a"])
        if padding == "cover":
            assert (found["share_seen"], found["note"], notes) == (1, "", {})
        else:
            assert not found["collapsed"]
            assert found["share_seen"] < 0.95
            assert f"sees {found['share_seen']:.0%} of its input" == found["note"] == notes["a"]
            assert f"it sees {found['frames_seen']} of 19 frames" in found["verdict"]
