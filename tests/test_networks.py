"""Networks as classifiers, but for what `test_transfer.py` tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone

from semisup.classifiers import build_classifier, classifier
from semisup.errors import SemisupError, SpecError
from semisup.networks.augmentation import Augmentation, gain, mask, mix, shift
from semisup.networks.classifying import class_weights
from semisup.networks.estimator import NetworkClassifier
from semisup.networks.held_out import training_and_validation
from semisup.networks.kinds import Convolutions1d, Convolutions2d, RecurrentNetwork
from semisup.networks.layouts import Layout, build_network
from semisup.networks.rows import PIECE, held, shuffled
from semisup.networks.scaling import row_moments
from semisup.networks.schedules import learning_rate, plateaus
from semisup.networks.seeded_layers import STATES
from semisup.study.spec import ClassifierSpec

NAMES = ("cnn_1d", "cnn_2d", "lstm_network")
WAVE, TRANSFORM = (600,), (6, 10)
CASES = [("cnn_1d", WAVE), ("lstm_network", WAVE), *((name, TRANSFORM) for name in NAMES)]
every = pytest.mark.parametrize(("name", "shape"), CASES)
each = pytest.mark.parametrize(("name", "shape"), CASES[:2] + CASES[3:4])


class Lazy:
    """Rows as the chunk store gives them; it notes what is read."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows, self.shape, self.asked = rows, rows.shape, []

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        self.asked.append(np.array(positions))
        return self.rows[positions]


def waves(shape: tuple[int, ...], n: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Classes 0, 1, 2: other bands are loud, or other frequencies heard; all with noise."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], n)
    noise = rng.normal(size=(3 * n, *shape))
    if len(shape) == 1:
        turns = np.outer([0.02, 0.1, 0.3], np.arange(shape[0]))[y] + rng.uniform(size=(3 * n, 1))
        return (np.sin(2 * np.pi * turns) + 0.2 * noise).astype(np.float32), y
    loud = np.arange(shape[0])[None] // 2 == y[:, None]
    return (50 + 5 * (noise + 3 * loud[:, :, None])).astype(np.float32), y


def tiny(name: str, random_state: int = 0, **parameters: object) -> NetworkClassifier:
    """Return a network that trains in a second."""
    size = {"units": 12} if name == "lstm_network" else {"filters": 8, "blocks": 3}
    keys = {"epochs": 25, "batch_size": 16, "learning_rate": 0.01, **size, **parameters}
    return classifier(name).build(random_state).set_params(**keys)


@every
def test_it_learns_separate_classes_from_lazy_rows(name, shape):
    X, y = waves(shape)
    fitted = tiny(name).fit(Lazy(X[::2]), y[::2] + 4)
    assert fitted.classes_.tolist() == [4, 5, 6]
    assert (fitted.predict(Lazy(X[1::2])) == y[1::2] + 4).mean() > 0.9


@every
def test_the_same_random_state_gives_the_same_answers(name, shape):
    X, y = waves(shape, 4)
    change = {"time_shift": 0.2, "gain_db": 3.0, "mixup": 0.3}
    first, _, second, other = (
        tiny(name, state, epochs=2, **change).fit(X, y) for state in (7, 8, 7, 8)
    )
    assert np.array_equal(first.predict_proba(X), second.predict_proba(X))
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))
    assert first.history_.equals(second.history_)


@each
def test_one_row_a_class_is_enough(name, shape):
    X, y = waves(shape, 1)
    assert set(tiny(name, epochs=2).fit(X, y).predict(X)) <= {0, 1, 2}


@each
def test_constant_rows_give_a_poor_answer_and_no_error(name, shape):
    X, y = np.full((9, *shape), -80, dtype=np.float32), np.repeat([0, 1, 2], 3)
    fitted = tiny(name, epochs=2).fit(X, y)
    found = fitted.predict_proba(X)
    assert len(set(fitted.predict(X))) == 1
    assert found.sum(axis=1) == pytest.approx(np.ones(9))


@pytest.mark.parametrize("name", [*NAMES, "vgg16"])
def test_a_misspelt_parameter_is_named(name):
    with pytest.raises(SpecError, match=f"'{name}' has no parameter 'zzz'"):
        build_classifier(ClassifierSpec(kind=name, parameters={"zzz": 1}), 0)


