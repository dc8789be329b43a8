"""Chunks in, codes out: reading rows of the chunk store in batches, saving and loading models."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from semisup.engine.artefacts import write_whole
from semisup.errors import SemisupError
from semisup.networks.backend import import_keras

#: Name of the layer whose output is what an autoencoder with scaled input has to restore.
SCALED = "scaled_input"
#: Name of the bottleneck layer.
CODES = "codes"
#: Chunks in one forward pass where nothing is learned.
BATCH = 256


class Chunks(Protocol):
    """What training and encoding read: spectrograms, taken out by sorted row numbers."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: np.ndarray) -> np.ndarray: ...


class Rows:
    """Some rows of a chunk store as if they were a store of their own; nothing is read before use.

    Parameters
    ----------
    store : Chunks
        A Zarr array or ndarray of shape (n, frames, bins).
    rows : ndarray of shape (m,)
        Ascending row numbers.
    """

    def __init__(self, store: Chunks, rows: np.ndarray) -> None:
        self.store = store
        self.rows = np.asarray(rows, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self.store[self.rows[rows]], dtype=np.float32)


def in_batches(chunks: Chunks, batch: int = BATCH) -> Iterator[np.ndarray]:
    """Read all chunks in order, `batch` at a time."""
    for start in range(0, len(chunks), batch):
        yield chunks[np.arange(start, min(start + batch, len(chunks)))]


def encode(encoder: Any, chunks: Chunks, batch: int = BATCH) -> np.ndarray:
    """Compute the codes of chunks.

    Parameters
    ----------
    encoder : keras.Model
        As `load_encoder` gives it; also any other model with one output.
    chunks : Chunks of shape (n, frames, bins)
        Raw magnitudes; an encoder that scales its input holds the constants itself.
    batch : int
        Chunks in memory at once.

    Returns
    -------
    ndarray of shape (n, latent_dim), float32
    """
    parts = [encoder.predict_on_batch(part) for part in in_batches(chunks, batch)]
    if not parts:
        return np.empty((0, *encoder.output_shape[1:]), dtype=np.float32)
    return np.concatenate(parts).astype(np.float32, copy=False)


def encoder_of(autoencoder: Any) -> Any:
    """Return the encoder half, sharing the autoencoder's layers."""
    keras = import_keras()
    return keras.Model(autoencoder.input, autoencoder.get_layer(CODES).output, name="encoder")


def target_of(autoencoder: Any) -> Any:
    """Return what the autoencoder has to restore, as a function of a batch of raw magnitudes.

    Returns
    -------
    callable
        (n, frames, bins) to (n, frames, bins): the scaled input, or the input itself where the
        autoencoder does not scale.
    """
    keras = import_keras()
    if all(layer.name != SCALED for layer in autoencoder.layers):
        return lambda batch: batch
    scaled = autoencoder.get_layer(SCALED).output
    return keras.Model(autoencoder.input, scaled, name="target").predict_on_batch


def scaled_part(autoencoder: Any) -> Any:
    """Return the part after the scaling, sharing its layers: what is restored from scaled input.

    Returns
    -------
    keras.Model
        The autoencoder itself where it does not scale.
    """
    if all(layer.name != SCALED for layer in autoencoder.layers):
        return autoencoder
    keras = import_keras()
    return keras.Model(autoencoder.get_layer(SCALED).output, autoencoder.output, name="restoring")


def save_model(path: Path, model: Any) -> Path:
    """Write a model without its optimizer, whole or not at all."""
    keras = import_keras()
    bare = keras.Model(model.inputs, model.outputs, name=model.name)
    return write_whole(path, bare.save)


def load_model(path: Path) -> Any:
    """Read a model that `save_model` wrote.

    Raises
    ------
    SemisupError
        If the file is missing or is not a Keras model that is safe to load.
    """
    try:
        return import_keras().saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise SemisupError(f"{path} cannot be loaded as a Keras model: {reason}") from error


def load_encoder(path: Path) -> Any:
    """Read an encoder, ``encoder.keras``; see `load_model`."""
    return load_model(path)
