"""Rolling windows of a signal: samples in, equally long and perhaps overlapping windows out."""

import numpy as np

#: Frames of hand-crafted features and of chunk spectrograms, without overlap.
FRAME_SECONDS = 0.05


def rolling_windows(signal: np.ndarray, window_samples: int, step_samples: int) -> np.ndarray:
    """Cut a signal into windows.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        Padded with zeros to one window where it is shorter.
    window_samples : int
        Length of a window, at least 1.
    step_samples : int
        From the start of a window to that of the next, at least 1.

    Returns
    -------
    ndarray of shape (n_windows, window_samples)
        All windows that fit into the signal, the first at its first sample; samples after the
        last are dropped. A view that must not be written to: memory does not grow with overlap.

    Examples
    --------
    >>> rolling_windows(np.arange(8), 4, 3)
    array([[0, 1, 2, 3],
           [3, 4, 5, 6]])
    >>> rolling_windows(np.arange(3), 4, 3)
    array([[0, 1, 2, 0]])
    """
    padded = np.pad(signal, (0, max(0, window_samples - len(signal))))
    return np.lib.stride_tricks.sliding_window_view(padded, window_samples)[::step_samples]
