from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.errors import SemisupError
from semisup.features.inputs import Inputs
from semisup.features.label_dependent import Labelled
from semisup.networks.held_out import held_out
from semisup.representations.deep_softmax import DeepSoftmax, joint_loss, mixed_batches

N = 20
SMALL = {"piece_samples": N, "pooled_by": 1, "latent_dim": 4, "hidden": (8,), "batch_size": 16}


def small(**keys) -> DeepSoftmax:
    return DeepSoftmax.of(**(SMALL | {"epochs": 4} | keys))


def tones(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Make pieces of two tones, of random loudness and not quite the same phase, in noise."""
    rng, time = np.random.default_rng(seed), np.arange(N) / N
    classes = np.arange(n) % 2
    phase = 2 * np.pi * (2 + classes)[:, None] * time + rng.uniform(-0.7, 0.7, (n, 1))
    x = rng.uniform(0.1, 0.3, (n, 1)) * np.sin(phase) + 0.05 * rng.normal(size=(n, N))
    return x.astype(np.float32), classes


def budget(n: int, seed: int = 0) -> Labelled:
    """Two pieces of each of n recordings."""
    x, classes = tones(n, seed)
    return Labelled(np.repeat(x, 2, axis=0), np.repeat(classes, 2), np.repeat(np.arange(n), 2))


@pytest.fixture(scope="module")
def made() -> SimpleNamespace:
    kind = small(epochs=6, patience=6)
    labelled, unlabelled = budget(10), tones(30, 1)[0]
    fitted = kind.refit(labelled, unlabelled, 3, seed=5)
    return SimpleNamespace(kind=kind, labelled=labelled, unlabelled=unlabelled, fitted=fitted)


# --- batches


@given(st.integers(1, 60), st.integers(0, 60), st.integers(2, 40), st.integers(0, 99))
@settings(max_examples=150)
def test_batches_hold_every_row_and_mix_both_sorts(n_labelled, n_unlabelled, size, seed):
    rng = np.random.default_rng(seed)
    drawn = list(mixed_batches(n_labelled, n_unlabelled, size, rng))
    assert set(np.concatenate([rows for rows, _ in drawn])) == set(range(n_labelled + n_unlabelled))
    assert len({len(rows) for rows, _ in drawn}) == 1
    for rows, weights in drawn:
        known = rows < n_labelled
        assert len(rows) <= size
        assert known.any()
        assert (~known).any() == (n_unlabelled > 0)
        assert not weights[~known, 1].any()
        np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-5)
        share = n_labelled / (n_labelled + n_unlabelled)
        assert weights[known, 0].sum() == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize(("n_labelled", "n_unlabelled"), [(8, 24), (2, 24), (24, 8), (16, 0)])
def test_weights_make_an_epoch_estimate_both_means_exactly(n_labelled, n_unlabelled):
    values = np.random.default_rng(0).normal(size=n_labelled + n_unlabelled)
    drawn = mixed_batches(n_labelled, n_unlabelled, 8, np.random.default_rng(1))
    estimates = np.mean([values[rows] @ weights for rows, weights in drawn], axis=0)
    np.testing.assert_allclose(estimates, [values.mean(), values[:n_labelled].mean()], atol=1e-6)


def test_batches_are_drawn_anew_by_the_generator():
    first, again, other = (
        np.stack([r for r, _ in mixed_batches(9, 20, 8, np.random.default_rng(seed))])
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


# --- loss


def test_the_loss_is_the_weighted_sum_of_squares_and_cross_entropy():
    rng = np.random.default_rng(0)
    pieces, restored = rng.normal(size=(2, 5, 3))
    logits, weights = rng.normal(size=(5, 4)), rng.uniform(size=(5, 2))
    classes = np.array([0, 3, 1, 2, 2])
    known = np.eye(4)[classes]
    known[3:] = 0
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    entropy = -np.log(probability[np.arange(5), classes]) * [1, 1, 1, 0, 0]
    errors = np.square(pieces - restored).mean(axis=1)
    expected = 0.7 * weights[:, 0] @ errors + 0.3 * weights[:, 1] @ entropy
    truth = np.hstack([pieces, known, weights]).astype(np.float32)
    output = np.hstack([restored, logits]).astype(np.float32)
    assert float(joint_loss(0.7, 3)(truth, output)) == pytest.approx(expected, rel=1e-5)


# --- fits


def test_two_labelled_pieces_and_many_unlabelled_ones_beat_chance():
    x, classes = tones(2, 3)
    labelled = Labelled(x, classes, np.arange(2))
    kind = small(epochs=30, patience=30, learning_rate=0.01)
    fitted = kind.refit(labelled, tones(150, 4)[0], 2, seed=0)
    test, truth = tones(200, 5)
    outputs = fitted.encode(test)
    assert (outputs["logits"].argmax(axis=1) == truth).mean() > 0.85
    # the code tells them apart too: each class is nearer to its own mean
    means = np.stack([outputs["code"][truth == number].mean(axis=0) for number in (0, 1)])
    nearest = np.square(outputs["code"][:, None] - means).sum(axis=2).argmin(axis=1)
    assert (nearest == truth).mean() > 0.85


@pytest.mark.slow
def test_gamma_one_ignores_labels_exactly_and_gamma_below_does_not(made):
    labelled, n = made.labelled, 2 * 10
    turned = labelled._replace(classes=np.random.default_rng(2).integers(0, 3, n))
    assert not np.array_equal(turned.classes, labelled.classes)
    for gamma, same in ((1.0, True), (0.9, False)):
        kind = small(gamma=gamma, epochs=2)
        fits = [kind.refit(each, made.unlabelled, 3, seed=5) for each in (labelled, turned)]
        codes = [fitted.encode(made.unlabelled)["code"] for fitted in fits]
        assert np.array_equal(*codes) == same


def test_gamma_zero_leaves_the_decoder_as_it_was_drawn(made):
    untrained, trained = (
        small(gamma=0.0, epochs=n).refit(made.labelled, made.unlabelled, 3, seed=5) for n in (0, 3)
    )
    for name, same in (("restored", True), ("restore_hidden_1", True), ("codes", False)):
        before, after = (f.model.get_layer(name).get_weights()[0] for f in (untrained, trained))
        assert np.array_equal(before, after) == same, name


def test_the_same_seed_gives_the_same_fit_and_another_one_another(made):
    again, other = (
        made.kind.refit(made.labelled, made.unlabelled, 3, seed=seed) for seed in (5, 6)
    )
    pd.testing.assert_frame_equal(again.history, made.fitted.history, check_exact=True)
    first, second, third = (f.encode(made.unlabelled) for f in (made.fitted, again, other))
    for name in DeepSoftmax.outputs:
        np.testing.assert_array_equal(first[name], second[name])
        assert not np.allclose(first[name], third[name])


def test_outputs_are_of_their_sizes_and_do_not_depend_on_the_rows_beside(made):
    x = made.unlabelled
    together, alone = made.fitted.encode(x), made.fitted.encode(x[3:4])
    assert tuple(together) == DeepSoftmax.outputs
    assert together["code"].shape == (30, 4)
    assert together["logits"].shape == (30, 3)
    for name in DeepSoftmax.outputs:
        assert together[name].dtype == np.float32
        np.testing.assert_allclose(together[name][3:4], alone[name], rtol=1e-4, atol=1e-5)


def test_the_history_is_measured_on_whole_recordings_that_were_held_out(made):
    history, labelled = made.fitted.history, made.labelled
    measures = ["accuracy", "val_accuracy", "reconstruction", "cross_entropy"]
    assert {"epoch", "loss", "val_loss", *measures} <= set(history)
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    held = held_out(labelled.classes, labelled.owner, made.kind.options.validation_share, 5)
    assert held.sum() == 2 * 2
    logits = made.fitted.encode(labelled.x[held])["logits"].astype(float)
    own = logits[np.arange(held.sum()), labelled.classes[held]]
    entropy = (np.log(np.exp(logits).sum(axis=1)) - own).mean()
    best = history.loc[history["val_loss"].idxmin()]
    assert best["val_cross_entropy"] == pytest.approx(entropy, rel=1e-4)
    hits = (logits.argmax(axis=1) == labelled.classes[held]).mean()
    assert best["val_accuracy"] == pytest.approx(hits)
    for side in ("", "val_"):
        joint = 0.9 * history[f"{side}reconstruction"] + 0.1 * history[f"{side}cross_entropy"]
        np.testing.assert_allclose(history[f"{side}loss"], joint, rtol=1e-9)


def test_what_is_held_out_is_not_learned_from(made):
    held = held_out(made.labelled.classes, made.labelled.owner, 0.2, 5)
    x = made.labelled.x.copy()
    x[held] = np.random.default_rng(7).normal(size=x[held].shape)
    changed = made.kind.refit(made.labelled._replace(x=x), made.unlabelled, 3, seed=5)
    np.testing.assert_array_equal(changed.history["loss"], made.fitted.history["loss"])
    assert (changed.history["val_loss"] != made.fitted.history["val_loss"]).all()


def test_unlabelled_pieces_are_learned_from(made):
    other = made.kind.refit(made.labelled, made.unlabelled[::-1] * 0.5, 3, seed=5)
    first, second = (f.encode(made.labelled.x)["code"] for f in (made.fitted, other))
    assert not np.allclose(first, second)


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_where_nothing_can_be_held_out_it_is_validated_on_what_was_learned_from(share, made):
    labelled = budget(2)
    history = small(validation_share=share).refit(labelled, made.unlabelled, 2, seed=0).history
    for name in ("loss", "reconstruction", "cross_entropy", "accuracy"):
        np.testing.assert_array_equal(history[name], history[f"val_{name}"])


def test_it_works_without_unlabelled_pieces():
    x, truth = tones(40, 8)
    labelled, none = Labelled(x, truth, np.arange(40)), np.empty((0, N), np.float32)
    kind = small(epochs=25, patience=25, learning_rate=0.01)
    fitted = kind.refit(labelled, none, 2, seed=0)
    test, classes = tones(60, 9)
    assert (fitted.encode(test)["logits"].argmax(axis=1) == classes).mean() > 0.85
    assert fitted.encode(none)["logits"].shape == (0, 2)


def test_a_training_that_diverges_is_told(made):
    wild = small(learning_rate=1e38)
    with pytest.raises(SemisupError, match="a lower learning_rate may help"):
        wild.refit(made.labelled, made.unlabelled, 3, seed=0)


def test_rows_are_the_pieces_of_all_subsets(tmp_path):
    table = pd.DataFrame(
        [
            (f"{n}.wav", str(tmp_path / f"{n}.wav"), f"s{n}", subset, np.nan, np.nan)
            for n, subset in enumerate(("labelled", "unlabelled", "test"))
        ],
        columns=["recording", "path", "speaker", "subset", "start", "end"],
    )
    for path in table["path"]:
        soundfile.write(path, np.full(2 * 22050, 0.25), 22050)
    inputs = Inputs("it", tmp_path, tmp_path / "parts", tmp_path, 0, 8000, table)
    prepared = DeepSoftmax.of().rows(inputs)
    assert prepared.index["recording"].tolist() == np.repeat(table["recording"], 2).tolist()
    assert prepared.index["chunk"].tolist() == [0, 1] * 3
    assert prepared.x.shape == (6, 500)
    assert prepared.x.dtype == np.float32
    assert (prepared.x == 0.25).all()
