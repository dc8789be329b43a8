"""Peak memory of a network's training on arrays on disk: it must not grow with the corpus.

    python benchmarks/networks.py [rows]

`cnn_2d` on mel spectrograms of 3 s (128 x 130), which fit into memory or are read batch by batch
(``memory_gb``), of one corpus and of one twice as large, each in a process of its own.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from semisup.classifiers import classifier
from semisup.features.arrays import Arrays

SHAPE = (128, 130)
EPOCHS = 2
#: GiB that rows may take in memory: read batch by batch, and held.
READ, HELD = 0.05, 8.0


class Training(NamedTuple):
    """How many rows, in how many GiB they may be held, peak MiB and milliseconds a row."""

    rows: int
    memory_gb: float
    peak: float
    each: float


def write(store: Path, rows: int) -> None:
    """Write noise, some rows at a time."""
    import zarr

    rng = np.random.default_rng(0)
    array = zarr.create_array(
        store, shape=(rows, *SHAPE), chunks=(4, *SHAPE), dtype="float32", compressors=None
    )
    for start in range(0, rows, 256):
        stop = min(start + 256, rows)
        array[start:stop] = rng.normal(size=(stop - start, *SHAPE)).astype(np.float32)


def train(store: Path, count: int, memory_gb: float) -> None:
    """Train, and print peak memory and time of a row."""
    network = classifier("cnn_2d").build(0)
    network.set_params(epochs=EPOCHS, memory_gb=memory_gb)
    began = time.perf_counter()
    network.fit(Arrays(store).rows(np.arange(count)), np.arange(count) % 10)
    each = 1000 * (time.perf_counter() - began) / (EPOCHS * count)
    print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10, each]))


def trainings(count: int, limits: tuple[float, ...]) -> Iterator[Training]:
    """Measure both sizes of corpus, within each limit of memory."""
    with TemporaryDirectory() as folder:
        for number in (count, 2 * count):
            store = Path(folder) / f"{number}.zarr"
            write(store, number)
            for memory_gb in limits:
                # a process each: peak memory never falls again
                command = [sys.executable, __file__, str(store), str(number), str(memory_gb)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                yield Training(number, memory_gb, *json.loads(done.stdout))


def rows() -> Iterator[dict[str, Any]]:
    """Yield the peak memory of a corpus twice as large, against that of one."""
    smaller, larger = trainings(1536, (READ,))
    yield {
        "name": f"memory of a network on {larger.rows:,} rows from disk, and half",
        "ours": larger.peak,
        "baseline": smaller.peak,
        "ratio": larger.peak / smaller.peak,
        "target": "<= 1.15",
        "unit": "MiB",
    }


def main(count: int) -> None:
    """Print both sizes, read and held."""
    for training in trainings(count, (READ, HELD)):
        size = f"{training.rows:6d} rows ({4 * training.rows * np.prod(SHAPE) / 2**20:5.0f} MiB)"
        cost = f"peak {training.peak:5.0f} MiB, {training.each:.2f} ms a row and epoch"
        print(f"{size}, memory_gb = {training.memory_gb:g}: {cost}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        train(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 4096)
