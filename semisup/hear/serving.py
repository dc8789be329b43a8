"""Serving by HEAR modules, shared by all: audio as NumPy rows, wrapped Keras models, tensors out.

In: TensorFlow tensors and Keras model files. Out: what the HEAR 2021 API [1]_ asks for. TensorFlow
is called in this folder alone.

References
----------
.. [1] J. Turian et al., "HEAR: Holistic Evaluation of Audio Representations", PMLR 176, 2022.
   https://hearbenchmark.com/hear-api.html
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from semisup.errors import BadAudioError, SemisupError
from semisup.networks.backend import import_keras
from semisup.networks.models import BATCH, load_model

if TYPE_CHECKING:
    from keras import Model


def import_tensorflow() -> Any:
    """Import TensorFlow as quietly as Keras."""
    # first, as it sets what TensorFlow reads only while it is imported
    import_keras()
    import tensorflow

    return tensorflow


def wrap(
    name: str, sample_rate: int, scene_size: int, timestamp_size: int, **attributes: Any
) -> Any:
    """Return a `tf.Module` with the attributes of the API and those of one module.

    Parameters
    ----------
    name : str
        Of the module; a Python identifier.
    sample_rate : int
        Of the audio that it takes, in Hz.
    scene_size, timestamp_size : int
        Numbers in an embedding.
    **attributes
        Those of one module; the variables of a Keras model `network` are tracked.
    """
    module = import_tensorflow().Module(name=name)
    module.sample_rate = sample_rate
    module.scene_embedding_size = scene_size
    module.timestamp_embedding_size = timestamp_size
    for key, value in attributes.items():
        setattr(module, key, value)
    if "network" in attributes:
        # a Keras 3 model is not a tf.Module: TensorFlow does not find its variables by itself
        module.network_weights = [variable.value for variable in attributes["network"].weights]
    return module


def read_network(path: str, module: str, file: str) -> "Model":
    """Read the Keras model of a HEAR module.

    Raises
    ------
    SemisupError
        If no file is named, it cannot be loaded, or Keras does not work on TensorFlow.
    """
    if not path:
        raise SemisupError(
            f"{module} needs a model: load_model('<folder>/{file}'), which a study writes"
        )
    backend = import_keras().backend.backend()
    if backend != "tensorflow":
        raise SemisupError(
            f"{module} gives its model's variables to TensorFlow and needs "
            f"KERAS_BACKEND=tensorflow, got {backend}"
        )
    return load_model(Path(path))


def rows_of(audio: Any) -> np.ndarray:
    """Return a batch of audio as an array.

    Parameters
    ----------
    audio : tf.Tensor or array-like of shape (n_sounds, n_samples)
        In [-1, 1].

    Returns
    -------
    ndarray of shape (n_sounds, n_samples), float64

    Raises
    ------
    BadAudioError
        If it has another rank, no samples, or holds NaN or infinity.
    """
    rows = np.asarray(audio)
    if rows.ndim != 2 or rows.dtype.kind != "f" or not rows.size:
        raise BadAudioError(
            "audio must be floats of shape (n_sounds, n_samples), at least one sample of one "
            f"sound, got {rows.dtype} of shape {rows.shape}"
        )
    bad = int((~np.isfinite(rows)).sum())
    if bad:
        raise BadAudioError(f"{bad} of {rows.size} samples of the audio are NaN or infinite")
    return rows.astype(np.float64)


def tensor(embeddings: np.ndarray) -> Any:
    """Return an array as a TensorFlow tensor, float32."""
    return import_tensorflow().constant(embeddings.astype(np.float32, copy=False))


def with_timestamps(embeddings: np.ndarray, hop_seconds: float) -> tuple[Any, Any]:
    """Return timestamp embeddings and where they are centred.

    Parameters
    ----------
    embeddings : ndarray of shape (n_sounds, n_timestamps, size)
        The first of a sound centred on its first sample.
    hop_seconds : float
        From one to the next.

    Returns
    -------
    embeddings : tf.Tensor of shape (n_sounds, n_timestamps, size), float32
    timestamps : tf.Tensor of shape (n_sounds, n_timestamps), float32
        In milliseconds.
    """
    n_sounds, n_timestamps = embeddings.shape[:2]
    # each from its own number, in float64: a sum of hops would drift
    milliseconds = np.arange(n_timestamps) * (1000 * hop_seconds)
    return tensor(embeddings), tensor(np.tile(milliseconds, (n_sounds, 1)))


def encoded(network: "Model", rows: Iterable[np.ndarray], batch: int = BATCH) -> np.ndarray:
    """Run a stream of inputs through a Keras model, `batch` in memory at once.

    Returns
    -------
    ndarray of shape (n_rows, ...), float32
        In the order of the rows.
    """
    return np.concatenate([network.predict_on_batch(block) for block in blocks(rows, batch)])


def blocks(rows: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Stack a stream of arrays of one shape, `size` at a time, as float32."""
    stream = (np.asarray(row, dtype=np.float32) for row in rows)
    while block := list(islice(stream, size)):
        yield np.stack(block)
