"""Mel filter banks: the edges of triangles in, the weight of each bin of a spectrum out.

Which edges is the mel scale's to say; `semisup.signals.mfcc` takes Slaney's, `log_mel`
O'Shaughnessy's. The filters of the hand-crafted features are apart: pyAudioAnalysis cuts its
triangles off at whole bins, which it spaces as if they reached the sample rate.
"""

import numpy as np

from semisup.errors import SpecError


def triangles(
    edges: np.ndarray, sample_rate: int, length: int, equal_area: bool = False
) -> np.ndarray:
    """Return triangular filters, each from one edge over the next to the one after that.

    Parameters
    ----------
    edges : ndarray of shape (n + 2,)
        In Hz, ascending.
    sample_rate : int
        In Hz.
    length : int
        Samples of a frame, zero-padding included.
    equal_area : bool
        Whether a triangle's area is 1 in Hz; else its height is.

    Returns
    -------
    ndarray of shape (n, length // 2 + 1)
        Weight of each bin of a frame's power spectrum.

    Raises
    ------
    SpecError
        If the frame is so short that a filter would be empty.

    Examples
    --------
    >>> triangles(np.array([0.0, 2.0, 4.0]), 8, 8)
    array([[0. , 0.5, 1. , 0.5, 0. ]])
    """
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bin_hz = np.fft.rfftfreq(length, 1 / sample_rate)
    filters = np.minimum((bin_hz - low) / (centre - low), (high - bin_hz) / (high - centre))
    filters = np.maximum(filters, 0)
    # a filter between two bins would be the same number in every frame, without a word
    if not filters.any(axis=1).all():
        raise SpecError(
            f"{len(filters)} mel bands are too many for frames of {length} samples at "
            f"{sample_rate} Hz: some hold no bin"
        )
    return filters * (2 / (high - low)) if equal_area else filters
