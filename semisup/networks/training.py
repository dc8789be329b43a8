"""Training of any network: batches in, its best weights and the history of its measures out.

A caller brings the network, a loss and what an epoch does; `Trainer` compiles the network, passes
over the data and runs the epochs. All that is random comes from (seed, epoch), so that a training
that was killed goes on as if it had not been.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from semisup.networks.backend import import_keras
from semisup.networks.fast_dropout import Plain
from semisup.networks.loop import AfterEpoch, Learn, Measures, Stop, Validate, train_epochs
from semisup.networks.streaming import ahead

if TYPE_CHECKING:
    from keras import KerasTensor, Model
    from keras.losses import Loss
    from keras.metrics import Metric
    from keras.optimizers import Optimizer


class Batch(NamedTuple):
    """The rows that one step is taken on, their targets and weights.

    Parameters
    ----------
    inputs : ndarray or list of ndarray
    targets : ndarray of shape (n, ...)
    weights : ndarray, optional
        Of the rows, or of what a row is made of.
    rows : int, optional
        How many of the rows count; all if left out.
    """

    inputs: np.ndarray | list[np.ndarray]
    targets: np.ndarray
    weights: np.ndarray | None = None
    rows: int | None = None


class Trainer:
    """A compiled network, and its optimizer's state before it has seen anything.

    Parameters
    ----------
    model : keras.Model
        Whose best weights are kept.
    optimizer : keras.optimizers.Optimizer
    loss : str, keras.losses.Loss or callable
        Of Keras.
    metrics : list of keras.metrics.Metric, optional
        What is measured besides the loss, with the batches' weights.
    steps : Plain, optional
        What takes the steps, where that is another arrangement of the model's layers.
    """

    def __init__(
        self,
        model: "Model",
        optimizer: "Optimizer",
        loss: "str | Loss | Callable[[KerasTensor, KerasTensor], KerasTensor]",
        metrics: "list[Metric] | None" = None,
        steps: Plain | None = None,
    ) -> None:
        self.model, self.optimizer = model, optimizer
        self.steps = steps or Plain(model)
        optimizer.build(model.trainable_variables)
        self.steps.model.compile(optimizer=optimizer, loss=loss, weighted_metrics=metrics)
        convert = import_keras().ops.convert_to_numpy
        # kept for `fit`, as one trainer serves many trainings: a network is traced but once
        self.fresh = [convert(variable) for variable in optimizer.variables]

    def fit(
        self,
        learn: Learn,
        validate: Validate,
        stop: Stop,
        label: str,
        *,
        checkpoint: Path | None = None,
        after_epoch: AfterEpoch | None = None,
        quiet: bool = False,
    ) -> pd.DataFrame:
        """Train in place, from an optimizer that has seen nothing; keep the best epoch's weights.

        Parameters
        ----------
        learn : callable
            Takes the epoch (from 0) and passes over the training data: `learn` on its batches.
        validate : callable
            Measures the validation data: `measure` on its batches.
        stop, label, checkpoint, after_epoch, quiet
            See `semisup.networks.loop.train_epochs`.

        Returns
        -------
        DataFrame
            Columns epoch (from 1), loss, val_loss, then the other measures.

        Raises
        ------
        SemisupError
            If the first epoch already gives a loss that is not finite.
        """
        for variable, value in zip(self.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)
        return train_epochs(
            self.model,
            self.optimizer,
            stop,
            learn,
            validate,
            checkpoint,
            label,
            after_epoch,
            quiet,
        )

    def learn(self, batches: Iterator[Batch], seed: int, epoch: int) -> Measures:
        """Take a step a batch, with dropout by (seed, epoch); average what the steps measure."""
        self.steps.begin(seed, epoch)
        return _mean(self.steps.learn, batches)

    def measure(self, batches: Iterator[Batch]) -> Measures:
        """Average the measures over batches, without dropout."""
        return _mean(self.steps.measure, batches)


def filled_up(inputs: np.ndarray, targets: np.ndarray, size: int) -> Batch:
    """Fill a batch up to `size` with rows that have no weight.

    Batches of one shape are traced once, and what ran before can't change how one is computed.

    Examples
    --------
    >>> filled_up(np.array([5.0, 6.0]), np.array([1, 0]), 3).weights
    array([1., 1., 0.], dtype=float32)
    """
    weights = (np.arange(size) < len(inputs)).astype(np.float32)
    return Batch(repeated(inputs, size), repeated(targets, size), weights, len(inputs))


def repeated(rows: np.ndarray, size: int) -> np.ndarray:
    """Return `size` rows: the given ones in order, over and over if need be."""
    return np.resize(rows, (size, *rows.shape[1:]))


def _mean(step: Callable[..., Measures], batches: Iterator[Batch]) -> Measures:
    """Take a step a batch and average its measures over the rows that count."""
    totals: Counter[str] = Counter()
    count = 0
    # the next batch is made while a step is taken on the last
    for inputs, targets, weights, rows in ahead(batches):
        rows = len(targets) if rows is None else rows
        measures = step(inputs, targets, weights)
        # a step gives means over its rows, and the last batch may hold fewer
        totals.update({name: value * rows for name, value in measures.items()})
        count += rows
    return {name: total / count for name, total in totals.items()}