@pytest.mark.parametrize("name", [*NAMES, "vgg16"])
def test_it_is_a_network_that_scikit_learn_can_clone(name):
    entry = classifier(name)
    assert entry.network is True
    unfitted = entry.build(3).set_params(epochs=2, class_weight="balanced")
    twin = clone(unfitted)
    assert type(twin) is type(unfitted)
    assert twin.get_params() == unfitted.get_params()
    assert twin.get_params()["random_state"] == 3


def test_a_misspelt_choice_and_a_wrong_shape_are_named():
    X, y = waves(TRANSFORM, 2)
    with pytest.raises(SpecError, match=r"schedule = 'cosin': .*did you mean 'cosine'"):
        tiny("cnn_2d", schedule="cosin").fit(X, y)
    with pytest.raises(SpecError, match=r"'cnn_2d' takes transforms \(n, bands, frames\); got"):
        tiny("cnn_2d").fit(X.reshape(len(X), -1), y)
    with pytest.raises(SpecError, match="spec_augment masks bands and frames"):
        tiny("cnn_1d", spec_augment=0.1).fit(X.reshape(len(X), -1), y)
    fitted = tiny("cnn_1d", epochs=0).fit(X, y)
    with pytest.raises(SpecError, match=r"fitted on rows of shape \(6, 10\); got \(6, 9\)"):
        fitted.predict(X[:, :, 1:])


def test_rows_that_are_not_finite_are_an_error_and_no_answer():
    X, y = waves(TRANSFORM, 2)
    X[0, 0, 0] = np.nan
    with pytest.raises(SemisupError, match="loss of nan from its first epoch"):
        tiny("cnn_2d", epochs=2).fit(X, y)


# --- time


def states(shape: tuple[int, ...], rows: np.ndarray) -> np.ndarray:
    from semisup.networks.backend import import_keras

    layout = Layout("lstm_network", shape, 3, len(rows), width=5)
    network = build_network(layout, 0)
    inner = import_keras().Model(network.input, network.get_layer(STATES).output)
    return np.asarray(inner.predict_on_batch(rows))


def test_the_lstm_goes_along_the_frames():
    rows = np.random.default_rng(0).normal(size=(2, 6, 10)).astype(np.float32)
    changed = rows.copy()
    changed[:, :, 7] += 1
    before, after = states((6, 10), rows), states((6, 10), changed)
    assert before.shape == (2, 10, 5)  # a state for each frame, not for each band
    np.testing.assert_array_equal(after[:, :7], before[:, :7])
    assert np.abs(after[:, 7:] - before[:, 7:]).min(axis=(0, 2)).min() > 0


def test_the_lstm_of_a_waveform_has_a_state_for_each_512_samples():
    assert states((5120,), np.ones((1, 5120), dtype=np.float32)).shape == (1, 10, 5)


def test_only_an_lstm_of_the_last_state_and_order_tells_rising_from_falling():
    y = np.tile([0, 1], 12)
    X = np.zeros((24, 8, 8), dtype=np.float32)
    for row, label in zip(X, y, strict=True):
        row[np.arange(8), np.arange(8)[:: 1 - 2 * label]] = 1
    fitted = tiny("lstm_network", pooling="last").fit(X, y)
    assert (fitted.predict(X) == y).all()
    assert (fitted.predict(X[:, :, ::-1]) == 1 - y).all()


# --- standardisation, validation, history


def test_standardisation_is_inside_and_from_the_training_rows_alone():
    X, y = waves(TRANSFORM)
    groups = np.repeat(np.arange(18), 2)
    training, validation = training_and_validation(y, groups, 0.2, 0)
    noisy = X.copy()
    noisy[validation] *= 100
    weights = [tiny("cnn_2d", epochs=0).fit(rows, y, groups).weights_[:2] for rows in (X, noisy)]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(weights[0][0], X[training].mean(axis=(0, 2)), rtol=1e-5)
    np.testing.assert_allclose(weights[0][1], X[training].var(axis=(0, 2)), rtol=1e-4)


def test_units_of_the_input_change_nothing():
    X, y = waves(TRANSFORM)
    X = np.round(X, 2)  # exact in float32 when multiplied by a power of two
    first, second = (tiny("cnn_1d", epochs=4).fit(rows, y).history_ for rows in (X, 8 * X))
    np.testing.assert_allclose(first["val_loss"], second["val_loss"], rtol=1e-4)


