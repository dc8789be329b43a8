from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.autoencoders import _training, build_autoencoder
from semisup.autoencoders._backend import import_keras
from semisup.autoencoders._encoder import target_of
from semisup.autoencoders._training import TrainingSpec, best_epoch, train
from semisup.autoencoders._validation import validation_speakers
from semisup.errors import SemisupError, SplitError

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


def trained(checkpoint: Path, spec: TrainingSpec = SPEC, seed: int = 0, data=None):
    model = fresh()
    data = spectrograms(32) if data is None else data
    history = train(model, spec, data, spectrograms(10, seed=1), seed, checkpoint)
    return history, model.get_weights()


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


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


def test_a_killed_training_goes_on_and_ends_with_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(_training, "CHECKPOINT_EVERY", 0.0)
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


def test_a_finished_or_unreadable_checkpoint_does_no_harm(tmp_path, monkeypatch):
    monkeypatch.setattr(_training, "CHECKPOINT_EVERY", 0.0)
    history, weights = trained(tmp_path / "c.npz")
    finished = trained(tmp_path / "c.npz", data=Fragile(spectrograms(32), reads=0))
    assert same(finished[1], weights)
    (tmp_path / "c.npz").write_bytes(b"PK torn")
    again = trained(tmp_path / "c.npz")
    assert same(again[1], weights)
    pd.testing.assert_frame_equal(again[0], history, check_exact=True)


def test_the_seed_decides_shuffling_and_dropout(tmp_path):
    first, other = (trained(tmp_path / f"{seed}.npz", seed=seed) for seed in (0, 1))
    assert not same(first[1], other[1])


def test_dropout_streams_depend_on_seed_epoch_and_layer(tmp_path):
    training = _training._Training(fresh(), SPEC, 5, tmp_path / "c.npz")
    states = [v for v in training.model.variables if v.path.endswith("seed_generator_state")]
    assert len(states) == 4

    def streams(epoch: int) -> list[tuple[int, ...]]:
        training._seed_dropout(epoch)
        return [tuple(state.numpy().tolist()) for state in states]

    first, second, again = streams(0), streams(1), streams(0)
    assert first == again
    assert len({*first, *second}) == 8


def test_losses_are_those_that_keras_evaluates(tmp_path):
    validation = spectrograms(10, seed=1)
    for scaling in ("raw", "log"):
        model = fresh(scaling=scaling)
        spec = SPEC.model_copy(update={"epochs": 1, "optimizer": "sgd"})
        history = train(model, spec, spectrograms(32), validation, 0, tmp_path / f"{scaling}.npz")
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
@settings(max_examples=40, deadline=None)
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
@settings(max_examples=100, deadline=None)
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
