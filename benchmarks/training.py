"""Speed of whole trainings against plain `keras.Model.fit`, and of streaming against memory.

    python benchmarks/training.py                every case, the first updates of a training
    python benchmarks/training.py whole          all 4,000 updates of a study: hours
    python benchmarks/training.py streaming      rows read from disk, in memory and time

Both sides of a case are processes of their own that train the same layers on the same generated
chunks, in as many updates, with as many looks at the validation chunks; they take turns. Plain
Keras runs as a user would have it, without the settings that make a re-run the same. The first turn
builds the model and traces it; the time of a whole training is that of the first turn, and the
median of the others for all that would follow. Processor time stands beside the time by the clock,
which hangs on what else a machine does.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

SHAPE = (74, 200)
#: Of a study's training, and from one look at the validation chunks to the next.
UPDATES, VALIDATE = 4000, 100
#: Validation chunks for each one to learn from, where 30 % of the recordings validate.
VALIDATION = 0.43
CLASSES = 8
#: Chunks of an update of the streamed training.
BATCH = 128
#: For streaming: several groups of blocks of 2,048, and twice as many.
STORED = (6144, 12288)
SETTINGS = {"input_scaling": "log", "bottleneck_activation": "linear"}


class Case(NamedTuple):
    """A training: what learns, on how many chunks, in updates of so many; updates of a turn."""

    architecture: str
    settings: dict[str, str]
    loss: str
    chunks: int
    batch: int
    updates: int
    turns: int = 6


RAW: dict[str, str] = {}
#: The batches are those that `TrainingSpec` chooses for so many chunks; RAVDESS has 312.
CASES = {
    "autoencoder_3_log, 312 chunks": Case(
        "autoencoder_3", SETTINGS, "mean_squared_error", 312, 8, 25
    ),
    "autoencoder_3, 312 chunks": Case("autoencoder_3", RAW, "binary_crossentropy", 312, 8, 25),
    "autoencoder_3_log, 1,280 chunks": Case(
        "autoencoder_3", SETTINGS, "mean_squared_error", 1280, 32, 10
    ),
    "autoencoder_3_log, 5,120 chunks": Case(
        "autoencoder_3", SETTINGS, "mean_squared_error", 5120, 128, 3
    ),
}
#: Classifiers with dropout before their last layer alone, which Keras draws: a turn is a whole fit,
#: on 200 recordings of which a fifth is watched.
NETWORKS = {
    "cnn_2d, 200 recordings": Case("cnn_2d", RAW, "categorical_crossentropy", 200, 32, 75, 3)
}
#: Takes a turn's val_loss, and returns when it is this side's turn again.
Told = Callable[[float], None]


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


class Chunks(NamedTuple):
    """What a case learns from, and what it is watched on."""

    training: np.ndarray
    validation: np.ndarray

    @classmethod
    def of(cls, case: Case) -> "Chunks":
        """Generate them; those to watch take the share of a turn that they take in a study."""
        watched = round(VALIDATION * case.chunks * case.updates / VALIDATE)
        return cls(spectrograms(case.chunks, 0), spectrograms(watched, 1))


def model_of(case: Case, chunks: Chunks) -> Any:
    from semisup.autoencoders import build_autoencoder
    from semisup.networks.scaling import chunk_moments

    _, scaling = chunk_moments(chunks.training, case.settings.get("input_scaling", "raw"))
    return build_autoencoder(case.architecture, SHAPE, bin_scaling=scaling, **case.settings)[0]


def train_ours(case: Case, chunks: Chunks, told: Told) -> None:
    from semisup.networks.autoencoding import TrainingSpec, train

    spec = TrainingSpec(
        loss=case.loss,
        batch_size=case.batch,
        steps=case.updates * case.turns,
        validate_steps=case.updates,
        patience_steps=UPDATES,
    )
    with TemporaryDirectory() as folder:
        train(
            model_of(case, chunks),
            spec,
            *chunks,
            seed=0,
            checkpoint=Path(folder) / "training.npz",
            after_epoch=lambda epoch, loss, val_loss: told(val_loss) is None,  # True: go on
        )


def train_plain(case: Case, chunks: Chunks, told: Told) -> None:
    import keras
    import tensorflow as tf

    from semisup.networks.models import target_of

    class Tell(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            told(logs["val_loss"])

    model = model_of(case, chunks)
    target = target_of(model)
    training, validation = ((rows, target(rows)) for rows in chunks)
    keras.utils.set_random_seed(0)
    model.compile(keras.optimizers.Adam(0.001), case.loss)
    batches = tf.data.Dataset.from_tensor_slices(training).shuffle(case.chunks).batch(case.batch)
    keep_best = keras.callbacks.EarlyStopping(patience=case.turns, restore_best_weights=True)
    model.fit(
        batches.repeat().prefetch(2),
        epochs=case.turns,
        steps_per_epoch=case.updates,
        validation_data=validation,
        validation_batch_size=256,
        verbose=0,
        callbacks=[Tell(), keep_best],
    )


def fit_ours(case: Case, chunks: Chunks, told: Told) -> None:
    from semisup.classifiers import classifier

    network = classifier(case.architecture).build(0)
    epochs = epochs_of(case)
    network.set_params(epochs=epochs, patience=epochs, batch_size=case.batch)
    for _ in range(case.turns):
        network.fit(chunks.training, np.arange(case.chunks) % CLASSES)
        told(network.history_["val_loss"].min())


def fit_plain(case: Case, chunks: Chunks, told: Told) -> None:
    import keras

    from semisup.networks.layouts import Layout, build_network

    model = build_network(Layout(case.architecture, SHAPE, CLASSES, case.batch), 0)
    targets = np.eye(CLASSES, dtype=np.float32)[np.arange(case.chunks) % CLASSES]
    learned = 4 * case.chunks // 5 // case.batch * case.batch
    initial, epochs = model.get_weights(), epochs_of(case)
    keep_best = keras.callbacks.EarlyStopping(patience=epochs, restore_best_weights=True)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.001), loss, metrics=["accuracy"])
    # whole batches: the network takes no others
    watched = slice(learned, learned + case.batch)
    for _ in range(case.turns):
        model.set_weights(initial)
        fitted = model.fit(
            chunks.training[:learned],
            targets[:learned],
            batch_size=case.batch,
            epochs=epochs,
            validation_data=(chunks.training[watched], targets[watched]),
            verbose=0,
            callbacks=[keep_best],
        )
        told(min(fitted.history["val_loss"]))


def epochs_of(case: Case) -> int:
    """Return how many passes over four fifths of the rows the updates of a turn are."""
    return case.updates // (4 * case.chunks // 5 // case.batch)


def take_turns(work: Callable[[Case, Chunks, Told], None], case: Case) -> None:
    """Do a turn whenever a line comes in; answer with its seconds, by clock and processor."""
    chunks, turns = Chunks.of(case), 0
    sys.stdin.readline()
    began = time.perf_counter(), time.process_time()

    def told(val_loss: float) -> None:
        nonlocal began, turns
        ended = time.perf_counter(), time.process_time()
        print(json.dumps([*np.subtract(ended, began), val_loss]), flush=True)
        turns += 1
        if turns < case.turns:
            sys.stdin.readline()
        began = time.perf_counter(), time.process_time()

    work(case, chunks, told)


class Side:
    """One side of a case, in a process of its own."""

    def __init__(self, name: str, case: Case) -> None:
        environment = {**os.environ, "TF_DETERMINISTIC_OPS": "0"} if name == "plain" else None
        self.process = subprocess.Popen(
            [sys.executable, __file__, name, json.dumps(case)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def turn(self) -> list[float]:
        """Let it train for a turn; return its seconds, by clock and processor, and its val_loss."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Result(NamedTuple):
    """Seconds of a study's training by clock and processor, plain and ours, and the last losses."""

    clock: tuple[float, float]
    processor: tuple[float, float]
    val_loss: tuple[float, float]