@given(st.integers(2, 40), st.integers(1, 4), st.integers(0, 5))
def test_no_group_is_on_both_sides_and_every_class_is_trained(n_groups, n_classes, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(n_groups, size=60)
    classes = np.unique(groups % n_classes, return_inverse=True)[1]
    training, validation = training_and_validation(classes, groups, 0.25, seed)
    assert set(classes[training]) == set(classes)
    sizes = np.bincount(np.unique(np.c_[groups, classes], axis=0)[:, 1])
    if sizes.max() > 1:
        assert not set(groups[training]) & set(groups[validation])
        assert set(classes[validation]) == set(np.flatnonzero(sizes > 1))
        assert len(training) + len(validation) == 60
    else:
        assert training.tolist() == validation.tolist() == list(range(60))


def test_groups_of_several_classes_never_cost_a_class_its_training_rows():
    training, validation = training_and_validation(np.array([0, 1, 0]), ["a", "a", "b"], 0.5, 1)
    assert training.tolist() == validation.tolist() == [0, 1, 2]


def test_the_best_epoch_is_kept_and_the_history_tells_all():
    X, y = waves(TRANSFORM, 6)
    fitted = tiny("cnn_2d", epochs=6, patience=3, validation_share=0.4).fit(X, y)
    history = fitted.history_
    measures = ["loss", "val_loss", "accuracy", "learning_rate", "val_accuracy"]
    assert [*history] == ["epoch", *measures]
    _, validation = training_and_validation(y, None, 0.4, 0)
    found = fitted.predict_proba(X[validation])
    loss = -np.log(found[np.arange(len(validation)), y[validation]]).mean()
    best = history.loc[history["val_loss"].idxmin()]
    assert loss == pytest.approx(best["val_loss"], rel=1e-4)
    assert (found.argmax(axis=1) == y[validation]).mean() == pytest.approx(best["val_accuracy"])


def test_training_ends_when_validation_has_not_got_better_for_the_patience():
    X, _ = waves(TRANSFORM, 8)
    y = np.random.default_rng(1).integers(3, size=len(X))  # nothing to be learned
    history = tiny("cnn_2d", epochs=40, patience=3, validation_share=0.4).fit(X, y).history_
    assert len(history) == history["val_loss"].idxmin() + 1 + 3 < 40


@pytest.mark.slow
def test_rare_classes_weigh_as_much_as_frequent_ones():
    classes = np.repeat([0, 1, 2], [6, 2, 4])
    weights = class_weights(classes, 3, balanced=True)
    np.testing.assert_allclose(np.bincount(classes, weights[classes]), 4)
    X = np.zeros((40, *TRANSFORM), dtype=np.float32)
    y = np.repeat([0, 1], [30, 10])
    keys = {"epochs": 40, "patience": 40}
    shares = [
        # one group a class: nothing can be held out
        tiny("cnn_1d", class_weight=how, **keys).fit(X, y, groups=y).predict_proba(X)[0, 1]
        for how in ("balanced", "none")
    ]
    assert shares == pytest.approx([0.5, 0.25], abs=0.03)


# --- lazy rows


def test_rows_in_memory_and_rows_that_stay_on_disk_are_learned_alike():
    X, y = waves(TRANSFORM, 30)
    lazy = Lazy(X)
    fitted = tiny("cnn_2d", memory_gb=0.0, epochs=8).fit(lazy, y)
    assert max(map(len, lazy.asked)) <= 2 * PIECE
    assert all((np.diff(some) > 0).all() for some in lazy.asked)
    assert sum(map(len, lazy.asked)) >= 8 * len(X)  # read in every epoch again
    assert (fitted.predict(X) == y).mean() > 0.9
    kept = Lazy(X)
    tiny("cnn_2d", epochs=2).fit(kept, y)
    assert sum(map(len, kept.asked)) == len(X)  # read once


@given(st.integers(0, 300), st.integers(1, 50), st.sampled_from([1, 2000, 10**9]))
def test_every_row_comes_once_in_full_batches(n, size, pool):
    X = np.arange(300, dtype=np.float32)[:, None]
    positions = np.random.default_rng(n).permutation(300)[:n]
    for rows in (X, Lazy(X)):
        taken = list(shuffled(rows, positions, size, np.random.default_rng(0), pool))
        assert [len(some) for some, _ in taken] == [
            *[size] * (n // size),
            *([n % size] if n % size else []),
        ]
        seen = np.concatenate([np.empty(0, int), *(some for some, _ in taken)])
        assert sorted(seen) == sorted(positions)
        for some, values in taken:
            assert np.array_equal(values[:, 0], some)


def test_what_is_too_large_stays_where_it_is():
    rows = Lazy(np.ones((5, 3), dtype=np.float32))
    assert held(rows, 59 / 2**30) is rows
    assert np.array_equal(held(rows, 60 / 2**30), rows.rows)


def test_moments_are_those_of_all_rows_by_band():
    rng = np.random.default_rng(0)
    X = rng.normal(70, 3, size=(150, 4, 7)).astype(np.float32)
    X[:, 2] = 1e4  # never varies
    found = row_moments(Lazy(X), np.arange(0, 150, 2))
    np.testing.assert_allclose(found.mean, X[::2].mean(axis=(0, 2), dtype=float), rtol=1e-6)
    wanted = X[::2].var(axis=(0, 2), dtype=float)
    np.testing.assert_allclose(found.variance, np.where(wanted > 0, wanted, 1), rtol=1e-6)
    quiet = row_moments(1e-4 * X[:, 0] - 70e-4, np.arange(150))
    assert quiet.variance == pytest.approx([X[:, 0].var() * 1e-8], rel=1e-3)  # no silence


# --- learning rates


def test_a_cosine_goes_from_the_base_to_nearly_nothing():
    rates = [learning_rate("cosine", 0.2, [1.0] * epoch, 10, 3) for epoch in range(10)]
    assert rates[0] == 0.2
    assert rates[5] == pytest.approx(0.1)
    assert 0 < rates[-1] < 0.01
    assert rates == sorted(rates, reverse=True)


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 5))
def test_plateaus_are_those_of_keras(val_losses, wait):
    lowest, waited, count = np.inf, 0, 0  # as ReduceLROnPlateau counts, cooldown = min_delta = 0
    for value in val_losses:
        if value < lowest:
            lowest, waited = value, 0
            continue
        waited += 1
        if waited >= wait:
            count, waited = count + 1, 0
    assert plateaus(val_losses, wait) == count
    assert learning_rate("plateau", 0.4, val_losses, 9, wait) == 0.4 / 2**count


