"""Streaming of chunks in random order, from memory or from a store that is larger than the memory.

In: chunks and a generator. Out: batches. A store is read in whole blocks, so many at a time, and
their rows are shuffled among each other: memory holds two such groups, however large the store.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from semisup.networks.models import Chunks, Rows

Item = TypeVar("Item")

#: Blocks of a store whose rows are shuffled together: 2,048 chunks of a chunk store.
GROUP = 16
GIB = 2**30


class Streamed(Rows):
    """Rows of a store that stay there: read block by block, anew in every pass.

    Parameters
    ----------
    store : array-like of shape (n, frames, bins)
        A Zarr array, or anything with its `chunks`.
    rows : ndarray of shape (m,)
        Ascending row numbers.
    """

    store: Any

    def __init__(self, store: Any, rows: np.ndarray) -> None:
        super().__init__(store, rows)
        self.block = store.chunks[0]

    def blocks(self) -> list[np.ndarray]:
        """Return the positions, from 0 to m - 1, of the rows of each block of the store."""
        positions = np.arange(len(self.rows))
        return np.split(positions, np.flatnonzero(np.diff(self.rows // self.block)) + 1)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return self.after(self.empty(0), rows)

    def empty(self, n: int) -> np.ndarray:
        """Return room for so many rows."""
        return np.empty((n, *self.store.shape[1:]), dtype=np.float32)

    def after(self, first: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return rows that are in memory, and after them the rows at some positions, read once."""
        wanted, both = self.rows[rows], self.empty(len(first) + len(rows))
        both[: len(first)] = first
        out = both[len(first) :]
        # a store decompresses whole blocks anyway: each is read once, for all of its rows
        for number in np.unique(wanted // self.block):
            in_block = wanted // self.block == number
            start = number * self.block
            out[in_block] = self.store[start : start + self.block][wanted[in_block] - start]
        return both


def opened(
    store: Any,
    selections: tuple[np.ndarray, ...],
    memory_gb: float,
    copies: int = 1,
) -> list[Chunks]:
    """Read selected rows of a chunk store into memory where all of them fit, else stream them.

    Parameters
    ----------
    store : array-like of shape (n, frames, bins)
        A Zarr array; an ndarray is in memory anyway.
    selections : tuple of ndarray of shape (m,)
        Ascending row numbers, those to train on and those to validate on for example.
    memory_gb : float
        GiB that all of them together may take.
    copies : int
        How many times they will be in memory: twice where training scales them.

    Returns
    -------
    list of ndarray or Streamed of shape (m, frames, bins)
    """
    values = copies * sum(map(len, selections)) * int(np.prod(store.shape[1:]))
    if isinstance(store, np.ndarray):
        return [Rows(store, rows)[np.arange(len(rows))] for rows in selections]
    views: list[Chunks] = [Streamed(store, rows) for rows in selections]
    if values * np.dtype(np.float32).itemsize > memory_gb * GIB:
        return views
    return [view[np.arange(len(view))] for view in views]


def shuffled(chunks: Chunks, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Take each chunk once, in random order, in batches of `size`; the last may be smaller."""
    if not isinstance(chunks, Streamed):
        order = rng.permutation(len(chunks))
        for start in range(0, len(order), size):
            # sorted, as stores read rows faster in order; the gradient is the batch's mean anyway
            yield chunks[np.sort(order[start : start + size])]
        return
    rest = chunks.empty(0)
    for group in _groups(chunks, rng):
        # together, so that only the last batch of all is smaller
        pool = chunks.after(rest, group)
        order, whole = rng.permutation(len(pool)), len(pool) // size * size
        for start in range(0, whole, size):
            yield pool[order[start : start + size]]
        rest = pool[order[whole:]]
        del pool  # before the next group is read
    if len(rest):
        yield rest


def _groups(chunks: Streamed, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Deal the blocks out into groups at random; return the positions in each, ascending."""
    blocks = chunks.blocks()
    order = rng.permutation(len(blocks))
    for start in range(0, len(order), GROUP):
        yield np.sort(np.concatenate([blocks[k] for k in order[start : start + GROUP]]))


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Pass items on, while a thread makes the next one."""
    # a sentinel: a StopIteration out of the thread would be a RuntimeError in this generator
    end = object()
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, items, end)
            yield item  # type: ignore[misc]
