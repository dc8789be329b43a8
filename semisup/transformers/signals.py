"""Arrays of signals as a transformer is given them: checked one by one, named by their number."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from semisup.errors import BadAudioError, BadSignalError
from semisup.signals.framing import FRAME_SECONDS
from semisup.signals.handcrafted_filters import checked_signal


def name_of(number: int) -> str:
    """Return what messages call a signal: where it is to be found in X."""
    return f"X[{number}]"


def signals_of(X: Any, sample_rate: int, pad: bool) -> list[np.ndarray]:
    """Return the signals of X.

    Parameters
    ----------
    X : list of arrays of shape (n_samples,), or array of shape (n_signals, n_samples)
        Floats in [-1, 1], or signed integers, which are taken as PCM.
    sample_rate : int
        In Hz.
    pad : bool
        Whether zeros fill up what is shorter than one frame.

    Returns
    -------
    list of ndarray of shape (n_samples,), float64

    Raises
    ------
    BadSignalError
        If a signal is not numeric or not finite, is shorter than one frame or silent throughout;
        the message names its number.
    """
    least = int(np.ceil(FRAME_SECONDS * sample_rate)) if pad else 0
    return [_checked(signal, n, sample_rate, least) for n, signal in enumerate(_rows(X))]


def _rows(X: Any) -> Iterable[Any]:
    """Return what X holds, a signal each; what is no table of numbers is told by scikit-learn."""
    from sklearn.utils import check_array

    ragged = isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1
    if (isinstance(X, list | tuple) or ragged) and len(X) and all(np.ndim(row) == 1 for row in X):
        return X
    table: np.ndarray = check_array(X, dtype="numeric", ensure_all_finite=False)
    return table


def _checked(signal: Any, number: int, sample_rate: int, least: int) -> np.ndarray:
    """Return a signal if a study would take it as a recording."""
    try:
        samples = checked_signal(signal)
    except BadAudioError as error:
        raise BadSignalError(f"{name_of(number)}: {error}") from None
    samples = np.pad(samples, (0, max(0, least - samples.size)))
    if samples.size / sample_rate < FRAME_SECONDS:
        raise BadSignalError(
            f"{name_of(number)}: only {samples.size} samples at {sample_rate} Hz, shorter than one "
            f"frame of {FRAME_SECONDS} s"
        )
    if samples.min() == samples.max():
        raise BadSignalError(f"{name_of(number)}: silent, every sample is {samples[0]:g}")
    return samples
