"""The network of self-supervised kinds: windows of contours in, 96 channels a frame out."""

from typing import Any

import numpy as np

from semisup.networks.backend import import_keras
from semisup.representations._contours import CONTOURS, WINDOW, covering_windows

CHANNELS = 96
KERNEL = 3
#: Together with the kernel they let a frame see 31 frames, 0.6 s.
DILATIONS = (1, 2, 4, 8)
#: Recordings encoded at once.
BATCH = 64


def build_network(seed: int) -> Any:
    """Build the encoder: residual dilated convolutions over time.

    Parameters
    ----------
    seed : int
        Of the initial weights.

    Returns
    -------
    keras.Model
        (n, 128, 66) to (n, 128, 96).
    """
    keras = import_keras()
    layers = keras.layers
    inputs = keras.Input((WINDOW, CONTOURS), name="contours")
    frames = _convolution(inputs, 1, seed, 0)
    for number, dilation in enumerate(DILATIONS, start=1):
        inner = layers.LayerNormalization(name=f"norm_{number}")(frames)
        frames = layers.Add(name=f"add_{number}")(
            [frames, _convolution(inner, dilation, seed, number)]
        )
    frames = layers.LayerNormalization(name="codes")(frames)
    return keras.Model(inputs, frames, name="encoder")


def pooled(encoder: Any, contours: list[np.ndarray]) -> np.ndarray:
    """Encode recordings and take each channel's mean and deviation over all of their frames.

    Parameters
    ----------
    encoder : keras.Model
        As `build_network` gives it.
    contours : list of ndarray of shape (n_frames, 66)
        Standardised.

    Returns
    -------
    ndarray of shape (n, 192), float64
    """
    parts = [
        _pooled_batch(encoder, contours[start : start + BATCH])
        for start in range(0, len(contours), BATCH)
    ]
    return np.concatenate([np.empty((0, 2 * CHANNELS)), *parts])


def _pooled_batch(encoder: Any, contours: list[np.ndarray]) -> np.ndarray:
    cut = [covering_windows(part) for part in contours]
    frames = np.asarray(encoder.predict_on_batch(np.concatenate([windows for windows, _ in cut])))
    ends = np.cumsum([len(windows) for windows, _ in cut])
    values = [
        part[real].astype(np.float64)
        for part, (_, real) in zip(np.split(frames, ends[:-1]), cut, strict=True)
    ]
    return np.stack([np.concatenate([part.mean(axis=0), part.std(axis=0)]) for part in values])


def _convolution(inputs: Any, dilation: int, seed: int, number: int) -> Any:
    keras = import_keras()
    return keras.layers.Conv1D(
        CHANNELS,
        KERNEL,
        padding="same",
        dilation_rate=dilation,
        activation="gelu",
        kernel_initializer=keras.initializers.GlorotUniform(seed=1000 * seed + number),
        name=f"convolution_{number}",
    )(inputs)
