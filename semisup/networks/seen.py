"""The part of its input that an encoder sees: rows and columns that its codes respond to.

In: an encoder and chunks. Out: how many frames and bins change a code when noise is in their place.
Strides may leave the last ones unread, and no loss on the codes tells of it.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.networks.models import Chunks, encode, evenly

if TYPE_CHECKING:
    from keras import Model

#: Chunks that are tried: a unit may be at rest in one of them.
TRIED = 8
#: A smaller share of the input than this is a warning.
ENOUGH = 0.95


class Seen(NamedTuple):
    """How many frames and bins of a chunk an encoder sees, and how many there are."""

    frames_seen: int
    frames: int
    bins_seen: int
    bins: int

    @property
    def share(self) -> float:
        """The part of a chunk's values that the encoder sees."""
        return self.frames_seen / self.frames * self.bins_seen / self.bins

    def told(self) -> str:
        """Say what is seen.

        Examples
        --------
        >>> Seen(36, 49, 180, 200).told()
        'sees 36 of 49 frames and 180 of 200 bins'
        """
        return (
            f"sees {self.frames_seen} of {self.frames} frames and {self.bins_seen} of {self.bins} "
            "bins"
        )


def seen_by(encoder: "Model", chunks: Chunks, seed: int = 0) -> Seen:
    """Put noise in the place of each frame, and of each bin, and watch the codes.

    Parameters
    ----------
    encoder : keras.Model
        (n, frames, bins) magnitudes to codes.
    chunks : Chunks of shape (n, frames, bins)
    seed : int
        Of the noise.
    """
    tried = np.array(evenly(chunks, TRIED))
    # loud, so that what is read is heard: up to twice what any chunk has
    noise = np.random.default_rng(seed).uniform(0, 2 * tried.max() + 1, tried.shape)
    noise = noise.astype(tried.dtype)
    codes = encode(encoder, tried)
    frames, bins = (_responding(encoder, tried, noise, axis, codes) for axis in (1, 2))
    return Seen(frames, tried.shape[1], bins, tried.shape[2])


def _responding(
    encoder: "Model", chunks: np.ndarray, noise: np.ndarray, axis: int, codes: np.ndarray
) -> int:
    """Count the places along an axis whose noise changes a code of any chunk."""
    count = 0
    for place in range(chunks.shape[axis]):
        where: list[int | slice] = [slice(None)] * chunks.ndim
        where[axis] = place
        changed = chunks.copy()
        changed[tuple(where)] = noise[tuple(where)]
        count += bool((encode(encoder, changed) != codes).any())
    return count
