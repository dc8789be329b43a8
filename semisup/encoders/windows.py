"""Long recordings as windows, and windows of several recordings as batches.

In: blocks of decoded samples, as they come. Out: windows of one length, the last two of a recording
shorter, so that none is only a few samples long and memory holds no more than two of them.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np


class Window(NamedTuple):
    """A part of a recording.

    Parameters
    ----------
    owner : int
        Number of the recording.
    samples : ndarray of shape (n_samples,), float32
    """

    owner: int
    samples: np.ndarray


def windows(blocks: Iterable[np.ndarray], length: int) -> Iterator[np.ndarray]:
    """Cut a recording that comes in blocks into windows.

    Parameters
    ----------
    blocks : iterable of ndarray of shape (n_samples,)
    length : int
        Samples of a window.

    Yields
    ------
    ndarray of shape (n_samples,), float32
        Of `length` samples; what is left of two lengths or less, and more than one, is halved.

    Examples
    --------
    >>> [len(window) for window in windows([np.zeros(7), np.zeros(18)], 10)]
    [10, 8, 7]
    """
    waiting = np.empty(0, np.float32)
    for block in blocks:
        waiting = np.concatenate([waiting, block.astype(np.float32)])
        start = 0
        while len(waiting) - start > 2 * length:
            yield waiting[start : start + length]
            start += length
        waiting = waiting[start:]
    half = (len(waiting) + 1) // 2 if len(waiting) > length else len(waiting)
    yield waiting[:half]
    if half < len(waiting):
        yield waiting[half:]


def windows_of(streams: Iterable[Iterable[np.ndarray]], length: int) -> Iterator[Window]:
    """Cut recordings into windows, one after the other; see `windows`."""
    for owner, blocks in enumerate(streams):
        yield from (Window(owner, samples) for samples in windows(blocks, length))


def batched(parts: Iterable[Window], most: int, stretch: float) -> Iterator[list[Window]]:
    """Gather neighbours into batches.

    Parameters
    ----------
    parts : iterable of Window
    most : int
        Windows of a batch.
    stretch : float
        How many times as long as the shortest of a batch the longest may be.
    """
    batch: list[Window] = []
    for part in parts:
        lengths = [len(window.samples) for window in [*batch, part]]
        if len(batch) == most or max(lengths) > stretch * min(lengths):
            yield batch
            batch = []
        batch.append(part)
    if batch:
        yield batch
