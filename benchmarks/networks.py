"""Peak memory of a network's training on arrays on disk: it must not grow with the corpus.

    python benchmarks/networks.py [rows]

`cnn_2d` on mel spectrograms of 3 s (128 x 130), which fit into memory or are read batch by batch
(``memory_gb``), of one corpus and of one twice as large, each in a process of its own.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from semisup.classifiers import classifier
from semisup.features.arrays import Arrays

SHAPE = (128, 130)
EPOCHS = 2


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


def train(store: Path, rows: int, memory_gb: float) -> None:
    """Train, and print peak memory and time of a row."""
    network = classifier("cnn_2d").build(0)
    network.set_params(epochs=EPOCHS, memory_gb=memory_gb)
    began = time.perf_counter()
    network.fit(Arrays(store).rows(np.arange(rows)), np.arange(rows) % 10)
    each = 1000 * (time.perf_counter() - began) / (EPOCHS * rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    size = f"{rows:6d} rows ({4 * rows * np.prod(SHAPE) / 2**20:5.0f} MiB)"
    cost = f"peak {peak:5.0f} MiB, {each:.2f} ms a row and epoch"
    print(f"{size}, memory_gb = {memory_gb:g}: {cost}", flush=True)


def main(rows: int) -> None:
    """Measure both sizes, read and held."""
    with TemporaryDirectory() as folder:
        for count in (rows, 2 * rows):
            store = Path(folder) / f"{count}.zarr"
            write(store, count)
            for memory_gb in (0.05, 8.0):
                # a process each: peak memory never falls again
                command = [sys.executable, __file__, str(store), str(count), str(memory_gb)]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        train(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 4096)
