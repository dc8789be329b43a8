"""Arrays of representations on disk, whose rows are read only when they are used.

An array representation has a Zarr array of shape (n, ...) and an index of n lines, recording and
chunk; line i describes row i. Networks take its rows as they are; `flattened` and `blocks` make
feature tables of them for other classifiers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

#: Rows in memory at once where they are flattened or told apart: 70 MB of 3 s of waveform.
BATCH = 256


class Arrays(NamedTuple):
    """What a cell must know of an array representation.

    Parameters
    ----------
    store : Path
        A Zarr array of shape (n, ...), float32.
    pooled : bool
        Whether classifiers of feature tables get mean and deviation over the last axis, time.
    """

    store: Path
    pooled: bool = False

    def rows(self, numbers: np.ndarray) -> "ArrayRows":
        """Return the rows of these numbers; nothing is read yet."""
        return ArrayRows(self.store, numbers, self.pooled)


class ArrayRows:
    """Some rows of an array on disk as if they were an array of their own; read when indexed.

    Parameters
    ----------
    store : Path
        A Zarr array of shape (n, ...).
    numbers : ndarray of shape (m,) or (m, 1)
        Row numbers, in any order.
    pooled : bool
        Whether a feature table of them is their mean and deviation over the last axis, time.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, store: Path, numbers: np.ndarray, pooled: bool = False) -> None:
        import zarr

        self.array = zarr.open_array(store, mode="r")
        # they may come as the one column of a feature table, floats: see `row_numbers`
        self.numbers = np.asarray(numbers).ravel().astype(np.int64)
        self.pooled = pooled

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape (m, ...) of all rows."""
        return (len(self.numbers), *self.array.shape[1:])

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, positions: np.ndarray | slice) -> np.ndarray:
        # Zarr reads a block once for all of its rows only if they come in order.
        wanted, places = np.unique(self.numbers[positions], return_inverse=True)
        rows = self.array.oindex[wanted] if len(wanted) else np.empty((0, *self.shape[1:]))
        return np.asarray(rows, dtype=self.dtype)[places]


def flattened(rows: ArrayRows) -> np.ndarray:
    """Read rows as a feature table.

    Returns
    -------
    ndarray of shape (m, n_features), float32
        All numbers of a row side by side; if pooled, their means over the last axis, time, and
        after these their standard deviations.
    """
    shape = rows.shape[1:-1] if rows.pooled else rows.shape[1:]
    table = np.empty((len(rows), int(np.prod(shape) * (2 if rows.pooled else 1))), np.float32)
    # filled block by block: a list of blocks joined at the end would take twice the memory
    done = 0
    for block in blocks(rows):
        table[done : done + len(block)] = block
        done += len(block)
    return table


def blocks(rows: ArrayRows) -> Iterator[np.ndarray]:
    """Yield the feature table of rows `BATCH` rows at a time; see `flattened`."""
    for start in range(0, len(rows), BATCH):
        block = rows[start : start + BATCH]
        if rows.pooled:
            # in double: the mean of many equal numbers is that number
            moments = (block.mean(axis=-1, dtype=float), block.std(axis=-1, dtype=float))
            block = np.stack(moments, axis=1).astype(np.float32)
        yield block.reshape(len(block), -1)


def row_numbers(index: pd.DataFrame) -> pd.DataFrame:
    """Return the index of arrays as a feature table whose one feature is the row's number."""
    # so that the plan of a learning curve treats arrays and tables alike
    return index.assign(row=np.arange(len(index)))
