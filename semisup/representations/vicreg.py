"""Codes that are alike for two crops of a recording and differ between recordings: VICReg."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from semisup.engine.parallel import batches
from semisup.networks.backend import import_keras
from semisup.networks.seeded_layers import dense
from semisup.networks.training import Batch
from semisup.representations._contours import CONTOURS, WINDOW, crop
from semisup.representations._network_codes import (
    TRAINED,
    NetworkCodes,
    Task,
    TrainedOptions,
)
from semisup.representations._sequence_training import train_network

if TYPE_CHECKING:
    from keras import KerasTensor, Model

#: Weights of the three terms, and what keeps square roots from zero: those of the paper.
INVARIANCE, VARIANCE, COVARIANCE, TINY = 25.0, 25.0, 1.0, 1e-4
EMBEDDING = 128


class Options(TrainedOptions):
    """Keys of a representation of this kind."""

    kind: Literal["vicreg"]


class Vicreg(NetworkCodes[Options]):
    """Codes learned by VICReg."""

    Options = Options
    models = TRAINED

    def learn(self, task: Task) -> pd.DataFrame:
        """Train the encoder on unlabelled contours; return the history."""
        return _learn(self.options, task)


def vicreg_loss(_: "KerasTensor", embeddings: "KerasTensor") -> "KerasTensor":
    """Compute variance-invariance-covariance regularisation.

    Parameters
    ----------
    embeddings : tensor of shape (n, 2 * d)
        Of the first and the second crop, side by side.

    Returns
    -------
    tensor of shape ()

    References
    ----------
    A. Bardes, J. Ponce, Y. LeCun, "VICReg: Variance-Invariance-Covariance Regularization for
    Self-Supervised Learning", ICLR 2022. https://arxiv.org/abs/2105.04906
    """
    ops = import_keras().ops
    first, second = ops.split(embeddings, 2, axis=-1)
    loss = INVARIANCE * ops.mean(ops.square(first - second))
    for view in (first, second):
        centred = view - ops.mean(view, axis=0, keepdims=True)
        n, d = ops.cast(ops.shape(view)[0], view.dtype), view.shape[-1]
        # what is standardised by n - 1 has no variance in a batch of one
        covariance = ops.matmul(ops.transpose(centred), centred) / ops.maximum(n - 1, 1.0)
        variances = ops.sum(covariance * ops.eye(d), axis=0)
        loss += VARIANCE / 2 * ops.mean(ops.relu(1 - ops.sqrt(variances + TINY)))
        loss += COVARIANCE * (ops.sum(ops.square(covariance)) - ops.sum(ops.square(variances))) / d
    return loss


def _learn(options: Options, task: Task) -> pd.DataFrame:
    return train_network(
        _two_views(task),
        vicreg_loss,
        options,
        len(task.training),
        partial(_pairs, task.training, options.batch_size, True),
        partial(_pairs, task.validation, options.batch_size, False),
        task.seed,
        task.checkpoint,
        task.label,
    )


def _two_views(task: Task) -> "Model":
    keras = import_keras()
    layers = keras.layers
    views = [keras.Input((WINDOW, CONTOURS)) for _ in range(2)]
    hidden = dense(EMBEDDING, task.seed + 1, "projector_1", "relu")
    projected = dense(EMBEDDING, task.seed + 2, "projector_2")
    average = layers.GlobalAveragePooling1D()
    embeddings = [projected(hidden(average(task.encoder(view)))) for view in views]
    return keras.Model(views, layers.Concatenate()(embeddings))


def _pairs(
    contours: list[np.ndarray], size: int, shuffle: bool, rng: np.random.Generator
) -> Iterator[Batch]:
    order = rng.permutation(len(contours)) if shuffle else np.arange(len(contours))
    for rows in batches(order, size):
        first, second = (np.stack([crop(contours[row], rng) for row in rows]) for _ in range(2))
        # Keras wants targets; the loss looks at none
        yield Batch([first, second], np.zeros((len(rows), 1), np.float32))
