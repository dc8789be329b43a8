"""Recordings without sound: silent, silent but for the last bit, or silent once averaged.

In: blocks of samples and the step of a file's resolution. Out: the reason, or "".
"""

import re
from collections.abc import Sequence

import numpy as np

#: Of formats that compress, which round silence to 16 bits, up or down.
_LOSSY = 2 * 2**-15
#: Of the codecs of telephones, whose steps grow with the level: the smallest, in 14 and 13 bits.
_STEPS = {"ULAW": 2**-12, "ALAW": 2**-11, "FLOAT": 0.0, "DOUBLE": 0.0}
#: Of codecs that keep whole numbers: how many bits they have.
_BITS = re.compile(r"(?:PCM|ALAC|DPCM|DWVW)_[SU]?(\d+)")
#: Channels cancel if this part of them is left (-60 dB): no two microphones agree so well.
_LEFT = 2**-10


def step_of(subtype: str) -> float:
    """Return the smallest difference that a codec, as libsndfile names it, tells apart.

    Samples of floats may have any unit, so that no difference is small: 0.

    Examples
    --------
    >>> step_of("PCM_16") == 2**-15
    True
    >>> step_of("PCM_U8"), step_of("FLOAT")
    (0.0078125, 0.0)
    """
    bits = _BITS.fullmatch(subtype)
    return 2.0 ** (1 - int(bits[1])) if bits else _STEPS.get(subtype, _LOSSY)


def extremes(block: np.ndarray, average: np.ndarray) -> np.ndarray:
    """Return the lowest and the highest sample of each channel and, last, of their average.

    Parameters
    ----------
    block : ndarray of shape (n_samples, n_channels)
    average : ndarray of shape (n_samples,)

    Returns
    -------
    ndarray of shape (2, n_channels + 1)
    """
    # by columns: numpy takes ten times as long for the extremes of each along an axis
    columns = (*block.T, average)
    return np.array([(column.min(), column.max()) for column in columns]).T


def why_silent(found: Sequence[np.ndarray], step: float) -> str:
    """Say that there is no sound in a recording, "" if there is.

    Parameters
    ----------
    found : list of ndarray
        The `extremes` of each of its blocks.
    step : float
        As `step_of` gives it.
    """
    low, high = np.min(found, axis=0)[0], np.max(found, axis=0)[1]
    span = high - low
    channels, average, loudest = span[:-1], span[-1], span[:-1].max()
    if loudest == 0:
        return f"silent, every sample is {low[-1]:g}"
    if loudest <= step:
        return (
            f"silent but for its last bit, all samples lie between {low[:-1].min():g} and "
            f"{high[:-1].max():g}"
        )
    if average <= max(min(step, loudest / 4), loudest * _LEFT):
        return (
            f"its {len(channels)} channels cancel each other, their average spans {average:.2g} "
            f"and one of them {loudest:.2g}: keep one channel"
        )
    return ""
