"""Recordings without sound: silent, silent but for the last bit, or silent once averaged.

In: blocks of samples, and how far those of a codec may lie apart without sound. Out: the reason,
or "".
"""

import re
from collections.abc import Sequence

import numpy as np

#: Of formats that compress, which round silence to 16 bits, up or down.
_LOSSY = 2 * 2**-15
#: Dither makes -1, 0 and 1 of silence; in 8 bits they may be speech.
_DITHERED = 16
#: Of the codecs of telephones, whose steps grow with the level: the smallest, in 14 and 13 bits.
_STEPS = {"ULAW": 2**-12, "ALAW": 2**-11, "FLOAT": 0.0, "DOUBLE": 0.0}
#: Of codecs that keep whole numbers: how many bits they have.
_BITS = re.compile(r"(?:PCM|ALAC|DPCM|DWVW)_[SU]?(\d+)")
#: Channels cancel if this part of them is left (-60 dB): no two microphones agree so well.
_LEFT = 2**-10


def noise_of(subtype: str) -> float:
    """Return how far samples of a codec, as libsndfile names it, may lie apart without any sound.

    That is one step of its resolution, or two where silence is dithered or rounded. Samples of
    floats may have any unit, so that no difference is small: 0.

    Examples
    --------
    >>> noise_of("PCM_16") == 2 * 2**-15
    True
    >>> noise_of("PCM_U8"), noise_of("FLOAT")
    (0.0078125, 0.0)
    """
    match = _BITS.fullmatch(subtype)
    if match is None:
        return _STEPS.get(subtype, _LOSSY)
    bits = int(match[1])
    return 2.0 ** (1 - bits) * (2 if bits >= _DITHERED else 1)


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


def why_silent(found: Sequence[np.ndarray], noise: float) -> str:
    """Say that there is no sound in a recording, "" if there is.

    Parameters
    ----------
    found : list of ndarray
        The `extremes` of each of its blocks.
    noise : float
        As `noise_of` gives it.
    """
    low, high = np.min(found, axis=0)[0], np.max(found, axis=0)[1]
    span = high - low
    channels, average, loudest = span[:-1], span[-1], span[:-1].max()
    if loudest == 0:
        return f"silent, every sample is {low[-1]:g}"
    if loudest <= noise:
        return (
            f"silent but for its last bit, all samples lie between {low[:-1].min():g} and "
            f"{high[:-1].max():g}"
        )
    if average <= max(min(noise, loudest / 4), loudest * _LEFT):
        return (
            f"its {len(channels)} channels cancel each other, their average spans {average:.2g} "
            f"and one of them {loudest:.2g}: keep one channel"
        )
    return ""