def compared(case: Case) -> Result:
    """Train a case on both sides, in turns."""
    sides = [Side("plain", case), Side("ours", case)]
    turns = np.array([[side.turn() for side in sides] for _ in range(case.turns)])
    for side in sides:
        side.process.stdin.close()
        side.process.wait()
    later = (UPDATES - case.updates) / case.updates
    whole = turns[0] + later * np.median(turns[1:], axis=0)
    return Result(tuple(whole[:, 0]), tuple(whole[:, 1]), tuple(turns[-1, :, 2]))


def rows() -> Iterator[dict[str, Any]]:
    """Yield the seconds of each training, by the clock and of the processor."""
    for name, case in (CASES | NETWORKS).items():
        result = compared(case)
        for of, (plain, ours) in (("", result.clock), (", processor", result.processor)):
            yield {
                "name": f"training of {name}, batches of {case.batch}{of}",
                "ours": ours,
                "baseline": plain,
                "ratio": plain / ours,
                "target": ">= 2" if name in CASES else ">= 1",
                "unit": "s",
            }


def compare_training(whole: bool) -> None:
    print(f"{UPDATES:,} updates on chunks of {SHAPE}, {os.cpu_count()} cores\n")
    print(f"{'':>38} {'seconds':>23} {'of the processor':>23} {'val_loss':>15}")
    pair = f"{'plain':>7} {'ours':>7}"
    print(f"{'training':>31} {'batch':>6} {pair} {'ratio':>7} {pair} {'ratio':>7} {pair}")
    for name, case in (CASES | NETWORKS).items():
        if whole and name in CASES:
            case = case._replace(updates=VALIDATE, turns=UPDATES // VALIDATE)
        (plain, ours), (plain_cpu, our_cpu), losses = compared(case)
        print(
            f"{name:>31} {case.batch:>6} {plain:>7.0f} {ours:>7.0f} {plain / ours:>7.2f} "
            f"{plain_cpu:>7.0f} {our_cpu:>7.0f} {plain_cpu / our_cpu:>7.2f} "
            f"{losses[0]:>7.4f} {losses[1]:>7.4f}",
            flush=True,
        )


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
    arguments = sys.argv[1:]
    if arguments in ([], ["whole"]):
        compare_training(whole=bool(arguments))
    elif arguments == ["streaming"]:
        compare_streaming()
    elif arguments[0] in ("ours", "plain"):
        case = Case(*json.loads(arguments[1]))
        of_networks = case in NETWORKS.values()
        ours, plain = (fit_ours, fit_plain) if of_networks else (train_ours, train_plain)
        take_turns(ours if arguments[0] == "ours" else plain, case)
    else:
        path, n, memory_gb = arguments[1:]
        train_stored(path, int(n), float(memory_gb))


if __name__ == "__main__":
    main()
