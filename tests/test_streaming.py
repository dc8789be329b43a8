import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semisup.autoencoders import build_autoencoder
from semisup.networks.autoencoding import TrainingSpec, train
from semisup.networks.health import judge
from semisup.networks.scaling import chunk_moments
from semisup.networks.streaming import GROUP, Streamed, ahead, opened, shuffled
from semisup.representations.autoencoder import _hash

SHAPE = (18, 20)


class Store:
    """An array in blocks that counts the rows read at once, as Zarr's arrays are read."""

    def __init__(self, values: np.ndarray, block: int) -> None:
        self.spectra, self.shape = values, values.shape
        self.chunks = (block, *values.shape[1:])
        self.most = 0

    def __getitem__(self, rows: slice) -> np.ndarray:
        part = self.spectra[rows]
        self.most = max(self.most, len(part))
        return part


def numbered(n: int, block: int = 8) -> Store:
    return Store(np.arange(n, dtype=np.float32).reshape(n, 1, 1), block)


def flat(batches) -> np.ndarray:
    return np.concatenate([batch.ravel() for batch in batches])


@given(
    st.integers(1, 300),
    st.integers(1, 40),
    st.integers(1, 50),
    st.floats(0.05, 1),
    st.booleans(),
    st.integers(0, 9),
)
@settings(max_examples=60)
def test_every_chunk_comes_once_in_batches_that_are_full_but_the_last(
    n, block, size, share, streams, seed
):
    chosen = np.flatnonzero(np.random.default_rng(seed).random(n) < share)
    store = numbered(n, block)
    chunks = Streamed(store, chosen) if streams else store.spectra[chosen]
    batches = list(shuffled(chunks, size, np.random.default_rng(seed)))
    assert sorted(flat(batches)) == chosen.tolist() if len(chosen) else not batches
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)


def test_the_order_of_a_stream_depends_on_the_generator_alone_and_mixes_blocks():
    chunks = Streamed(numbered(64 * GROUP), np.arange(64 * GROUP))

    def order(seed: int) -> np.ndarray:
        return flat(shuffled(chunks, 16, np.random.default_rng(seed)))

    assert np.array_equal(order(0), order(0))
    assert not np.array_equal(order(0), order(1))
    batches = order(0).reshape(-1, 16)
    assert np.mean([len(np.unique(batch // 8)) for batch in batches]) > 7
    assert abs(np.corrcoef(order(0), np.arange(64 * GROUP))[0, 1]) < 0.4


@given(st.lists(st.integers(0, 99), max_size=30), st.integers(1, 30))
@settings(max_examples=40)
def test_streamed_rows_are_those_of_the_store_in_any_order(rows, block):
    store = numbered(100, block)
    chosen = np.arange(0, 100, 2)
    read = Streamed(store, chosen)[np.array(rows, dtype=int) // 2]
    assert read.ravel().tolist() == [row // 2 * 2 for row in rows]


def held(n: int) -> int:
    """Return the most rows that are in memory in a pass over a store of n."""
    batches = shuffled(Streamed(numbered(n), np.arange(n)), 16, np.random.default_rng(0))
    most = 0
    for batch in batches:
        local = batches.gi_frame.f_locals
        most = max(most, len(batch) + len(local.get("pool", ())) + len(local["rest"]))
    return most


def test_memory_does_not_grow_with_the_number_of_chunks():
    assert held(8 * GROUP * 4) <= held(8 * GROUP * 40) <= 8 * GROUP + 3 * 16


def test_blocks_are_read_one_by_one_and_never_the_whole_store(tmp_path):
    rng = np.random.default_rng(0)
    store = Store(rng.random((200, *SHAPE), dtype=np.float32), block=8)
    training, validation = opened(store, (np.arange(160), np.arange(160, 200)), 1e-9)
    mean, scaling = chunk_moments(training, "log")
    model, _ = build_autoencoder("autoencoder_1", SHAPE, 4, bin_scaling=scaling)
    spec = TrainingSpec(loss="mean_squared_error", batch_size=16, epochs=2)
    train(model, spec, training, validation, 0, tmp_path / "c.npz")
    judge(model, training, validation, mean)
    assert store.most == 8


def test_chunks_are_streamed_only_where_memory_does_not_hold_them():
    store = numbered(100)
    parts = (np.arange(60), np.arange(60, 90))
    gib = 90 * 4 / 2**30
    assert all(isinstance(part, np.ndarray) for part in opened(store, parts, gib))
    assert all(isinstance(part, Streamed) for part in opened(store, parts, gib * 0.99))
    assert opened(store, parts, gib)[1].ravel().tolist() == list(range(60, 90))


def test_averages_and_hashes_of_a_stream_are_those_of_memory():
    store = Store(np.random.default_rng(0).random((600, *SHAPE), dtype=np.float32), block=50)
    rows = np.arange(3, 597, 2)
    streamed, memory = Streamed(store, rows), store.spectra[rows]
    for one, other in zip(
        chunk_moments(streamed, "log"), chunk_moments(memory, "log"), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert _hash(streamed) == _hash(memory) == hashlib.sha256(memory.data).hexdigest()


@pytest.mark.slow
def test_a_streamed_training_repeats_itself_and_ends_near_that_from_memory(tmp_path):
    rng = np.random.default_rng(0)
    band = np.exp(-0.5 * ((np.arange(SHAPE[1]) - rng.uniform(2, 18, (320, 1))) / 2) ** 2)
    store = Store((band[:, None] * rng.uniform(0.2, 1, (320, 18, 1))).astype(np.float32), block=8)
    spec = TrainingSpec(
        loss="mean_squared_error", batch_size=16, epochs=5, learning_rate=0.005, min_delta=0
    )
    histories = []
    for name, memory_gb in (("a", 1e-9), ("b", 1e-9), ("c", 1.0)):
        parts = opened(store, (np.arange(256), np.arange(256, 320)), memory_gb)
        model, _ = build_autoencoder(
            "autoencoder_1", SHAPE, 4, bottleneck_activation="linear", dropout=0.05
        )
        histories.append(train(model, spec, *parts, 0, tmp_path / f"{name}.npz"))
    pd.testing.assert_frame_equal(histories[0], histories[1], check_exact=True)
    streamed, memory = (history["val_loss"].iloc[-1] for history in histories[1:])
    assert streamed == pytest.approx(memory, rel=0.15)
    assert streamed < 0.9 * histories[0]["val_loss"].iloc[0]


def test_an_item_is_made_while_the_last_is_used_and_errors_come_through():
    made: list[int] = []

    def items():
        for number in range(4):
            made.append(number)
            yield number
        raise KeyError("broken")

    passed = ahead(items())
    assert [next(passed) for _ in range(4)] == made == [0, 1, 2, 3]
    with pytest.raises(KeyError, match="broken"):
        next(passed)
    assert list(ahead(iter([]))) == []