@pytest.mark.parametrize("schedule", ["constant", "plateau", "cosine"])
def test_the_schedule_is_what_training_steps_with(schedule):
    X, _ = waves(TRANSFORM, 8)
    y = np.random.default_rng(1).integers(3, size=len(X))
    keys = {"epochs": 8, "patience": 6, "schedule": schedule, "validation_share": 0.4}
    history = tiny("cnn_1d", **keys).fit(X, y).history_
    losses = history["val_loss"].tolist()
    wanted = [learning_rate(schedule, 0.01, losses[:epoch], 8, 3) for epoch in range(len(losses))]
    assert history["learning_rate"].tolist() == wanted
    assert (history["learning_rate"].nunique() > 1) == (schedule != "constant")


# --- augmentation


@given(st.lists(st.integers(-20, 20), min_size=3, max_size=3))
def test_a_shift_is_a_roll_and_can_be_taken_back(steps):
    batch = np.random.default_rng(0).normal(size=(3, 2, 9))
    moved = shift(batch, np.array(steps))
    assert np.array_equal(shift(moved, -np.array(steps)), batch)
    assert np.array_equal(moved[1], np.roll(batch[1], steps[1], axis=1))


def test_a_gain_multiplies_amplitudes_and_adds_to_levels():
    wave = np.random.default_rng(0).normal(size=(2, 5))
    louder = gain(wave, np.array([6.0, -6.0]), levels=False)
    np.testing.assert_allclose(20 * np.log10(louder / wave), [[6.0] * 5, [-6.0] * 5])
    levels = np.zeros((2, 3, 4))
    np.testing.assert_array_equal(gain(levels, np.array([6.0, -6.0]), levels=True)[1], -6.0)


