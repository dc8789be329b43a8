import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import SplitError
from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.features.kinds import kind_class
from semisup.features.tables import check_table
from semisup.networks.models import encode, encoder_of, load_encoder, load_model, save_model
from semisup.networks.scaling import Standardisation
from semisup.recordings import signals
from semisup.representations._piece_network import (
    PieceNetwork,
    decoder_of,
    dense_autoencoder,
    scaling_of,
)
from semisup.representations._pieces import Pieces, cut, read_pieces

RATE = 2000
SMALL = {"sample_rate": RATE, "piece_seconds": 0.1, "piece_samples": 160, "pooled_by": 8}
QUICK = {"latent_dim": 3, "hidden": (6,), "epochs": 2, "batch_size": 8}
LEARNED = ["beta_tcvae", "deep_autoencoder"]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> pd.DataFrame:
    """Six speakers, two a subset, with four recordings each of 0.05 to 0.5 s."""
    folder, rng = tmp_path_factory.mktemp("audio"), np.random.default_rng(0)
    rows = []
    for number in range(24):
        path = folder / f"{number:02d}.wav"
        time = np.arange(100 + 40 * number) / RATE
        tone = np.sin(2 * np.pi * rng.uniform(20, 60) * time + rng.uniform(0, 6))
        soundfile.write(path, 0.3 * tone + 0.01 * rng.normal(size=len(time)), RATE)
        subset = ("labelled", "unlabelled", "test")[number % 3]
        rows.append((path.name, str(path), f"s{number % 6}", subset, np.nan, np.nan))
    names = ["recording", "path", "speaker", "subset", "start", "end"]
    return pd.DataFrame(rows, columns=names)


def inputs_of(recordings: pd.DataFrame, folder: Path, stage: str = "train", **more) -> Inputs:
    folder.mkdir(parents=True, exist_ok=True)
    given_ = {"seed": 3} | more
    parts = folder / f".parts-{stage}"
    return Inputs("it", folder, parts, folder, sample_rate=RATE, recordings=recordings, **given_)


def fitted(name: str, recordings: pd.DataFrame, folder: Path, **more) -> Representation:
    kind = kind_class(name).of(**SMALL, **QUICK)
    kind.fit(inputs_of(recordings, folder, **more))
    return kind


def with_noise(recordings: pd.DataFrame, chosen: pd.Series, folder: Path) -> pd.DataFrame:
    noisy, rng = recordings.copy(), np.random.default_rng(9)
    for row in noisy.index[chosen]:
        path = folder / noisy.loc[row, "recording"]
        soundfile.write(path, rng.uniform(-1, 1, 700), RATE)
        noisy.loc[row, "path"] = str(path)
    return noisy


# --- pieces


@given(
    st.integers(1, 90), st.integers(1, 30), st.integers(1, 5), st.integers(1, 6), st.integers(0, 9)
)
@settings(max_examples=60)
def test_a_piece_is_the_means_of_its_samples(n_samples, hop, pooled_by, numbers, seed):
    length = numbers * pooled_by
    spec = Pieces(
        sample_rate=1000, piece_seconds=hop / 1000, piece_samples=length, pooled_by=pooled_by
    )
    signal = np.random.default_rng(seed).normal(size=n_samples)
    long = np.r_[signal, np.zeros(max(0, length - n_samples))]
    expected = [
        [long[start + k * pooled_by : start + (k + 1) * pooled_by].mean() for k in range(numbers)]
        for start in range(0, len(long) - length + 1, hop)
    ]
    np.testing.assert_allclose(cut(signal, spec), expected, rtol=1e-6, atol=1e-6)


def test_thirty_seconds_are_thirty_pieces_of_500_numbers():
    assert cut(np.zeros(30 * 22050), Pieces()).shape == (30, 500)
    assert cut(np.zeros(19_999), Pieces()).shape == (1, 500)
    assert cut(np.zeros(22050 + 19_999), Pieces()).shape == (1, 500)


def test_a_recording_shorter_than_a_piece_ends_in_zeros():
    piece = cut(np.ones(100), Pieces())[0]
    assert piece[:2].tolist() == [1.0, 1.0]
    assert piece[2] == pytest.approx(0.5)
    assert not piece[3:].any()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"piece_samples": 99}, r"multiple of pooled_by \(40\), got 99"),
        ({"piece_seconds": 1e-6}, "at least one sample at 22050 Hz"),
    ],
)
def test_pieces_that_cannot_be_cut_are_refused(keys, words):
    with pytest.raises(ValueError, match=words):
        Pieces(**keys)


