"""Speed and loss of training against plain `keras.Model.fit`, and of streaming against memory.

Run `python benchmarks/training.py`. Both sides of each comparison are processes of their own that
train the same layers on the same generated chunks; they take turns, an epoch each. Plain Keras
runs as a user would have it, without the settings that make a re-run the same. The first epoch of
each side traces the graph and is not timed. One pair a seed, and its ratio is that of the
median epochs; the ratio of the benchmark is the median of the pairs.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, stdev
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

SHAPE = (74, 200)
SEEDS, EPOCHS = 5, 4
CHUNKS, VALIDATION, BATCH = 2048, 512, 128
#: For streaming: several groups of blocks of 2,048, and twice as many.
STORED = (6144, 12288)
SETTINGS = {"input_scaling": "log", "bottleneck_activation": "linear"}


def spectrograms(n: int, seed: int) -> np.ndarray:
    """Make harmonics of a gliding tone under a formant, in noise."""
    rng = np.random.default_rng(seed)
    bins = np.arange(1, SHAPE[1] + 1)
    glide = np.linspace(0, 1, SHAPE[0]) * rng.uniform(-2, 2, (n, 1))
    pitch = rng.uniform(4, 12, (n, 1)) + glide
    formant = np.exp(-0.5 * ((bins - rng.uniform(10, 150, (n, 1))) / 25) ** 2)
    ripple = np.cos(np.pi * bins / pitch[:, :, None]) ** 8
    level = rng.uniform(0.01, 0.3, (n, 1, 1))
    noise = rng.uniform(0.7, 1.3, (n, *SHAPE))
    return (level * (formant[:, None, :] * (0.1 + ripple) + 0.01) * noise).astype(np.float32)


def train_ours(seed: int, folder: str, after_epoch: Callable[..., bool]) -> None:
    from semisup.networks.autoencoding import TrainingSpec, train

    model, training, validation = setting(seed)
    spec = TrainingSpec(loss="mean_squared_error", epochs=EPOCHS, batch_size=BATCH)
    checkpoint = Path(folder) / f"{seed}.npz"
    train(model, spec, training, validation, seed, checkpoint, after_epoch=after_epoch)


def train_plain(seed: int, folder: str, after_epoch: Callable[..., bool]) -> None:
    import keras

    from semisup.networks.models import target_of

    class Tell(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            after_epoch(epoch, logs["loss"], logs["val_loss"])

    model, training, validation = setting(seed)
    target = target_of(model)
    pairs = [(chunks, target(chunks)) for chunks in (training, validation)]
    keras.utils.set_random_seed(seed)
    model.compile(keras.optimizers.Adam(0.001), "mean_squared_error")
    model.fit(
        *pairs[0],
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=pairs[1],
        verbose=0,
        callbacks=[Tell()],
    )


def setting(seed: int) -> tuple[Any, np.ndarray, np.ndarray]:
    from semisup.autoencoders import build_autoencoder
    from semisup.networks.scaling import chunk_moments

    training, validation = spectrograms(CHUNKS, 0), spectrograms(VALIDATION, 1)
    _, scaling = chunk_moments(training, "log")
    model, _ = build_autoencoder("autoencoder_3", SHAPE, bin_scaling=scaling, seed=seed, **SETTINGS)
    return model, training, validation


def take_turns(work: Callable[..., None]) -> None:
    """Do an epoch whenever a line comes in; answer with its seconds and losses."""
    with TemporaryDirectory() as folder:
        for seed in range(SEEDS):
            sys.stdin.readline()
            began = time.perf_counter()

            def after_epoch(epoch: int, loss: float, val_loss: float) -> bool:
                nonlocal began
                print(json.dumps([time.perf_counter() - began, val_loss]), flush=True)
                if epoch + 1 < EPOCHS:
                    sys.stdin.readline()
                began = time.perf_counter()
                return True

            work(seed, folder, after_epoch)


class Side:
    """One side of the comparison, in a process of its own."""

    def __init__(self, name: str) -> None:
        environment = {**os.environ, "TF_DETERMINISTIC_OPS": "0"} if name == "plain" else None
        self.process = subprocess.Popen(
            [sys.executable, __file__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def epoch(self) -> tuple[float, float]:
        """Let it train for an epoch; return its seconds and its val_loss."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(json.loads(self.process.stdout.readline()))


