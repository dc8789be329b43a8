"""The network that pools over time: spectra of any length in, one code a recording out."""

from typing import TYPE_CHECKING

import numpy as np

from semisup.networks.backend import import_keras
from semisup.networks.models import CODES
from semisup.networks.scaling import FLOOR, Moments
from semisup.networks.seeded_layers import dense

if TYPE_CHECKING:
    from keras import KerasTensor, Model

#: Dilations of the convolutions: with a kernel of 5 a frame sees 17 frames, 0.85 s.
DILATIONS = (1, 1, 2)
KERNEL = 5
#: Magnitude of frames that only fill a recording up: no spectrum has one.
PADDING = -1.0
#: Lengths are filled up to multiples of so many frames: each length is a trace of its own.
MULTIPLE = 64
#: Frames in one forward pass, and recordings; one recording at least.
FRAMES, RECORDINGS = 32768, 64
#: Added to variances over time, of which a root is taken.
TINY = 1e-5


def build_network(bins: int, channels: int, latent_dim: int, seed: int) -> "Model":
    """Build the network: convolutions over time with all bins in, mean and deviation over time.

    Parameters
    ----------
    bins : int
        Of a spectrum.
    channels : int
        Of every convolution.
    latent_dim : int
        Numbers of a code.
    seed : int
        Of the initial weights.

    Returns
    -------
    keras.Model
        (n, frames, bins + 1) to (n, latent_dim), any number of frames. The last channel is 1 where
        a frame is there and 0 where it only fills up, where all else must be 0: what fills up does
        not change a code.
    """
    keras = import_keras()
    layers = keras.layers
    inputs = keras.Input((None, bins + 1), name="spectra")
    there = inputs[:, :, bins:]
    x = _convolution(inputs[:, :, :bins], channels, 0, seed) * there
    for number in range(1, len(DILATIONS)):
        inner = layers.LayerNormalization(name=f"norm_{number}")(x)
        # padding must be 0 after the normalisation too, as beyond the ends of a recording
        x = (x + _convolution(inner * there, channels, number, seed)) * there
    x = layers.LayerNormalization(name="frames")(x)
    codes = dense(latent_dim, 1000 * seed + len(DILATIONS), CODES)(_over_time(x, there))
    return keras.Model(inputs, codes, name="network")


def scaled_network(network: "Model", scaling: Moments) -> "Model":
    """Put the scaling of magnitudes before a network.

    Parameters
    ----------
    network : keras.Model
        As `build_network` gives it.
    scaling : Moments
        Of the logarithms of each bin.

    Returns
    -------
    keras.Model
        (n, frames, bins) magnitudes, `PADDING` in frames that fill up, to (n, latent_dim) codes.
    """
    keras = import_keras()
    inputs = keras.Input((None, len(scaling.mean)), name="magnitudes")
    there = keras.ops.cast(inputs[:, :, :1] >= 0, "float32")
    logarithm = keras.ops.log10(keras.ops.maximum(inputs, 0.0) + FLOOR)
    standard = keras.layers.Normalization(
        axis=2,
        mean=np.asarray(scaling.mean).tolist(),
        variance=np.asarray(scaling.variance).tolist(),
        name="scaling",
    )(logarithm)
    joined = keras.ops.concatenate([standard * there, there], axis=-1)
    return keras.Model(inputs, network(joined), name="encoder")


def encode(encoder: "Model", spectra: list[np.ndarray]) -> np.ndarray:
    """Compute the codes of whole recordings.

    Parameters
    ----------
    encoder : keras.Model
        As `scaled_network` gives it.
    spectra : list of ndarray of shape (n_frames, bins)
        Magnitudes.

    Returns
    -------
    ndarray of shape (n, latent_dim), float32
    """
    codes = [encoder.predict_on_batch(filled_up(part)) for part in _parts(spectra)]
    return np.concatenate([np.empty((0, encoder.output_shape[-1]), np.float32), *codes])


def _parts(spectra: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Cut a list of recordings into parts that are small enough for one forward pass."""
    parts: list[list[np.ndarray]] = []
    longest = 0
    for frames in spectra:
        longest = max(longest, len(frames))
        full = not parts or len(parts[-1]) == RECORDINGS
        if full or longest * (len(parts[-1]) + 1) > FRAMES:
            parts.append([])
            longest = len(frames)
        parts[-1].append(frames)
    return parts


def filled_up(spectra: list[np.ndarray]) -> np.ndarray:
    """Return recordings as one array, shorter ones filled up with `PADDING`."""
    length = -(-max(map(len, spectra)) // MULTIPLE) * MULTIPLE
    rows = np.full((len(spectra), length, spectra[0].shape[1]), PADDING, np.float32)
    for row, frames in zip(rows, spectra, strict=True):
        row[: len(frames)] = frames
    return rows


def _over_time(x: "KerasTensor", there: "KerasTensor") -> "KerasTensor":
    """Return mean and deviation over the frames that are there."""
    ops = import_keras().ops
    weights = there / ops.sum(there, axis=1, keepdims=True)
    mean = ops.sum(x * weights, axis=1, keepdims=True)
    variance = ops.sum(ops.square(x - mean) * weights, axis=1)
    return ops.concatenate([mean[:, 0], ops.sqrt(variance + TINY)], axis=-1)


def _convolution(x: "KerasTensor", channels: int, number: int, seed: int) -> "KerasTensor":
    keras = import_keras()
    return keras.layers.Conv1D(
        channels,
        KERNEL,
        padding="same",
        dilation_rate=DILATIONS[number],
        activation="gelu",
        kernel_initializer=keras.initializers.GlorotUniform(seed=1000 * seed + number),
        name=f"convolution_{number}",
    )(x)
