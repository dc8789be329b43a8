"""The network of self-supervised kinds: windows of contours in, 96 channels a frame out."""

from typing import TYPE_CHECKING

import numpy as np

from semisup.engine.parallel import batches
from semisup.networks.backend import import_keras
from semisup.representations._contours import CONTOURS, WINDOW, covering_windows

if TYPE_CHECKING:
    from keras import KerasTensor, Model

CHANNELS = 96
KERNEL = 3
#: Together with the kernel they let a frame see 31 frames, 0.6 s.
DILATIONS = (1, 2, 4, 8)
#: Recordings encoded at once.
BATCH = 64


def build_network(seed: int) -> "Model":
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


def pooled(encoder: "Model", contours: list[np.ndarray]) -> np.ndarray:
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
    values = [_pooled_batch(encoder, recordings) for recordings in batches(contours, BATCH)]
    return np.concatenate([np.empty((0, 2 * CHANNELS)), *values])


def _pooled_batch(encoder: "Model", contours: list[np.ndarray]) -> np.ndarray:
    cut = [covering_windows(recording) for recording in contours]
    frames = np.asarray(encoder.predict_on_batch(np.concatenate([windows for windows, _ in cut])))
    ends = np.cumsum([len(windows) for windows, _ in cut])
    # real frames only: a mean over padding would depend on how long the recording is
    codes = [
        encoded[real].astype(np.float64)
        for encoded, (_, real) in zip(np.split(frames, ends[:-1]), cut, strict=True)
    ]
    return np.stack([np.concatenate([code.mean(axis=0), code.std(axis=0)]) for code in codes])


def _convolution(inputs: "KerasTensor", dilation: int, seed: int, number: int) -> "KerasTensor":
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
