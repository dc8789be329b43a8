"""Data augmentation of training rows: a batch and its targets in, a changed batch of them out.

Axis 0 is the row and the last axis is time throughout. What is random is drawn in `Augmentation`
alone; the other functions draw nothing.
"""

from typing import NamedTuple

import numpy as np


class Augmentation(NamedTuple):
    """How much is changed at random; nothing by default.

    Parameters
    ----------
    time_shift : float
        Largest share of a row that goes round from one end to the other.
    gain_db : float
        Largest gain or loss in decibels.
    spec_augment : float
        Largest share of the bands that one mask covers, and of the frames that another does.
    mixup : float
        Parameter of the Beta distribution that two rows are mixed by; 0 mixes none.
    decibels : bool
        Whether values are levels, to which a gain is added, and not amplitudes.

    References
    ----------
    D. S. Park et al., "SpecAugment", Interspeech 2019. https://doi.org/10.21437/Interspeech.2019-2680
    H. Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018.
    https://doi.org/10.48550/arXiv.1710.09412
    """

    time_shift: float = 0.0
    gain_db: float = 0.0
    spec_augment: float = 0.0
    mixup: float = 0.0
    decibels: bool = False

    def apply(
        self, batch: np.ndarray, targets: np.ndarray, fill: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Change a batch at random.

        Parameters
        ----------
        batch : ndarray of shape (n, samples) or (n, bands, frames)
        targets : ndarray of shape (n, n_classes)
            Weights of the classes.
        fill : ndarray of shape (bands,)
            What masked values become.
        rng : Generator

        Returns
        -------
        batch, targets : ndarray
            Of the same shapes, float32.
        """
        n, length = len(batch), batch.shape[-1]
        if self.time_shift:
            most = int(self.time_shift * length)
            batch = shift(batch, rng.integers(-most, most + 1, size=n))
        if self.gain_db:
            batch = gain(batch, rng.uniform(-self.gain_db, self.gain_db, size=n), self.decibels)
        if self.spec_augment:
            for axis in (1, 2):
                starts, stops = _spans(n, batch.shape[axis], self.spec_augment, rng)
                batch = mask(batch, fill, starts, stops, axis)
        if self.mixup:
            batch, targets = mix(
                batch, targets, rng.permutation(n), rng.beta(self.mixup, self.mixup, size=n)
            )
        return batch, targets


def shift(batch: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Shift each row by its own number of steps along time, round the end.

    Examples
    --------
    >>> shift(np.array([[1, 2, 3], [1, 2, 3]]), np.array([1, -1]))
    array([[3, 1, 2],
           [2, 3, 1]])
    """
    return np.stack([np.roll(row, step, axis=-1) for row, step in zip(batch, steps, strict=True)])


def gain(batch: np.ndarray, decibels: np.ndarray, levels: bool) -> np.ndarray:
    """Make each row louder by its own decibels: multiply amplitudes, or add to levels in dB.

    Examples
    --------
    >>> gain(np.array([[1.0, 2.0]]), np.array([20.0]), levels=False)
    array([[10., 20.]])
    >>> gain(np.array([[1.0, 2.0]]), np.array([20.0]), levels=True)
    array([[21., 22.]])
    """
    # in the batch's type, as float64 here would make the whole batch float64
    row_decibels = decibels.reshape(-1, *[1] * (batch.ndim - 1)).astype(batch.dtype)
    return batch + row_decibels if levels else batch * 10 ** (row_decibels / 20)


def mask(
    batch: np.ndarray, fill: np.ndarray, starts: np.ndarray, stops: np.ndarray, axis: int
) -> np.ndarray:
    """Put the fill of each band in place of what is from start to stop along an axis.

    Examples
    --------
    >>> batch = np.arange(6.0).reshape(1, 2, 3)
    >>> mask(batch, np.array([-1.0, -2.0]), np.array([1]), np.array([3]), axis=2)
    array([[[ 0., -1., -1.],
            [ 3., -2., -2.]]])
    """
    positions = np.arange(batch.shape[axis])
    inside = (positions >= starts[:, None]) & (positions < stops[:, None])
    inside = inside[:, :, None] if axis == 1 else inside[:, None, :]
    return np.where(inside, fill[:, None].astype(batch.dtype), batch)


def mix(
    batch: np.ndarray, targets: np.ndarray, partners: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mix each row, and its targets, with a partner: a share of itself and the rest of it.

    Examples
    --------
    >>> mix(np.array([[0.0], [4.0]]), np.eye(2), np.array([1, 0]), np.array([0.75, 1.0]))
    (array([[1.],
           [4.]]), array([[0.75, 0.25],
           [0.  , 1.  ]]))
    """

    def mixed(values: np.ndarray) -> np.ndarray:
        share = shares.reshape(-1, *[1] * (values.ndim - 1)).astype(values.dtype)
        return share * values + (1 - share) * values[partners]

    return mixed(batch), mixed(targets)


def _spans(
    n: int, length: int, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    widths = rng.integers(0, int(share * length) + 1, size=n)
    starts = rng.integers(0, length - widths + 1)
    return starts, starts + widths
