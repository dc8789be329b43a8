"""Training of an LSTM: scaled frames and their classes in, the best weights and a history out.

Most of a short training would go into tracing the network, so one traced network serves all fits
of a process: each starts from its own weights and an optimizer that has seen nothing. All batches
have one shape, so that what ran before can't change how a batch is computed.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from semisup.engine.parallel import batches
from semisup.features.label_dependent import Labelled
from semisup.networks.backend import import_keras
from semisup.networks.loop import Measures, Stop, train_epochs
from semisup.representations._lstm_network import LOGITS, Pooling, build_network, part_of
from semisup.representations._sequence_training import SequenceTraining

#: Units, pooling, number of classes.
Layout = tuple[int, Pooling, int]
#: Batch size, frames, coefficients.
Shape = tuple[int, int, int]


def train_lstm(
    network: Any,
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
    classifier, optimizer, fresh = _classifier(layout, shape, spec.learning_rate)
    classifier.set_weights(network.get_weights())
    for variable, value in zip(optimizer.variables, fresh, strict=True):
        variable.assign(value)
    training = np.flatnonzero(~watched)
    validation = np.flatnonzero(watched) if watched.any() else training

    def learn(epoch: int) -> Measures:
        order = np.random.default_rng([seed, epoch]).permutation(training)
        return _pass(classifier.train_on_batch, labelled, order, spec.batch_size)

    def validate() -> Measures:
        return _pass(classifier.test_on_batch, labelled, validation, spec.batch_size)

    stop = Stop(spec.epochs, spec.patience)
    history = train_epochs(classifier, optimizer, stop, learn, validate, None, "LSTM", quiet=True)
    network.set_weights(classifier.get_weights())
    return history


@lru_cache(maxsize=4)
def _classifier(layout: Layout, shape: Shape, learning_rate: float) -> tuple[Any, Any, list]:
    """Compile a classifier; return it, its optimizer and the state of one that has seen nothing."""
    keras = import_keras()
    network = build_network(keras.Input(batch_shape=shape), *layout)
    classifier = part_of(network, LOGITS)
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(classifier.trainable_variables)
    losses = keras.losses.SparseCategoricalCrossentropy
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    classifier.compile(
        optimizer=optimizer,
        loss=losses(from_logits=True, reduction="mean_with_sample_weight"),
        weighted_metrics=[accuracy],
    )
    return classifier, optimizer, [keras.ops.convert_to_numpy(v) for v in optimizer.variables]


def _pass(step: Callable[..., Any], labelled: Labelled, rows: np.ndarray, size: int) -> Measures:
    totals: Counter[str] = Counter()
    for some in batches(rows, size):
        # a last batch is filled up with rows that have no weight
        filled, weights = np.resize(some, size), (np.arange(size) < len(some)).astype(np.float32)
        batch = labelled.x[filled], labelled.classes[filled]
        measures = step(*batch, sample_weight=weights, return_dict=True)
        totals.update({name: float(value) * len(some) for name, value in measures.items()})
    return {name: total / len(rows) for name, total in totals.items()}