def pairs() -> Iterator[tuple[float, float, float, float]]:
    """Yield milliseconds a chunk, plain and ours, and the lowest val_loss of each."""
    sides = [Side("plain"), Side("ours")]
    for _ in range(SEEDS):
        epochs = np.array([[side.epoch() for side in sides] for _ in range(EPOCHS)])
        plain, ours = np.median(epochs[1:, :, 0], axis=0) / CHUNKS * 1000
        yield plain, ours, *epochs[:, :, 1].min(axis=0)


def compare_training() -> None:
    print(f"autoencoder_3, {CHUNKS} chunks of {SHAPE}, batch {BATCH}, {os.cpu_count()} cores\n")
    print(f"{'seed':>4} {'ms a chunk':>18} {'times':>7} {'lowest val_loss':>20}")
    print(f"{'':>4} {'plain':>9} {'semisup':>8} {'as fast':>7} {'plain':>11} {'semisup':>8}")
    rows = []
    for seed, row in enumerate(pairs()):
        plain, ours, *losses = row
        rows.append((plain / ours, *losses))
        print(
            f"{seed:>4} {plain:>9.2f} {ours:>8.2f} {plain / ours:>7.2f} {losses[0]:>11.4f} "
            f"{losses[1]:>8.4f}",
            flush=True,
        )
    ratios, *losses = zip(*rows, strict=True)
    print(f"\nmedian ratio: {median(ratios):.2f} (required: 1.8)")
    for name, values in zip(("plain", "semisup"), losses, strict=True):
        print(f"val_loss, {name}: {np.mean(values):.4f}, standard deviation {stdev(values):.4f}")


def make_store(folder: str) -> None:
    import zarr

    n = STORED[-1]
    store = zarr.create_array(folder, shape=(n, *SHAPE), chunks=(128, *SHAPE), dtype="float32")
    for start in range(0, n, 512):
        store[start : start + 512] = spectrograms(512, start)


def train_stored(folder: str, n: int, memory_gb: float) -> None:
    """Train on the first `n` rows of a store; print seconds an epoch, val_loss and peak MiB."""
    import zarr

    from semisup.autoencoders import build_autoencoder
    from semisup.networks.autoencoding import TrainingSpec, train
    from semisup.networks.scaling import chunk_moments
    from semisup.networks.streaming import opened

    store = zarr.open_array(folder, mode="r")
    rows = (np.arange(512, n), np.arange(512))
    training, validation = opened(store, rows, memory_gb)
    _, scaling = chunk_moments(training, "log")
    model, _ = build_autoencoder("autoencoder_1", SHAPE, bin_scaling=scaling, **SETTINGS)
    ends = [time.perf_counter()]
    spec = TrainingSpec(loss="mean_squared_error", epochs=2, batch_size=BATCH)
    history = train(
        model,
        spec,
        training,
        validation,
        0,
        Path(folder).with_name(f"{os.getpid()}.npz"),
        after_epoch=lambda *_: ends.append(time.perf_counter()) is None,  # True: go on
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([median(np.diff(ends[1:])), history["val_loss"].min(), peak]))


def compare_streaming() -> None:
    print("\nautoencoder_1 on a Zarr store, two epochs\n")
    print(f"{'chunks':>7} {'read':>10} {'s an epoch':>11} {'val_loss':>9} {'peak MiB':>9}")
    with TemporaryDirectory() as folder:
        path = f"{folder}/chunks.zarr"
        make_store(path)
        for n in STORED:
            for name, memory_gb in (("memory", 64.0), ("streamed", 1e-6)):
                seconds, loss, peak = stored(path, n, memory_gb)
                print(f"{n:>7} {name:>10} {seconds:>11.2f} {loss:>9.4f} {peak:>9.0f}", flush=True)


def stored(path: str, n: int, memory_gb: float) -> list[float]:
    command = [sys.executable, __file__, "stored", path, str(n), str(memory_gb)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return json.loads(done.stdout)


def main() -> None:
    work = {"ours": train_ours, "plain": train_plain}
    if len(sys.argv) == 1:
        compare_training()
        compare_streaming()
    elif sys.argv[1] in work:
        take_turns(work[sys.argv[1]])
    else:
        path, n, memory_gb = sys.argv[2:]
        train_stored(path, int(n), float(memory_gb))


if __name__ == "__main__":
    main()
