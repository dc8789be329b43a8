from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semisup.autoencoders import build_autoencoder
from semisup.errors import SemisupError, SplitError
from semisup.networks import fast_dropout, loop
from semisup.networks.autoencoding import TrainingSpec, plan_of, train
from semisup.networks.backend import import_keras
from semisup.networks.fast_dropout import ROW, Halves, Plain, arranged, draw_masks
from semisup.networks.held_out import validation_speakers
from semisup.networks.loop import Stop, best_epoch, train_epochs
from semisup.networks.models import target_of

SHAPE = (18, 20)
SPEC = TrainingSpec(loss="mean_squared_error", batch_size=8, epochs=4, min_delta=0)


def spectrograms(n: int, seed: int = 0) -> np.ndarray:
    """Spectrograms of one band each: there is something to learn."""
    rng = np.random.default_rng(seed)
    band = np.exp(-0.5 * ((np.arange(SHAPE[1]) - rng.uniform(2, 18, (n, 1))) / 2) ** 2)
    return (band[:, None, :] * rng.uniform(0.2, 1, (n, SHAPE[0], 1))).astype(np.float32)


def fresh(seed: int = 0, scaling: str = "log"):
    return build_autoencoder(
        "autoencoder_1", SHAPE, 4, input_scaling=scaling, bottleneck_activation="linear", seed=seed
    )[0]