def test_excerpts_are_cut_and_the_files_rate_is_changed(tmp_path):
    signal = 0.25 * np.sin(2 * np.pi * 5 * np.arange(4000) / 4000)
    soundfile.write(tmp_path / "a.wav", signal, 4000, subtype="DOUBLE")
    row = ("a", str(tmp_path / "a.wav"), "ann", "labelled", 0.5, 0.9)
    table = pd.DataFrame([row], columns=["recording", "path", "speaker", "subset", "start", "end"])
    rows = read_pieces(Pieces(**SMALL), inputs_of(table, tmp_path), table)
    assert rows.x.shape == (4, 20)
    time = 0.5 + 0.1 * np.arange(4)[:, None] + (np.arange(20) + 0.5) * 8 / RATE
    # the middle: resampling rings at the ends of an excerpt
    expected = 0.25 * np.sin(2 * np.pi * 5 * time)
    np.testing.assert_allclose(rows.x[1:3], expected[1:3], atol=0.01)


def test_parts_are_the_same_whatever_the_batch(recordings, tmp_path, monkeypatch):
    spec = Pieces(**SMALL)
    whole = read_pieces(spec, inputs_of(recordings, tmp_path / "a"), recordings)
    monkeypatch.setattr(signals, "BATCH", 5)
    parts = read_pieces(spec, inputs_of(recordings, tmp_path / "b"), recordings)
    np.testing.assert_array_equal(whole.x, parts.x)
    pd.testing.assert_frame_equal(whole.index, parts.index)
    assert whole.index["recording"].unique().tolist() == recordings["recording"].tolist()
    counts = whole.index.groupby("recording")["chunk"].agg(["min", "max", "size"])
    assert (counts["min"] == 0).all()
    assert (counts["max"] == counts["size"] - 1).all()


def test_no_recordings_are_no_pieces(recordings, tmp_path):
    rows = read_pieces(Pieces(**SMALL), inputs_of(recordings, tmp_path), recordings.head(0))
    assert rows.x.shape == (0, 20)
    assert len(rows.index) == 0


def test_the_pooled_waveform_is_the_pieces_themselves(recordings, tmp_path):
    kind = kind_class("pooled_waveform").of(**SMALL)
    table = check_table(kind.extract(inputs_of(recordings, tmp_path)), "it")
    scored = recordings[recordings["subset"] != "unlabelled"]
    rows = read_pieces(kind.options, inputs_of(recordings, tmp_path, "again"), scored)
    assert list(table) == ["recording", "chunk", *(f"mean_{k:02d}" for k in range(20))]
    np.testing.assert_array_equal(table.iloc[:, 2:].to_numpy(), rows.x)
    wanted = inputs_of(recordings, tmp_path, "unlabelled", wanted=("unlabelled",))
    others = set(kind.extract(wanted)["recording"])
    assert others == set(recordings["recording"]) - set(scored["recording"])


# --- networks on pieces


@pytest.fixture(scope="module", params=LEARNED)
def clean(request, recordings, tmp_path_factory) -> tuple:
    """Return the name of a kind, the kind, and the folder of a fit."""
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, fitted(request.param, recordings, folder), folder


def test_scaling_makes_pieces_standard_and_silence_stays_finite():
    x = np.random.default_rng(0).normal(0.3, 2, (50, 7)).astype(np.float32)
    scaled = scaling_of(x).apply(x)
    assert scaled.mean() == pytest.approx(0, abs=1e-6)
    assert scaled.std() == pytest.approx(1, abs=1e-6)
    assert not scaling_of(np.zeros((3, 2), np.float32)).apply(np.zeros((3, 2))).any()


def test_the_network_is_the_sizes_asked_for_and_scales_inside():
    options = PieceNetwork(kind="it")
    autoencoder = dense_autoencoder(500, options, Standardisation(0.1, 0.5), seed=0)
    expected = 500 * 128 + 128 + 128 * 64 + 64 + 64 * 128 + 128 + 128 * 500 + 500
    assert autoencoder.count_params() == expected
    x = np.random.default_rng(0).normal(0.1, 0.5, (4, 500)).astype(np.float32)
    plain = dense_autoencoder(500, options, Standardisation(0.0, 1.0), seed=0)
    np.testing.assert_allclose(
        autoencoder.predict_on_batch(x), plain.predict_on_batch((x - 0.1) / 0.5), atol=1e-4
    )
    other = dense_autoencoder(500, options, Standardisation(0.0, 1.0), seed=1)
    assert not np.allclose(other.predict_on_batch(x), plain.predict_on_batch(x))


