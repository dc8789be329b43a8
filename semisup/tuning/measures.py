"""Errors of a trained autoencoder that restores chunks: one number a chunk.

In: a model and validation chunks. Out: its own loss, or an error that models of different losses
and scalings share.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from semisup.networks.backend import import_keras
from semisup.networks.models import SCALED, Chunks, in_batches, target_of
from semisup.networks.scaling import FLOOR

if TYPE_CHECKING:
    from keras import Model


def chunk_losses(autoencoder: "Model", loss: str, chunks: Chunks) -> np.ndarray:
    """Compute the loss that the autoencoder was trained with.

    Parameters
    ----------
    autoencoder : keras.Model
        Trained.
    loss : str
        Name of a Keras loss.
    chunks : Chunks of shape (n, frames, bins)
        Raw magnitudes.

    Returns
    -------
    ndarray of shape (n,)
        Its mean is the val_loss of the training.
    """
    keras = import_keras()
    function, target = keras.losses.get(loss), target_of(autoencoder)
    losses = []
    for batch in in_batches(chunks):
        # of each frame, as Keras averages over the last axis alone
        by_frame = function(np.asarray(target(batch)), autoencoder.predict_on_batch(batch))
        losses.append(_by_chunk(keras.ops.convert_to_numpy(by_frame)))
    return np.concatenate(losses)


def mean_logarithm(chunks: Chunks) -> np.ndarray:
    """Average log10(magnitude + 1e-4) of chunks, shape (frames, bins), in one pass."""
    total: Any = 0.0
    for batch in in_batches(chunks):
        total = total + np.log10(batch + FLOOR).sum(axis=0, dtype=float)
    return total / len(chunks)


def relative_errors(autoencoder: "Model", chunks: Chunks, mean: np.ndarray) -> np.ndarray:
    r"""Compare restored chunks with the mean spectrogram, in a space that all models share.

    The space is that of :math:`\log_{10}(|X| + 10^{-4})`, whatever the model's own is.

    Parameters
    ----------
    autoencoder : keras.Model
        Trained, with either input scaling.
    chunks : Chunks of shape (n, frames, bins)
        Raw magnitudes.
    mean : ndarray of shape (frames, bins)
        `mean_logarithm` of the training chunks.

    Returns
    -------
    ndarray of shape (n,)
        Mean squared error of each chunk as a share of what the mean spectrogram gives on average:
        1 is no better than that.
    """
    errors, usual = [], 0.0
    for batch in in_batches(chunks):
        wanted = np.log10(batch + FLOOR)
        errors.append(_by_chunk(np.square(wanted - _restored_logarithm(autoencoder, batch))))
        usual += float(np.square(wanted - mean).mean()) * len(batch) / len(chunks)
    return np.concatenate(errors) / usual


def _restored_logarithm(autoencoder: "Model", chunks: np.ndarray) -> np.ndarray:
    restored = np.asarray(autoencoder.predict_on_batch(chunks), dtype=float)
    if all(layer.name != SCALED for layer in autoencoder.layers):
        return np.log10(np.maximum(restored, 0) + FLOOR)
    standardising = autoencoder.get_layer(SCALED)
    deviation = np.sqrt(np.asarray(standardising.input_variance, dtype=float))
    logarithm = restored * deviation + np.asarray(standardising.input_mean)
    # no magnitude is below 0, so none may be restored as less than the floor
    return np.maximum(logarithm, np.log10(FLOOR))


def _by_chunk(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1).mean(axis=1, dtype=float)
