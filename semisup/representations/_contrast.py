"""Contrastive training: two noisy crops of a recording are to get codes like each other's.

In: an untrained network and standardised spectra. Out: trained weights, a history, and how often a
crop is found among those of other recordings. Crops, noise and masks are drawn from the seed and
the number of a pass, so that a training that was killed goes on as if it had not been.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.parallel import batches
from semisup.networks.backend import import_keras
from semisup.networks.seeded_layers import dense
from semisup.networks.training import Batch
from semisup.representations._sequence_training import VALIDATION, UpdateTraining, train_network

if TYPE_CHECKING:
    from keras import KerasTensor, Model

#: Units of the layers between the codes and what is contrasted, which only training has.
PROJECTOR = (128, 64)
#: Recordings that a val_loss is measured on, at most.
WATCHED = 512
#: Taken from the likeness of a crop to itself: it never is its own nearest.
SELF = 1e9


class Contrast(UpdateTraining):
    """How a network is trained on pairs of crops."""

    steps: int = Field(2000, ge=1, description="updates at most")
    patience_steps: int = Field(
        500, ge=1, description="updates without a lower val_loss before the end"
    )
    validate_steps: int = Field(100, ge=1, description="updates from one val_loss to the next")
    batch_size: int = Field(32, ge=2, description="recordings of an update, two crops of each")
    learning_rate: float = Field(0.001, gt=0, description="of the first updates; cosine decay")
    crop_frames: int = Field(
        32, ge=1, description="of 50 ms, at random places; never more than half of a recording"
    )
    noise: float = Field(
        0.3, ge=0, description="added to a crop, in deviations of its standardised magnitudes"
    )
    mask_bins: float = Field(
        0.2, ge=0, le=1, description="of a crop's bins, side by side, that are hidden at most"
    )
    temperature: float = Field(0.1, gt=0, description="of the softmax over the batch's crops")


class Task(NamedTuple):
    """What a training works on: spectra of recordings, (n_frames, bins), standardised."""

    training: list[np.ndarray]
    validation: list[np.ndarray]
    seed: int
    checkpoint: Path
    label: str


class Found(NamedTuple):
    """Share of crops that are nearest to the other one of their recording, and that by chance."""

    share: float
    by_chance: float


def contrastive_loss(temperature: float, embeddings: "KerasTensor") -> "KerasTensor":
    """Compute the normalised, temperature-scaled cross-entropy of pairs (NT-Xent).

    Parameters
    ----------
    temperature : float
    embeddings : tensor of shape (n, 2 * d)
        Of the first and the second crop, side by side.

    Returns
    -------
    tensor of shape ()

    References
    ----------
    T. Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", ICML
    2020. https://arxiv.org/abs/2002.05709
    """
    ops = import_keras().ops
    crops = ops.normalize(ops.concatenate(ops.split(embeddings, 2, axis=-1)), axis=-1)
    likeness = ops.matmul(crops, ops.transpose(crops)) / temperature
    n = ops.shape(embeddings)[0]
    # no crop is compared with itself
    likeness = likeness - SELF * ops.eye(2 * n)
    pairs = ops.concatenate([ops.arange(n) + n, ops.arange(n)])
    losses = import_keras().losses.sparse_categorical_crossentropy
    return ops.mean(losses(pairs, likeness, from_logits=True))


def train_contrast(network: "Model", spec: Contrast, task: Task) -> tuple[pd.DataFrame, Found]:
    """Train in place and leave the network with the weights of the lowest validation loss.

    Returns
    -------
    history : DataFrame
        Columns epoch (from 1), loss, val_loss, learning_rate, and updates.
    found : Found
        Of the validation crops, among all of their batch.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    model = _two_crops(network, task.seed)

    def loss(_: "KerasTensor", embeddings: "KerasTensor") -> "KerasTensor":
        return contrastive_loss(spec.temperature, embeddings)

    # a val_loss after every few updates must not cost more than these
    spread = np.linspace(0, len(task.validation) - 1, min(WATCHED, len(task.validation)))
    watched = partial(pairs, [task.validation[place] for place in spread.astype(int)], spec)
    history = train_network(
        model,
        loss,
        spec,
        max(len(task.training) // spec.batch_size, 1) * spec.batch_size,
        partial(pairs, task.training, spec),
        watched,
        task.seed,
        task.checkpoint,
        task.label,
        "cosine",
    )
    return history, _found(model, watched(np.random.default_rng([task.seed, VALIDATION])))


def pairs(spectra: list[np.ndarray], spec: Contrast, rng: np.random.Generator) -> Iterator[Batch]:
    """Draw the batches of a pass: two crops of every recording, in random order.

    What fills no whole batch waits for another pass, as the loss depends on a batch's size.
    """
    order = rng.permutation(len(spectra))
    for rows in batches(order, spec.batch_size)[: max(len(order) // spec.batch_size, 1)]:
        first, second = (
            np.stack([_crop(spectra[row], spec, rng) for row in rows]) for _ in range(2)
        )
        # Keras wants targets; the loss looks at none
        yield Batch([first, second], np.zeros((len(rows), 1), np.float32))


def _crop(spectra: np.ndarray, spec: Contrast, rng: np.random.Generator) -> np.ndarray:
    """Cut out, add noise, hide neighbouring bins; the last channel says which frames are there."""
    bins = spectra.shape[1]
    # crops that overlap much are told by the very frames that they share
    length = min(spec.crop_frames, max(len(spectra) // 2, 1))
    start = rng.integers(len(spectra) - length + 1)
    frames = spectra[start : start + length]
    crop = np.zeros((spec.crop_frames, bins + 1), np.float32)
    crop[: len(frames), :bins] = frames + spec.noise * rng.standard_normal(frames.shape, np.float32)
    first, width = rng.integers(bins), rng.integers(round(spec.mask_bins * bins) + 1)
    # 0 is the mean of every bin
    crop[:, first : min(first + width, bins)] = 0
    crop[: len(frames), bins] = 1
    return crop


def _two_crops(network: "Model", seed: int) -> "Model":
    keras = import_keras()
    crops = [keras.Input(network.input_shape[1:]) for _ in range(2)]
    hidden = dense(PROJECTOR[0], 1000 * seed + 101, "projector_1", "relu")
    projected = dense(PROJECTOR[1], 1000 * seed + 102, "projector_2")
    embeddings = [projected(hidden(network(crop))) for crop in crops]
    return keras.Model(crops, keras.layers.Concatenate()(embeddings))


def _found(model: "Model", drawn: Iterator[Batch]) -> Found:
    hits = [_hits(np.asarray(model.predict_on_batch(batch.inputs))) for batch in drawn]
    others = [len(of_batch) - 1 for of_batch in hits]
    return Found(float(np.concatenate(hits).mean()), float(1 / np.mean(others)))


def _hits(embeddings: np.ndarray) -> np.ndarray:
    """Tell of each crop of a batch if the other one of its recording is the nearest.

    Examples
    --------
    >>> _hits(np.array([[1.0, 0, 1, 0], [0, 1, 0, 1]])).tolist()
    [True, True, True, True]
    """
    crops = np.concatenate(np.split(embeddings, 2, axis=1))
    crops = crops / np.maximum(np.linalg.norm(crops, axis=1, keepdims=True), 1e-12)
    likeness = crops @ crops.T
    np.fill_diagonal(likeness, -np.inf)
    n = len(embeddings)
    return likeness.argmax(axis=1) == np.roll(np.arange(2 * n), n)
