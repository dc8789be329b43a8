"""The LSTM over MFCC: time is its time axis, and it sees the labels of its budget alone."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from semisup.classifiers import classifier
from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.features.label_dependent import Labelled
from semisup.hear import lstm as hear_lstm
from semisup.networks.backend import import_keras
from semisup.networks.held_out import held_out
from semisup.networks.models import encode, save_model
from semisup.networks.seeded_layers import WEIGHTS
from semisup.representations._lstm_network import (
    ATTENTION,
    STATES,
    build_network,
    encode_frames,
    part_of,
)
from semisup.representations._lstm_training import _trainer
from semisup.representations.lstm import Lstm
from semisup.signals.mfcc import mfcc

COEFFICIENTS, UNITS = 5, 8
NONE = np.empty((0, 9, COEFFICIENTS), np.float32)


def small(**keys) -> Lstm:
    return Lstm.of(**{"units": UNITS, "coefficients": COEFFICIENTS} | keys)


def in_order(n: int, seed: int) -> Labelled:
    """Make two classes of the same frames, told by which of two kinds comes first.

    Both end in the same silence: neither the last frame, nor the mean of the frames, nor anything
    that looks at each frame by itself tells them apart.
    """
    rng = np.random.default_rng(seed)
    first, second, silence = rng.normal(size=(3, 1, COEFFICIENTS))
    parts = [np.repeat(part, 3, axis=0) for part in (first, second, silence)]
    there, back = np.concatenate(parts), np.concatenate([parts[1], parts[0], parts[2]])
    classes = np.arange(n) % 2
    x = np.where(classes[:, None, None], there, back) + 0.1 * rng.normal(size=(n, 9, COEFFICIENTS))
    return Labelled(x.astype(np.float32), classes, np.arange(n))


def some(n: int = 12, n_frames: int = 9, seed: int = 0) -> Labelled:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_frames, COEFFICIENTS)).astype(np.float32)
    return Labelled(x, np.arange(n) % 3, np.arange(n))


@pytest.fixture(scope="module", params=["last", "mean", "attention"])
def trained(request):
    """An LSTM that was trained on the order of frames, and recordings that it has not seen."""
    kind = small(pooling=request.param, epochs=40, learning_rate=0.02, patience=40)
    seen, unseen = (Labelled(*(part[rows] for part in in_order(160, 0))) for rows in HALVES)
    return request.param, kind.refit(seen, NONE, 2, seed=1), seen, unseen


HALVES = (slice(0, 80), slice(80, 160))


def test_the_order_of_the_same_frames_tells_the_classes(trained):
    pooling, fitted, seen, unseen = trained
    codes = {name: fitted.encode(part.x) for name, part in (("seen", seen), ("unseen", unseen))}
    assert (codes["unseen"]["logits"].argmax(axis=1) == unseen.classes).mean() > 0.9
    linear = classifier("logistic_regression").build(0)
    linear.fit(codes["seen"][pooling], seen.classes)
    assert linear.score(codes["unseen"][pooling], unseen.classes) > 0.9


def test_a_frame_changes_the_states_after_it_and_of_its_own_recording_alone(trained):
    _, fitted, _, unseen = trained
    before, changed = unseen.x[:6], unseen.x[:6].copy()
    changed[2, 4] += 3
    difference = np.abs(encode(fitted.model, changed) - encode(fitted.model, before)).max(axis=2)
    assert difference.shape == (6, 9)
    assert (difference[2, 4:] > 1e-4).all()
    difference[2, 4:] = 0
    assert not difference.any()


def test_a_recording_whose_order_is_swapped_is_taken_for_the_other_class(trained):
    """An LSTM over the axis of recordings, as in the study that this comes from, guesses here."""
    _, fitted, _, unseen = trained
    swapped = fitted.encode(unseen.x[:, [3, 4, 5, 0, 1, 2, 6, 7, 8]])["logits"].argmax(axis=1)
    assert (swapped == unseen.classes).mean() < 0.1


def test_outputs_are_those_of_the_states(trained):
    pooling, fitted, _, unseen = trained
    codes, states = fitted.encode(unseen.x), encode(fitted.model, unseen.x)
    assert set(codes) == {*Lstm.outputs} - ({"attention"} if pooling != "attention" else set())
    np.testing.assert_allclose(codes["timestamps"].reshape(states.shape), states, atol=1e-6)
    np.testing.assert_allclose(codes["last"], states[:, -1], atol=1e-6)
    np.testing.assert_allclose(codes["mean"], states.mean(axis=1), atol=1e-6)
    assert all(values.dtype == np.float32 for values in codes.values())


def test_the_history_measures_loss_and_accuracy_of_both_parts(trained):
    _, fitted, _, _ = trained
    history = fitted.history
    assert [*history] == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert history["epoch"].tolist() == [*range(1, len(history) + 1)]
    assert history[["accuracy", "val_accuracy"]].to_numpy().max() <= 1
    assert history["accuracy"].iloc[-1] > 0.9
    assert history["loss"].iloc[-1] < 0.5 * history["loss"].iloc[0]


def test_measures_are_means_over_all_rows_and_those_of_the_weights_kept():
    """20 recordings of 26 train, 16 and 4 of them at a time; 6 watch."""
    kind, given_ = small(epochs=3), some(26)
    fitted = kind.refit(given_, NONE, 3, seed=4)
    watched = held_out(given_.classes, given_.owner, kind.options.validation_share, 4)
    assert watched.sum() == 6
    logits = fitted.encode(given_.x[watched])["logits"].astype(float)
    own = np.take_along_axis(logits, given_.classes[watched, None], axis=1)[:, 0]
    losses = np.log(np.exp(logits).sum(axis=1)) - own
    best = fitted.history.loc[fitted.history["val_loss"].idxmin()]
    assert best["val_loss"] == pytest.approx(losses.mean(), abs=1e-5)
    right = (logits.argmax(axis=1) == given_.classes[watched]).mean()
    assert best["val_accuracy"] == pytest.approx(right, abs=1e-6)
    assert (fitted.history["accuracy"] * 20 % 1).round(4).isin([0, 1]).all()


def test_the_same_seed_gives_the_same_codes_and_another_one_others():
    codes = [small(epochs=2).refit(some(), NONE, 3, seed).encode(some().x) for seed in (3, 3, 4)]
    for name, values in codes[0].items():
        np.testing.assert_array_equal(codes[1][name], values)
        assert np.abs(codes[2][name] - values).max() > 1e-3


def test_a_fit_does_not_depend_on_the_fits_before_it():
    """They share a traced network and its optimizer."""
    _trainer.cache_clear()
    alone = small(epochs=2).refit(some(13), NONE, 3, seed=3)
    small(epochs=3).refit(some(29, seed=1), NONE, 3, seed=8)
    after = small(epochs=2).refit(some(13), NONE, 3, seed=3)
    assert _trainer.cache_info().misses == 1
    pd.testing.assert_frame_equal(after.history, alone.history, check_exact=True)
    for one, other in zip(after.model.get_weights(), alone.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_fit_keeps_its_weights_when_another_follows():
    fitted = small(epochs=1).refit(some(), NONE, 3, seed=3)
    before = fitted.encode(some().x)["logits"]
    small(epochs=1).refit(some(), NONE, 3, seed=4)
    np.testing.assert_array_equal(fitted.encode(some().x)["logits"], before)


def test_nothing_is_learned_from_unlabelled_recordings():
    fits = [small(epochs=1).refit(some(), rows, 3, seed=0) for rows in (NONE, some(30, 9, 5).x)]
    first, second = (fit.encode(some().x)["logits"] for fit in fits)
    np.testing.assert_array_equal(first, second)


def test_scaling_is_that_of_the_recordings_trained_on():
    given_ = some(16)
    watched = held_out(given_.classes, given_.owner, 0.25, 0)
    loud = given_.x.copy()
    loud[watched] = 1e3
    loud = loud * np.float32(7) + np.float32(2)
    # nothing is trained, so that the states depend on the scaling alone
    plain = small(epochs=0).refit(given_, NONE, 3, seed=0)
    scaled = small(epochs=0).refit(given_._replace(x=loud), NONE, 3, seed=0)
    np.testing.assert_allclose(
        encode(scaled.model, 7 * given_.x + 2), encode(plain.model, given_.x), atol=1e-5
    )


def test_a_coefficient_that_never_varies_stays_finite():
    given_ = some()
    given_.x[:, :, 1] = 0.1
    codes = small(epochs=1).refit(given_, NONE, 3, seed=0).encode(given_.x)
    assert all(np.isfinite(values).all() for values in codes.values())


def test_with_one_recording_a_class_it_watches_what_it_trains_on():
    given_ = some(3)
    history = small(epochs=4, patience=4).refit(given_, NONE, 3, seed=0).history
    # the loss of an epoch is measured before its one step, val_loss after it
    np.testing.assert_allclose(history["val_loss"].iloc[:-1], history["loss"].iloc[1:], atol=1e-5)


def test_no_epochs_leave_the_network_untrained():
    fitted = small(epochs=0).refit(some(), NONE, 3, seed=0)
    assert fitted.history.empty
    assert fitted.encode(some().x)["mean"].shape == (12, UNITS)


def test_attention_weighs_frames_by_shares_of_one():
    keras = import_keras()
    network = build_network(keras.Input((None, COEFFICIENTS)), UNITS, "attention", 3)
    weights = encode(keras.Model(network.input, network.get_layer(WEIGHTS).output), some().x)
    assert weights.shape == (12, 9, 1)
    assert weights.min() > 0
    assert weights.std(axis=1).min() > 1e-4
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    states = encode(part_of(network, STATES), some().x)
    expected = (weights * states).sum(axis=1)
    np.testing.assert_allclose(encode_frames(network, some().x)[ATTENTION], expected, atol=1e-6)


def test_recordings_pass_in_blocks_of_so_many_frames(monkeypatch):
    network = build_network(import_keras().Input((None, COEFFICIENTS)), UNITS, "mean", 3)
    whole = encode_frames(network, some().x)
    monkeypatch.setattr("semisup.representations._lstm_network.FRAMES", 5 * 9)
    blocks, real = [], network.predict_on_batch
    monkeypatch.setattr(network, "predict_on_batch", lambda x: blocks.append(len(x)) or real(x))
    for name, values in encode_frames(network, some().x).items():
        np.testing.assert_allclose(values, whole[name], atol=1e-6)
    assert blocks == [5, 5, 2]
    assert encode_frames(network, NONE)["timestamps"].shape == (0, 9 * UNITS)


def test_attention_is_refused_where_it_is_not_learned():
    with pytest.raises(ValueError, match=r"needs pooling = 'attention'.*got pooling = 'last'"):
        small(output="attention", pooling="last")
    assert small(output="attention", pooling="attention").options.output in Lstm.outputs


def test_frames_too_far_apart_are_refused():
    with pytest.raises(ValueError, match=r"hop_length must be at most 50 ms \(1102 samples"):
        small(hop_length=1103)


def test_rows_are_the_mfcc_of_all_recordings_trimmed_to_the_shortest(tmp_path):
    lengths, rng = {"a.wav": 5000, "b.wav": 3000, "c.wav": 4000}, np.random.default_rng(0)
    signals = {name: rng.uniform(-0.5, 0.5, length) for name, length in lengths.items()}
    for name, signal in signals.items():
        soundfile.write(tmp_path / name, signal, 22050, subtype="DOUBLE")
    recordings = pd.DataFrame(
        [
            (name, str(tmp_path / name), "", subset, np.nan, np.nan)
            for name, subset in zip(signals, ("labelled", "unlabelled", "test"), strict=True)
        ],
        columns=["recording", "path", "speaker", "subset", "start", "end"],
    )
    inputs = Inputs("it", tmp_path, tmp_path / "parts", tmp_path, 0, 8000, recordings)
    index, x = Lstm.of().rows(inputs)
    assert index["recording"].tolist() == [*lengths]
    assert (index["chunk"] == -1).all()
    assert x.shape == (3, 1 + 3000 // 512, 40)
    for row, signal in zip(x, signals.values(), strict=True):
        np.testing.assert_allclose(row, mfcc(signal, 22050, 40)[: len(row)], atol=1e-3)


@pytest.mark.parametrize(("rate", "hop"), [(22050, 512), (16000, 800)])
def test_its_model_is_the_hear_modules(tmp_path, rate, hop):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 7, 40)).astype(np.float32)
    given_ = Labelled(x, np.arange(6) % 2, np.arange(6))
    fitted = Lstm.of(epochs=1, sample_rate=rate, hop_length=hop).refit(given_, x[:0], 2, seed=0)
    assert fitted.model.input_shape == (None, None, 40)
    assert fitted.model.output_shape == (None, None, 64)
    model = hear_lstm.load_model(str(save_model(tmp_path / "lstm.keras", fitted.model)))
    assert model.scene_embedding_size == 64
    audio = rng.uniform(-1, 1, (2, 9000)).astype(np.float32)
    assert model.sample_rate == rate
    frames = np.stack([mfcc(row, rate, 40, hop_length=hop) for row in audio.astype(float)])
    embeddings, milliseconds = hear_lstm.get_timestamp_embeddings(audio, model)
    np.testing.assert_allclose(np.diff(milliseconds), 1000 * hop / rate, rtol=1e-4)
    np.testing.assert_allclose(embeddings, encode(fitted.model, frames), atol=1e-6)


def test_the_largest_logit_has_the_largest_probability(trained):
    _, fitted, seen, unseen = trained
    largest = classifier("argmax").build(0)
    largest.fit(fitted.encode(seen.x)["logits"], seen.classes)
    logits = fitted.encode(unseen.x)["logits"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(largest.predict_proba(logits), expected, rtol=1e-5)
    np.testing.assert_array_equal(largest.predict(logits), expected.argmax(axis=1))
    with pytest.raises(SpecError, match=f"there are {UNITS} numbers and 2 classes"):
        largest.fit(fitted.encode(seen.x)["last"], seen.classes)