def trained(checkpoint: Path, spec: TrainingSpec = SPEC, seed: int = 0, data=None, **keys):
    model = fresh()
    data = spectrograms(32) if data is None else data
    history = train(model, spec, data, spectrograms(10, seed=1), seed, checkpoint, **keys)
    return history, model.get_weights()


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def mask_pool(rows: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    pool = np.empty((rows, ROW), np.float32)
    draw_masks(pool, rate, rng)
    return pool


class KilledError(Exception):
    """What an interrupted training raises here."""


class Fragile:
    """Chunks that can be read a number of times only."""

    def __init__(self, chunks: np.ndarray, reads: int) -> None:
        self.chunks, self.reads = chunks, reads

    def __len__(self) -> int:
        return len(self.chunks)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        self.reads -= 1
        if self.reads < 0:
            raise KilledError
        return self.chunks[rows]


def test_training_lowers_the_loss_and_its_history_is_a_table(tmp_path):
    spec = SPEC.model_copy(update={"epochs": 12, "learning_rate": 0.005})
    history, _ = trained(tmp_path / "c.npz", spec)
    assert list(history.columns) == ["epoch", "loss", "val_loss"]
    assert history["epoch"].tolist() == list(range(1, 13))
    assert history["val_loss"].min() < 0.9 * history["val_loss"].iloc[0]


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_with_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    history, weights = trained(tmp_path / "whole.npz", data=spectrograms(30))
    checkpoint = tmp_path / "killed.npz"
    # 4 batches an epoch, the last one smaller: killed in the middle of the third
    with pytest.raises(KilledError):
        trained(checkpoint, data=Fragile(spectrograms(30), reads=10))
    assert len(np.load(checkpoint)["history"]) == 2
    rest = Fragile(spectrograms(30), reads=8)
    history_again, weights_again = trained(checkpoint, data=rest)
    assert rest.reads == 0
    pd.testing.assert_frame_equal(history_again, history, check_exact=True)
    assert same(weights_again, weights)


IN_UPDATES = TrainingSpec(
    loss="mean_squared_error", batch_size=8, steps=16, patience_steps=8, validate_steps=4
)


def test_updates_that_make_whole_passes_are_epochs_bit_for_bit(tmp_path):
    # 32 chunks are 4 updates of 8
    epochs, weights = trained(tmp_path / "e.npz")
    updates, same_weights = trained(tmp_path / "u.npz", IN_UPDATES)
    assert updates["updates"].tolist() == [4, 8, 12, 16]
    pd.testing.assert_frame_equal(updates.drop(columns="updates"), epochs, check_exact=True)
    assert same(same_weights, weights)


@pytest.mark.parametrize("validate_steps", [1, 3, 5, 16])
def test_every_chunk_is_learned_from_once_a_pass_whenever_losses_are_measured(
    tmp_path, validate_steps
):
    spec = IN_UPDATES.model_copy(update={"validate_steps": validate_steps})
    read: list[np.ndarray] = []

    class Noting(Fragile):
        def __getitem__(self, rows):
            read.append(rows)
            return super().__getitem__(rows)

    history, _ = trained(tmp_path / "c.npz", spec, data=Noting(spectrograms(32), reads=999))
    rounds = -(-16 // validate_steps)
    assert history["updates"].tolist() == [validate_steps * (n + 1) for n in range(rounds)]
    taken = [rows for rows in read if len(rows) == 8][: rounds * validate_steps]
    for start in range(0, len(taken) - 3, 4):
        assert sorted(np.concatenate(taken[start : start + 4])) == list(range(32))


@pytest.mark.slow
@pytest.mark.parametrize("reads", [3, 10])
def test_a_training_in_updates_goes_on_after_a_kill_with_the_same_bits(
    tmp_path, monkeypatch, reads
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    spec = IN_UPDATES.model_copy(update={"validate_steps": 3})
    history, weights = trained(tmp_path / "whole.npz", spec, data=spectrograms(30))
    checkpoint = tmp_path / "killed.npz"
    with pytest.raises(KilledError):
        trained(checkpoint, spec, data=Fragile(spectrograms(30), reads=reads))
    history_again, weights_again = trained(checkpoint, spec, data=spectrograms(30))
    pd.testing.assert_frame_equal(history_again, history, check_exact=True)
    assert same(weights_again, weights)


@pytest.mark.parametrize(
    ("warm_up", "stuck", "epochs"),
    [(0, None, 3), (5, None, 5), (0, lambda: True, 9), (0, lambda: False, 3), (20, None, 9)],
)
def test_training_does_not_end_before_it_is_warm_nor_while_it_is_stuck(warm_up, stuck, epochs):
    model = fresh()
    stop = Stop(9, 2, min_delta=0.1, warm_up=warm_up, stuck=stuck)
    losses = iter([1.0, 2, 2, 2, 2, 2, 2, 2, 2])
    history = train_epochs(
        model,
        import_keras().optimizers.Adam(),
        stop,
        lambda _: {"loss": 1.0},
        lambda: {"loss": next(losses)},
        None,
        "x",
        quiet=True,
    )
    assert len(history) == epochs


def test_small_corpora_get_small_batches_and_what_is_asked_for_is_what_is_done():
    assert [plan_of(TrainingSpec(), n).batch_size for n in (1, 312, 800, 4000, 99999)] == [
        *(8, 8, 20, 100, 128)
    ]
    assert plan_of(TrainingSpec(batch_size=64), 312).batch_size == 64
    asked = plan_of(TrainingSpec(epochs=5), 312)
    assert (asked.batch_size, asked.stop) == (128, Stop(5, 30, 0.001))
    asked = plan_of(TrainingSpec(steps=950, validate_steps=200, patience_steps=300), 312)
    assert asked.stop == Stop(5, 2, warm_up=5, updates=200)
    with pytest.raises(ValidationError, match="patience_steps"):
        TrainingSpec(patience=3)


@pytest.mark.slow
def test_a_finished_or_unreadable_checkpoint_does_no_harm(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    history, weights = trained(tmp_path / "c.npz")
    finished = trained(tmp_path / "c.npz", data=Fragile(spectrograms(32), reads=0))
    assert same(finished[1], weights)
    (tmp_path / "c.npz").write_bytes(b"PK torn")
    again = trained(tmp_path / "c.npz")
    assert same(again[1], weights)
    pd.testing.assert_frame_equal(again[0], history, check_exact=True)


def test_after_epoch_is_told_every_epoch_also_past_ones_and_ends_the_training(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    told: list[tuple[int, float, float]] = []

    def two_epochs(*now) -> bool:
        told.append(now)
        return len(told) < 2

    history, _ = trained(tmp_path / "c.npz", after_epoch=two_epochs)
    assert [(epoch + 1, loss, val) for epoch, loss, val in told] == list(
        history.itertuples(index=False, name=None)
    )
    assert len(history) == 2
    first = told.copy()
    told.clear()
    again, _ = trained(
        tmp_path / "c.npz", after_epoch=two_epochs, data=Fragile(spectrograms(32), 0)
    )
    assert told == first
    pd.testing.assert_frame_equal(again, history, check_exact=True)


@pytest.mark.slow
def test_the_seed_decides_shuffling_and_dropout(tmp_path):
    first, other = (trained(tmp_path / f"{seed}.npz", seed=seed) for seed in (0, 1))
    assert not same(first[1], other[1])


def test_dropout_streams_of_keras_depend_on_seed_epoch_and_layer():
    plain = Plain(fresh())
    states = [v for v in plain.model.variables if v.path.endswith("seed_generator_state")]
    assert len(states) == 4

    def streams(epoch: int) -> list[tuple[int, ...]]:
        plain.begin(5, epoch)
        return [tuple(np.asarray(state).tolist()) for state in states]

    first, second, again = streams(0), streams(1), streams(0)
    assert first == again
    assert len({*first, *second}) == 8


def test_losses_are_those_that_keras_evaluates(tmp_path):
    validation = spectrograms(10, seed=1)
    for scaling in ("raw", "log"):
        model = fresh(scaling=scaling)
        spec = SPEC.model_copy(update={"epochs": 1, "optimizer": "sgd"})
        history = train(model, spec, spectrograms(32), validation, 0, tmp_path / f"{scaling}.npz")
        model.compile(loss="mean_squared_error")
        value = model.evaluate(validation, target_of(model)(validation), verbose=0)
        assert history["val_loss"].iloc[0] == pytest.approx(value, rel=1e-5)


def test_training_stops_early_and_keeps_the_weights_of_the_lowest_loss(tmp_path):
    spec = SPEC.model_copy(update={"epochs": 50, "patience": 2, "min_delta": 10.0})
    history, weights = trained(tmp_path / "a.npz", spec)
    assert len(history) == 3
    lowest = int(history["val_loss"].argmin()) + 1
    _, alone = trained(tmp_path / "b.npz", spec.model_copy(update={"epochs": lowest}))
    assert same(weights, alone)


@given(st.lists(st.integers(0, 64), min_size=1, max_size=20), st.integers(0, 9))
@settings(max_examples=40)
def test_best_epoch_is_that_of_keras_early_stopping(counts, delta):
    keras = import_keras()
    # sixty-fourths are exact in float32, in which Keras compares
    losses, min_delta = [count / 64 for count in counts], delta / 64
    stopping = keras.callbacks.EarlyStopping(min_delta=min_delta, patience=99)
    stopping.set_model(type("Model", (), {"stop_training": False, "optimizer": None})())
    stopping.on_train_begin()
    for epoch, loss in enumerate(losses):
        stopping.on_epoch_end(epoch, {"val_loss": loss})
    best = best_epoch(losses, min_delta)
    assert len(losses) - 1 - best == stopping.wait


def test_a_loss_that_is_not_finite_is_told(tmp_path):
    data = spectrograms(32)
    data[3, 0, 0] = np.nan
    with pytest.raises(SemisupError, match="loss of nan from its first epoch on; a lower"):
        trained(tmp_path / "c.npz", data=data)


@given(
    st.lists(st.integers(1, 12), min_size=2, max_size=20),
    st.floats(0.05, 0.95),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
@settings(max_examples=100)
def test_validation_speakers_are_whole_and_on_both_sides(sizes, share, seed, shuffler):
    speakers = [f"s{n:02d}" for n, size in enumerate(sizes) for _ in range(size)]
    table = pd.Series(speakers, index=[f"r{n:03d}" for n in range(len(speakers))])
    chosen = validation_speakers(table, share, seed)
    inside, outside = set(table[chosen]), set(table[~chosen])
    assert inside
    assert outside
    assert not inside & outside
    assert abs(chosen.sum() - share * len(table)) <= max(sizes)
    order = list(table.index)
    shuffler.shuffle(order)
    again = table.loc[order]
    assert set(again[validation_speakers(again, share, seed)]) == inside


def test_about_thirty_percent_of_the_recordings_validate():
    speakers = pd.Series(np.repeat([f"s{n}" for n in range(20)], 10))
    assert validation_speakers(speakers, 0.3, 0).sum() == 60
    chosen = {frozenset(speakers[validation_speakers(speakers, 0.3, seed)]) for seed in range(5)}
    assert len(chosen) > 1


def test_recordings_of_unknown_speakers_are_groups_of_their_own():
    speakers = pd.Series([""] * 10, index=[f"r{n}" for n in range(10)])
    assert validation_speakers(speakers, 0.3, 0).sum() == 3


def test_one_unlabelled_speaker_is_not_enough():
    with pytest.raises(SplitError, match=r"at least 2 speakers.*there are 3 recordings of 1"):
        validation_speakers(pd.Series(["ann"] * 3))


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5, 0.9])
def test_masks_drop_at_the_rate_and_keep_the_mean(rate):
    pool = mask_pool(2**16, rate, generator())
    kept = np.float32(1 / (1 - rate))
    assert set(np.unique(pool)) == {np.float32(0), kept}
    # five standard errors; the rounding of the threshold adds less than a tenth to them
    error = 5 * np.sqrt(rate * (1 - rate) / pool.size) + 5 / 256 / np.sqrt(2**16 / 4096) / 2
    assert (pool == 0).mean() == pytest.approx(rate, abs=error)
    assert pool.mean() == pytest.approx(1, abs=error / (1 - rate))


def test_the_threshold_is_met_on_average_over_many_draws():
    rng = generator()
    rates = [(mask_pool(4096, 0.2, rng) == 0).mean() for _ in range(200)]
    assert np.mean(rates) == pytest.approx(0.2, abs=6e-4)


def test_neighbouring_masks_are_not_correlated():
    values = mask_pool(2**15, 0.2, generator()).ravel() - 1
    for lag in (1, 2, 3, 7, 8, 16, 64, 200, 4096):
        correlation = (values[:-lag] * values[lag:]).mean() / values.var()
        assert abs(correlation) < 5 / np.sqrt(values.size)


def test_masks_of_two_steps_of_a_pool_are_not_correlated(tmp_path):
    halves = Halves(fresh(), 64)
    halves.begin(0, 0)
    pool = mask_pool(halves.rows, 0.2, halves.rng)
    size = min(halves.needed)
    for _ in range(20):
        first, second = (halves.places() for _ in range(2))
        assert first[0, 0] != second[0, 0]
        a, b = (pool[place : place + size].ravel() - 1 for place in (first[0, 0], second[0, 0]))
        assert abs((a * b).mean() / pool.var()) < 5 / np.sqrt(a.size)


def test_places_lie_in_the_pool_and_depend_on_seed_and_epoch_only():
    halves = Halves(fresh(), 9)

    def drawn(seed: int, epoch: int) -> np.ndarray:
        halves.begin(seed, epoch)
        return np.stack([halves.places() for _ in range(50)])

    places = drawn(3, 4)
    assert places.min() >= 0
    assert (places + halves.needed <= halves.rows).all()
    assert np.array_equal(places, drawn(3, 4))
    assert not np.array_equal(places, drawn(3, 5))
    assert not np.array_equal(places, drawn(4, 4))


@pytest.mark.slow
def test_an_arranged_model_has_the_gradients_of_the_plain_one_where_nothing_is_dropped():
    batch = spectrograms(7)
    weights, losses = [], []
    for arrange in (Plain, lambda model: Halves(model, 7)):
        model = fresh()
        side = arrange(model)
        for layer in model.layers:
            if hasattr(layer, "rate"):
                layer.rate = 0.0
        if isinstance(side, Halves):
            side.rate = 0.0
        optimizer = import_keras().optimizers.SGD(0.1)
        side.model.compile(optimizer=optimizer, loss="mean_squared_error")
        side.begin(0, 0)
        for n in (7, 4, 1):
            side.learn(batch[:n], target_of(model)(batch[:n]))
        weights.append([np.asarray(weight) for weight in model.trainable_weights])
        losses.append(side.measure(batch, batch))
    assert not same(weights[0], [np.asarray(w) for w in fresh().trainable_weights])
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    for plain, half in zip(*weights, strict=True):
        np.testing.assert_allclose(half, plain, rtol=1e-3, atol=1e-6)


def test_edges_are_cut_off_by_a_slice_of_the_same_bits(monkeypatch):
    batch, weights = spectrograms(6), []
    for cuts in (fast_dropout._cuts_far_edges, lambda layer: False):
        monkeypatch.setattr(fast_dropout, "_cuts_far_edges", cuts)
        model = fresh()
        side = Halves(model, 6)
        layers = [type(layer).__name__ for layer in side.model.halves[0].layers]
        weights.append((layers.count("Cut"), layers.count("Cropping2D"), model))
        side.model.compile(optimizer="adam", loss="mean_squared_error")
        side.begin(0, 0)
        for _ in range(2):
            side.learn(batch, batch)
    (cut, cropped, model), (not_cut, as_before, plain) = weights
    assert (cut, cropped) == (as_before, not_cut) == (2, 0)
    assert same(model.get_weights(), plain.get_weights())


def test_dropout_drops_in_training_alone():
    model, batch = fresh(), spectrograms(8)
    side = Halves(model, 8)
    side.begin(0, 0)
    side.model.pool.assign(mask_pool(side.rows, side.rate, side.rng))
    whole = model.predict_on_batch(batch)
    np.testing.assert_allclose(side.model.predict_on_batch(batch), whole, rtol=1e-4, atol=1e-6)
    dropped, again = (
        np.asarray(side.model((batch, side.places()), training=True)) for _ in range(2)
    )
    assert np.abs(dropped - whole).max() > 1e-3
    assert np.abs(dropped - again).max() > 1e-3


def test_models_of_other_kinds_are_left_as_they_are():
    keras = import_keras()
    x = keras.Input((4,))
    normal = keras.layers.BatchNormalization()(keras.layers.Dropout(0.2)(x))
    mixed = keras.layers.Dropout(0.5)(keras.layers.Dropout(0.2)(x))
    plain = [keras.Model(x, y) for y in (normal, mixed, keras.layers.Dense(2)(x))]
    for model in (*plain, keras.Sequential([x, keras.layers.Dropout(0.2)])):
        side = arranged(model, 8)
        assert type(side) is Plain
        assert side.model is model


def classify(checkpoint: Path | None, fails_in: int | None = None):
    """Train a classifier by the loop that autoencoders are trained by."""
    keras = import_keras()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.float32)
    inputs = keras.Input((3,))
    weights = keras.initializers.GlorotUniform(seed=0)
    model = keras.Model(
        inputs, keras.layers.Dense(1, "sigmoid", kernel_initializer=weights)(inputs)
    )
    optimizer = keras.optimizers.Adam(0.2)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])

    def learn(epoch: int) -> dict[str, float]:
        if epoch == fails_in:
            raise KilledError
        rows = np.random.default_rng(epoch).permutation(40)
        return model.train_on_batch(x[rows], y[rows], return_dict=True)

    def validate() -> dict[str, float]:
        return model.test_on_batch(x[40:], y[40:], return_dict=True)

    stop = Stop(12, 12)
    history = train_epochs(model, optimizer, stop, learn, validate, checkpoint, "classifier")
    return history, model.get_weights()


def test_a_model_with_measures_of_its_own_trains_in_the_same_loop(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    history, weights = classify(tmp_path / "whole.npz")
    assert list(history) == ["epoch", "loss", "val_loss", "accuracy", "val_accuracy"]
    assert history["val_loss"].iloc[-1] < history["val_loss"].iloc[0]
    assert history["val_accuracy"].iloc[-1] > 0.8
    with pytest.raises(KilledError):
        classify(tmp_path / "killed.npz", fails_in=7)
    again, weights_again = classify(tmp_path / "killed.npz")
    pd.testing.assert_frame_equal(again, history, check_exact=True)
    assert same(weights_again, weights)


def test_a_training_without_a_checkpoint_is_the_same_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY", 0.0)
    kept, weights = classify(tmp_path / "kept.npz")
    history, others = classify(None)
    pd.testing.assert_frame_equal(history, kept, check_exact=True)
    assert same(others, weights)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.npz"]


def test_no_epochs_leave_a_model_as_it_is(tmp_path):
    model = fresh()
    before = model.get_weights()
    optimizer = import_keras().optimizers.Adam()
    never = (lambda _: pytest.fail("learned"), lambda: pytest.fail("validated"))
    history = train_epochs(model, optimizer, Stop(0, 1), *never, tmp_path / "c.npz", "nothing")
    assert list(history) == ["epoch", "loss", "val_loss"]
    assert not len(history)
    assert same(model.get_weights(), before)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_and_leaves_a_float32_model(tmp_path, precision):
    spec = SPEC.model_copy(update={"epochs": 6, "learning_rate": 0.005, "precision": precision})
    model = fresh()
    history = train(model, spec, spectrograms(32), spectrograms(10, 1), 0, tmp_path / "c.npz")
    assert history["val_loss"].min() < 0.95 * history["val_loss"].iloc[0]
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert {str(weight.dtype) for weight in model.trainable_weights} == {"float32"}
    model.compile(loss="mean_squared_error")
    validation = spectrograms(10, 1)
    value = model.evaluate(validation, target_of(model)(validation), verbose=0)
    assert history["val_loss"].min() == pytest.approx(value, rel=0.02)
