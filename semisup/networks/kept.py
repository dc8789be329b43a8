"""Outputs of a frozen network, computed once: lazy rows in, lazy rows of outputs out.

Each row has a file, named by the row's content: fits that share rows, of other draws and budgets
too, share what was computed. Memory holds one batch.
"""

import atexit
import hashlib
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from semisup.engine.artefacts import write_whole
from semisup.networks.rows import LazyRows, in_order
from semisup.study.paths import with_home

#: Rows in one forward pass: the first layers of VGG16 take 33 MB a picture of 180 x 180.
BATCH = 8
#: Frozen networks whose outputs stay in the temporary folder, beside the one in use.
OTHERS = 1


class Kept:
    """Arrays of one shape, one a file, as lazy rows.

    Parameters
    ----------
    paths : list of Path
        Of ``.npy`` files, at least one.
    """

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        self.shape = (len(paths), *np.load(paths[0], mmap_mode="r").shape)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        out = np.empty((len(positions), *self.shape[1:]), dtype=np.float32)
        for number, position in enumerate(positions):
            out[number] = np.load(self.paths[position])
        return out


def kept_outputs(
    compute: Callable[[np.ndarray], np.ndarray], rows: LazyRows, folder: Path, name: str
) -> Kept:
    """Compute the outputs that are not there yet, and return all.

    Parameters
    ----------
    compute : callable
        (8, ...) to (8, ...), row by row; it must always give the same.
    rows : LazyRows of shape (n, ...)
    folder : Path
        Named by all that `compute` depends on.
    name : str
        Of this output among others of the same rows.

    Returns
    -------
    Kept of shape (n, ...)
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for batch in in_order(rows, np.arange(len(rows)), BATCH):
        batch_paths = [folder / f"{_fingerprint(row)}.{name}.npy" for row in batch]
        missing = [number for number, path in enumerate(batch_paths) if not path.exists()]
        if missing:
            # batches of one size: an output must not hang on how many others were missing
            outputs = compute(np.resize(batch[missing], (BATCH, *batch.shape[1:])))
            # not strict: the rows that fill the batch up have outputs too
            for number, output in zip(missing, outputs, strict=False):
                write_whole(batch_paths[number], _saving(output))
        paths += batch_paths
    return Kept(paths)


def folder_of(fingerprint: str, cache_folder: str = "") -> Path:
    """Return the folder of a frozen network's outputs.

    Parameters
    ----------
    fingerprint : str
        Of the network.
    cache_folder : str
        Where they stay; else a temporary folder of the process, which keeps those of the last two.
    """
    if cache_folder:
        return with_home(cache_folder) / fingerprint
    root = _temporary()
    others = sorted(root.iterdir(), key=lambda path: path.stat().st_mtime)
    others = [path for path in others if path.name != fingerprint]
    for old in others[: max(0, len(others) - OTHERS)]:
        shutil.rmtree(old)
    return root / fingerprint


def _fingerprint(row: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(row).data).hexdigest()[:32]


def _saving(array: np.ndarray) -> Callable[[Path], Any]:
    return lambda path: np.save(path, array)


@cache
def _temporary() -> Path:
    folder = TemporaryDirectory(prefix="semisup-")
    atexit.register(folder.cleanup)
    return Path(folder.name)
