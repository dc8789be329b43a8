"""Training of an LSTM: scaled frames and their classes in, the best weights and a history out.

Most of a short training would go into tracing the network, so one traced network serves all fits
of a process: each starts from its own weights and an optimizer that has seen nothing.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.engine.parallel import batches
from semisup.features.label_dependent import Labelled
from semisup.networks.backend import import_keras
from semisup.networks.loop import Measures, Stop
from semisup.networks.seeded_layers import Pooling
from semisup.networks.training import Batch, Trainer, filled_up
from semisup.representations._lstm_network import LOGITS, build_network, part_of
from semisup.representations._sequence_training import SequenceTraining

if TYPE_CHECKING:
    from keras import Model

#: Units, pooling, number of classes.
Layout = tuple[int, Pooling, int]
#: Batch size, frames, coefficients.
Shape = tuple[int, int, int]


def train_lstm(
    network: "Model",
    layout: Layout,
    spec: SequenceTraining,
    labelled: Labelled,
    watched: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Give a network the weights of its lowest validation loss.

    Parameters
    ----------
    network : keras.Model
        As `build_network` gives it, with seeded weights; it may scale its input.
    layout : tuple
        What it was built with: units, pooling, number of classes.
    spec : SequenceTraining
    labelled : Labelled
        Scaled frames (n, n_frames, coefficients), with classes.
    watched : ndarray of shape (n,), bool
        Rows to validate on; where there are none it is the training rows.
    seed : int
        Of the order of the rows.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss, accuracy, val_accuracy.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    shape = (spec.batch_size, *labelled.x.shape[1:])
    trainer = _trainer(layout, shape, spec.learning_rate)
    trainer.model.set_weights(network.get_weights())
    training = np.flatnonzero(~watched)
    validation = np.flatnonzero(watched) if watched.any() else training

    def learn(epoch: int) -> Measures:
        order = np.random.default_rng([seed, epoch]).permutation(training)
        return trainer.learn(_batches(labelled, order, spec.batch_size), seed, epoch)

    def validate() -> Measures:
        return trainer.measure(_batches(labelled, validation, spec.batch_size))

    history = trainer.fit(learn, validate, Stop(spec.epochs, spec.patience), "LSTM", quiet=True)
    network.set_weights(trainer.model.get_weights())
    return history


@lru_cache(maxsize=4)
def _trainer(layout: Layout, shape: Shape, learning_rate: float) -> Trainer:
    """Build and compile a classifier."""
    keras = import_keras()
    network = build_network(keras.Input(batch_shape=shape), *layout)
    losses = keras.losses.SparseCategoricalCrossentropy
    return Trainer(
        part_of(network, LOGITS),
        keras.optimizers.Adam(learning_rate),
        # rows that only fill a batch up have the weight 0 and must not be counted
        losses(from_logits=True, reduction="mean_with_sample_weight"),
        [keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
    )


def _batches(labelled: Labelled, rows: np.ndarray, size: int) -> Iterator[Batch]:
    for numbers in batches(rows, size):
        yield filled_up(labelled.x[numbers], labelled.classes[numbers], size)