def test_a_decoder_gives_pieces_on_the_scale_of_the_audio(tmp_path):
    options = PieceNetwork(kind="it", latent_dim=3, hidden=())
    autoencoder = dense_autoencoder(5, options, Standardisation(0.2, 4.0), seed=0)
    x = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    expected = 4 * autoencoder.predict_on_batch(x) + 0.2
    for model in (autoencoder, load_model(save_model(tmp_path / "it.keras", autoencoder))):
        codes = encoder_of(model).predict_on_batch(x)
        restored = decoder_of(model).predict_on_batch(codes)
        assert restored.shape == x.shape
        np.testing.assert_allclose(restored, expected, atol=1e-4)


# --- kinds that learn from the unlabelled pieces


def test_codes_are_those_of_the_saved_encoder_for_every_scored_piece(clean, recordings):
    name, kind, tmp_path = clean
    table = check_table(kind.extract(inputs_of(recordings, tmp_path, "features")), name)
    scored = recordings[recordings["subset"] != "unlabelled"]
    rows = read_pieces(kind.options, inputs_of(recordings, tmp_path, "again"), scored)
    pd.testing.assert_frame_equal(table[["recording", "chunk"]], rows.index)
    codes = encode(load_encoder(tmp_path / "encoder.keras"), rows.x)
    np.testing.assert_array_equal(table[["code_00", "code_01", "code_02"]].to_numpy(), codes)
    assert (codes.std(axis=0) > 0).all()
    assert all((tmp_path / model).is_file() for model in kind.models)
    assert not (tmp_path / ".checkpoint").exists()
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["epoch"].tolist() == [1, 2]
    assert load_model(tmp_path / "autoencoder.keras").output_shape == (None, 20)
    judged = json.loads((tmp_path / "health.json").read_text())
    assert "spectrogram" not in judged["verdict"]
    assert judged["latent_dim"] == 3


@pytest.mark.slow
def test_what_is_learned_depends_on_the_unlabelled_pieces_and_the_seed_alone(
    clean, recordings, tmp_path
):
    kind, folder = clean[0], clean[-1]
    noisy = with_noise(recordings, recordings["subset"] != "unlabelled", tmp_path)
    fitted(kind, noisy, tmp_path / "noisy")
    fitted(kind, recordings, tmp_path / "seed", seed=4)
    for name in ("history.csv", "health.json"):
        own, noise, seed = (way / name for way in (folder, tmp_path / "noisy", tmp_path / "seed"))
        assert own.read_bytes() == noise.read_bytes() != seed.read_bytes()
    first, second, third = (
        load_encoder(way / "encoder.keras").get_weights()
        for way in (folder, tmp_path / "noisy", tmp_path / "seed")
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, third, strict=True))


def test_validation_speakers_are_watched_and_not_learned_from(clean, recordings, tmp_path):
    kind = clean[0]
    histories = [pd.read_csv(clean[-1] / "history.csv")]
    for speaker in ("s1", "s4"):
        noisy = with_noise(recordings, recordings["speaker"] == speaker, tmp_path)
        fitted(kind, noisy, tmp_path / speaker)
        histories.append(pd.read_csv(tmp_path / speaker / "history.csv"))
    first, *others = (tuple(history["loss"]) for history in histories)
    same = [other == first for other in others]
    assert sorted(same) == [False, True]
    watched = histories[1 + same.index(True)]
    assert (watched["val_loss"] != histories[0]["val_loss"]).all()


@pytest.mark.parametrize("kind", LEARNED)
def test_nothing_to_learn_from_is_one_sentence(kind, recordings, tmp_path):
    none = recordings[recordings["subset"] != "unlabelled"]
    with pytest.raises(SplitError, match="it: there are no unlabelled recordings to learn from"):
        fitted(kind, none, tmp_path / "none")
    one = recordings[recordings["speaker"] != "s1"]
    with pytest.raises(SplitError, match="at least 2 speakers"):
        fitted(kind, one, tmp_path / "one")


def test_an_autoencoder_restores_what_has_few_dimensions(tmp_path):
    rng, rows = np.random.default_rng(0), []
    shapes = rng.normal(size=(3, 160 // 8)).repeat(8, axis=1)
    for number in range(60):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, 0.1 * rng.normal(size=3) @ shapes, RATE, subtype="DOUBLE")
        rows.append((path.name, str(path), f"s{number}", "unlabelled", np.nan, np.nan))
    names = ["recording", "path", "speaker", "subset", "start", "end"]
    kind = kind_class("deep_autoencoder").of(**SMALL, latent_dim=3, epochs=80, learning_rate=0.01)
    kind.fit(inputs_of(pd.DataFrame(rows, columns=names), tmp_path / "it"))
    judged = json.loads((tmp_path / "it" / "health.json").read_text())
    assert judged["relative_error"] < 0.1
    assert judged["verdict"].startswith("healthy")
