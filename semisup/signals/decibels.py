"""Levels in decibels: powers or magnitudes in, dB out."""

import numpy as np

#: Least power before the logarithm, and how far below the loudest one levels reach; librosa's.
FLOOR, TOP_DECIBELS = 1e-10, 80.0
#: dB of a factor of ten, in power and in magnitude.
OF_POWER, OF_MAGNITUDE = 10, 20


def decibels(
    values: np.ndarray,
    per_decade: int = OF_POWER,
    floor: float = FLOOR,
    top: float | None = TOP_DECIBELS,
) -> np.ndarray:
    """Return powers or magnitudes in dB.

    Parameters
    ----------
    values : ndarray
        Not negative.
    per_decade : int
        10 for powers, 20 for magnitudes.
    floor : float
        Smaller values are taken for this one.
    top : float, optional
        Levels more than this below the highest are raised to there; none, if None.

    Examples
    --------
    >>> decibels(np.array([1.0, 0.1, 0.0]))
    array([  0., -10., -80.])
    >>> decibels(np.array([1.0, 0.1, 0.0]), OF_MAGNITUDE, floor=1e-6, top=None)
    array([   0.,  -20., -120.])
    """
    levels = per_decade * np.log10(np.maximum(values, floor))
    # below the highest of all values, not of each frame: quiet frames stay quiet
    return levels if top is None else np.maximum(levels, levels.max() - top)
