"""Hashes of what recordings sound or look like, whatever their file's name, format or date.

Decoded samples or pixels in, text out: the same sound as WAV and as FLAC has one hash, and so it is
found under two names; a changed file has another even if its size and date are as before.
"""

import hashlib

import numpy as np

#: Hexadecimal digits: 128 bits, too many to meet twice by chance.
DIGITS = 32


class ContentHash:
    """Hash of a signal or picture that comes in blocks.

    Parameters
    ----------
    *shape : int
        What the numbers alone do not tell: sample rate in Hz, or width and height in pixels.
    """

    def __init__(self, *shape: int) -> None:
        self._hash = hashlib.sha256(repr(shape).encode())

    def update(self, values: np.ndarray) -> None:
        """Take in the next block: float32, beyond which no recording goes, halves the time."""
        # adding 0.0 makes -0.0 the zero that it equals
        with np.errstate(over="ignore"):
            self._hash.update(np.add(values, 0.0, dtype="<f4", casting="same_kind"))

    def __str__(self) -> str:
        return self._hash.hexdigest()[:DIGITS]
