"""Lazy rows, which may be larger than the memory: rows in, batches in random order out.

Lazy rows have a length, a shape and ``rows[positions] -> ndarray``; an ndarray has all that too.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

#: Rows read at once where all are needed, in order.
BATCH = 64
#: Neighbouring rows that are read together: about a block of a chunk store.
PIECE = 64
#: Bytes of lazy rows that are read and shuffled together.
POOL = 64 * 2**20
GIB = 2**30


class LazyRows(Protocol):
    """What networks learn from."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape (n, ...) of all rows."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, positions: Any) -> Any: ...


def read(rows: LazyRows, positions: np.ndarray) -> np.ndarray:
    """Read rows in any order, float32; lazy ones are asked for in ascending order."""
    if isinstance(rows, np.ndarray):
        return np.asarray(rows[positions], dtype=np.float32)
    order = np.argsort(positions, kind="stable")
    out = np.empty((len(positions), *rows.shape[1:]), dtype=np.float32)
    out[order] = rows[positions[order]]
    return out


def in_order(rows: LazyRows, positions: np.ndarray, size: int = BATCH) -> Iterator[np.ndarray]:
    """Read rows in the given order, `size` at a time."""
    for start in range(0, len(positions), size):
        yield read(rows, positions[start : start + size])


def held(rows: LazyRows, memory_gb: float) -> LazyRows:
    """Read rows into memory where they fit into so many GiB, else leave them where they are."""
    needed = 4 * int(np.prod(rows.shape))
    if isinstance(rows, np.ndarray) or needed > memory_gb * GIB:
        return rows
    # in batches: read at once they would be in memory twice
    out = np.empty(rows.shape, dtype=np.float32)
    for start in range(0, len(out), BATCH):
        stop = min(start + BATCH, len(out))
        out[start:stop] = rows[np.arange(start, stop)]
    return out


def shuffled(
    rows: LazyRows, positions: np.ndarray, size: int, rng: np.random.Generator, pool: int = POOL
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Take each row once, in random order, `size` at a time; the last batch may be smaller.

    Lazy rows are read in pieces of neighbours, some pieces at a time, and shuffled among these: a
    row by itself would cost the reading of a whole block of a store.

    Parameters
    ----------
    rows : LazyRows of shape (n, ...)
    positions : ndarray of shape (m,)
        Which of them.
    size : int
    rng : Generator
    pool : int
        Bytes that are shuffled together, where rows are not in memory.

    Yields
    ------
    positions : ndarray of shape (size,)
    rows : ndarray of shape (size, ...), float32
    """
    if isinstance(rows, np.ndarray):
        order = rng.permutation(positions)
        for start in range(0, len(order), size):
            yield order[start : start + size], read(rows, order[start : start + size])
        return
    left, left_rows = positions[:0], np.empty((0, *rows.shape[1:]), dtype=np.float32)
    for pooled in _pools(positions, pool // (4 * int(np.prod(rows.shape[1:]))), rng):
        # what is left of a pool goes into the next one, so that only the last batch is smaller
        left, left_rows = np.r_[left, pooled], np.concatenate([left_rows, read(rows, pooled)])
        order, whole = rng.permutation(len(left)), len(left) // size * size
        for start in range(0, whole, size):
            taken = order[start : start + size]
            yield left[taken], left_rows[taken]
        left, left_rows = left[order[whole:]], left_rows[order[whole:]]
    if len(left):
        yield left, left_rows


def _pools(positions: np.ndarray, most: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Deal pieces of neighbours out into pools of at most so many rows, one piece at least."""
    ordered = np.sort(positions)
    pieces = [ordered[start : start + PIECE] for start in range(0, len(ordered), PIECE)]
    order = rng.permutation(len(pieces))
    together = max(1, most // PIECE)
    for start in range(0, len(order), together):
        yield np.concatenate([pieces[k] for k in order[start : start + together]])


def root_mean_square(rows: LazyRows, positions: np.ndarray) -> float:
    """Return the root mean square of all values in some rows, 1 where all are zero."""
    means = [
        np.square(row, dtype=float).mean() for batch in in_order(rows, positions) for row in batch
    ]
    return float(np.sqrt(np.mean(means))) or 1.0