@given(st.integers(0, 3), st.integers(0, 4), st.sampled_from([1, 2]))
def test_a_mask_changes_what_is_under_it_and_nothing_else(start, width, axis):
    batch = np.random.default_rng(0).normal(size=(1, 5, 7))
    fill = np.arange(10.0, 15.0)
    starts = np.array([start])
    masked = np.moveaxis(mask(batch, fill, starts, starts + width, axis), axis, 0)
    before = np.moveaxis(batch, axis, 0)
    inside = np.arange(len(masked))
    inside = (inside >= start) & (inside < start + width)
    assert np.array_equal(masked[~inside], before[~inside])
    filled = np.moveaxis(np.broadcast_to(fill[:, None], (1, 5, 7)), axis, 0)
    assert np.array_equal(masked[inside], filled[inside])


def test_mixed_rows_keep_the_sum_of_their_targets():
    rng = np.random.default_rng(0)
    batch, targets = rng.normal(size=(4, 2, 3)), np.eye(4)
    partners, shares = np.array([1, 0, 3, 2]), np.array([0.0, 1.0, 0.5, 0.25])
    mixed, both = mix(batch, targets, partners, shares)
    np.testing.assert_allclose(both.sum(axis=1), 1)
    np.testing.assert_array_equal(mixed[0], batch[1])
    np.testing.assert_array_equal(mixed[1], batch[1])
    np.testing.assert_allclose(mixed[3], 0.25 * batch[3] + 0.75 * batch[2])


def test_each_option_changes_rows_as_far_as_it_may():
    rng = np.random.default_rng(0)
    batch = np.tile(np.arange(20, dtype=np.float32), (200, 10, 1))
    targets, fill = np.eye(200, dtype=np.float32), np.full(10, -1.0)
    same, _ = Augmentation().apply(batch, targets, fill, rng)
    assert np.array_equal(same, batch)
    moved, _ = Augmentation(time_shift=0.2).apply(batch, targets, fill, rng)
    assert {*(moved[:, 0, 0]).astype(int)} == {16, 17, 18, 19, 0, 1, 2, 3, 4}
    louder, _ = Augmentation(gain_db=3.0, decibels=True).apply(batch, targets, fill, rng)
    assert 2.5 < np.abs(louder - batch).max() <= 3.0
    masked, _ = Augmentation(spec_augment=0.4).apply(batch, targets, fill, rng)
    bands, frames = ((masked == -1).all(axis=axis).sum(axis=1) for axis in (2, 1))
    assert (bands.max(), frames.max()) == (4, 8)
    assert (bands.min(), frames.min()) == (0, 0)
    mixed, both = Augmentation(mixup=0.4).apply(
        batch + np.eye(200, dtype=np.float32)[:, :10, None], targets, fill, rng
    )
    assert both.sum(axis=1) == pytest.approx(np.ones(200))
    assert ((both > 0.01).sum(axis=1) == 2).mean() > 0.5
    for changed in (moved, louder, masked, mixed):
        assert changed.dtype == np.float32


def test_augmented_training_rows_still_teach_the_classes():
    X, y = waves(TRANSFORM)
    keys = {"time_shift": 0.5, "gain_db": 1.0, "spec_augment": 0.2, "mixup": 0.2}
    fitted = tiny("cnn_2d", epochs=40, patience=40, **keys).fit(X[::2], y[::2])
    assert (fitted.predict(X[1::2]) == y[1::2]).mean() > 0.9
    plain = tiny("cnn_2d", epochs=40, patience=40).fit(X[::2], y[::2])
    assert not np.array_equal(fitted.history_["loss"][:3], plain.history_["loss"][:3])


# --- counts


def test_parameters_are_counted_as_the_layouts_say():
    X, y = waves((6, 8), 1)
    cnn = Convolutions2d(epochs=0, filters=4, blocks=2).fit(X, y)
    # standardising, convolutions, their normalisations, classes of 1 band x 8 channels
    assert sum(w.size for w in cnn.weights_) == 2 * 6 + 104 + 8 + 296 + 16 + 3 * (2 * 8 + 1) - 24
    lstm = RecurrentNetwork(epochs=0, units=5).fit(X, y)
    assert sum(w.size for w in lstm.weights_) == 2 * 6 + 4 * 5 * (6 + 5 + 1) + 3 * 6
    one = Convolutions1d(epochs=0, filters=4, blocks=1).fit(X, y)
    assert sum(w.size for w in one.weights_) == 2 * 6 + 4 * (5 * 6 + 1) + 8 + 3 * (2 * 4 + 1)
