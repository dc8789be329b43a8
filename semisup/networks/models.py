"""Models of chunks: rows of the chunk store in batches, codes of them, saving and loading."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zipfile import ZipFile, ZipInfo

import numpy as np

from semisup.engine.artefacts import write_whole
from semisup.engine.failures import words_of
from semisup.engine.sizes import DAMAGED_ZIP, why_inflated, why_zip_too_large
from semisup.errors import SemisupError
from semisup.networks.backend import import_keras

if TYPE_CHECKING:
    from keras import Model

#: Name of the layer whose output is what an autoencoder with scaled input has to restore.
SCALED = "scaled_input"
#: Name of the bottleneck layer.
CODES = "codes"
#: Chunks in one forward pass where nothing is learned.
BATCH = 256
#: Sizes of layers in the configuration of a model.
_SIZES = re.compile(r'"(?:units|filters|\w+_dim)": (\d+)')


class Chunks(Protocol):
    """What training and encoding read: spectrograms, taken out by sorted row numbers."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: np.ndarray) -> np.ndarray: ...


class Rows:
    """Some rows of a chunk store as a store of their own; nothing is read before it is used.

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


def evenly(chunks: Chunks, most: int) -> np.ndarray:
    """Return chunks from everywhere, so many at most."""
    return chunks[np.unique(np.linspace(0, len(chunks) - 1, most).astype(int))]


def encode(encoder: "Model", chunks: Chunks, batch: int = BATCH) -> np.ndarray:
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
    codes = [encoder.predict_on_batch(block) for block in in_batches(chunks, batch)]
    if not codes:
        return np.empty((0, *encoder.output_shape[1:]), dtype=np.float32)
    return np.concatenate(codes).astype(np.float32, copy=False)


def encoder_of(autoencoder: "Model") -> "Model":
    """Return the encoder half, sharing the autoencoder's layers."""
    keras = import_keras()
    return keras.Model(autoencoder.input, autoencoder.get_layer(CODES).output, name="encoder")


def target_of(autoencoder: "Model") -> Callable[[np.ndarray], np.ndarray]:
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


def scaled_part(autoencoder: "Model") -> "Model":
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


def save_model(path: Path, model: "Model") -> Path:
    """Write a model without its optimizer, whole or not at all."""
    keras = import_keras()
    # a model of the same layers that was never compiled: Adam's state is twice the weights
    bare = keras.Model(model.inputs, model.outputs, name=model.name)
    return write_whole(path, partial(_save, bare))


def _save(model: "Model", path: Path) -> None:
    """Write a model so that the same one gives the same bytes."""
    model.save(path)
    with ZipFile(path) as saved:
        members = {name: saved.read(name) for name in saved.namelist()}
    # Keras notes the moment of saving, and addresses in memory for what layers share
    moment = {"date_saved": "1980-01-01@00:00:00"}
    members["metadata.json"] = json.dumps(json.loads(members["metadata.json"]) | moment).encode()
    addresses: dict[bytes, int] = {}
    members["config.json"] = re.sub(
        rb'(?<="shared_object_id": )\d+',
        lambda address: b"%d" % addresses.setdefault(address[0], len(addresses) + 1),
        members["config.json"],
    )
    with ZipFile(path, "w") as rewritten:
        for name, content in members.items():
            rewritten.writestr(ZipInfo(name), content)  # dated 1980, as all that is not told


def load_model(path: str | Path) -> "Model":
    """Read a model that `save_model` wrote.

    Raises
    ------
    SemisupError
        If the file is missing or is not a Keras model that is safe to load.
    """
    path = Path(path)
    why = why_zip_too_large(path) or _why_layers_too_large(path)
    if why:
        raise SemisupError(f"{path} cannot be loaded as a Keras model: {why}")
    try:
        # safe mode: no code of a file is run
        return import_keras().saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # a damaged file can fail in any way
        words = words_of(error)
        raise SemisupError(f"{path} cannot be loaded as a Keras model: {words}") from error


def _why_layers_too_large(path: Path) -> str:
    """Say which size of a layer no model in a file of this size has, "" if all are possible."""
    try:
        with ZipFile(path) as members:
            config = members.read("config.json")
    except (*DAMAGED_ZIP, KeyError):
        return ""  # Keras says what is wrong
    # a size makes at least a bias of so many numbers
    largest = max(
        (int(size) for size in _SIZES.findall(config.decode(errors="replace"))), default=0
    )
    return why_inflated(path, 4 * largest)


def load_encoder(path: str | Path) -> "Model":
    """Read an encoder, ``encoder.keras``; see `load_model`."""
    return load_model(path)
