"""Training of a classifying network: rows and classes in, its best weights and a history out.

All that is random comes from (seed, epoch). All batches have one shape, so that what ran before
can't change how a batch is computed.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.networks.backend import import_keras
from semisup.networks.loop import Measures, Stop
from semisup.networks.rows import LazyRows, in_order, shuffled
from semisup.networks.schedules import learning_rate
from semisup.networks.streaming import ahead
from semisup.networks.training import Batch, Trainer, filled_up, repeated

if TYPE_CHECKING:
    from keras import Model
    from keras.losses import Loss
    from keras.optimizers import Optimizer

#: Takes rows, targets (n, n_classes) and a generator; returns others of the same shapes.
Change = Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


class Examples(NamedTuple):
    """Rows and targets to learn from, and which of them are held out to watch the loss on.

    Parameters
    ----------
    rows : LazyRows of shape (n, ...)
    targets : ndarray of shape (n, n_classes), float32
        The class's weight in the column of a row's class, else 0.
    training, validation : ndarray of int
        Positions of the rows to learn from, and to watch the loss on.
    unlabelled : LazyRows of shape (m, ...), optional
        For those that learn from these too.
    """

    rows: LazyRows
    targets: np.ndarray
    training: np.ndarray
    validation: np.ndarray
    unlabelled: LazyRows | None = None


class Plan(NamedTuple):
    """How long a network is trained, and in what steps."""

    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    schedule: str = "constant"


def class_weights(classes: np.ndarray, n_classes: int, balanced: bool) -> np.ndarray:
    """Return the weight of each class: inverse to its share of the rows, 1 on average over them.

    Examples
    --------
    >>> class_weights(np.array([0, 0, 0, 1]), 2, balanced=True)
    array([0.66666667, 2.        ])
    """
    if not balanced:
        return np.ones(n_classes)
    counts = np.bincount(classes, minlength=n_classes)
    return len(classes) / (n_classes * counts)


def compiled(model: "Model", optimizer: "Optimizer") -> Trainer:
    """Make a network with one number a class ready for training on weighted targets."""
    # it looks for the largest target, whose place class weights do not change
    accuracy = import_keras().metrics.CategoricalAccuracy(name="accuracy")
    return Trainer(model, optimizer, _weighted_targets(), [accuracy])


def fit_network(
    trainer: Trainer,
    examples: Examples,
    plan: Plan,
    seed: int,
    label: str,
    change: Change | None = None,
) -> pd.DataFrame:
    """Train in place, from an optimizer that has seen nothing; keep the best epoch's weights.

    Parameters
    ----------
    trainer : Trainer
        As `compiled` gives it, with the weights to start from.
    examples : Examples
    plan : Plan
        A plateau halves the learning rate after half of the patience.
    seed : int
        Of the order of the rows, dropout and what is changed.
    label : str
        What messages call it.
    change : callable, optional
        Makes other training batches of those that are read.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss, accuracy, learning_rate, val_accuracy.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    return Supervised(trainer, examples, plan, seed, change).run(label)


def predict_logits(model: "Model", rows: LazyRows, batch_size: int) -> np.ndarray:
    """Return the network's outputs for rows in order, (n, n_classes), batches filled up."""
    logits = [
        np.asarray(model.predict_on_batch(repeated(batch, batch_size)))[: len(batch)]
        for batch in ahead(in_order(rows, np.arange(len(rows)), batch_size))
    ]
    return np.concatenate(logits) if logits else np.empty((0, model.output_shape[-1]))


class Supervised:
    """What an epoch does with the examples; parameters as of `fit_network`."""

    def __init__(
        self,
        trainer: Trainer,
        examples: Examples,
        plan: Plan,
        seed: int,
        change: Change | None = None,
    ) -> None:
        self.trainer, self.examples, self.plan = trainer, examples, plan
        self.seed, self.change = seed, change
        self.val_losses: list[float] = []

    def run(self, label: str) -> pd.DataFrame:
        """Train; see `fit_network`."""
        stop = Stop(self.plan.epochs, self.plan.patience)
        return self.trainer.fit(
            self.learn, self.validate, stop, label, after_epoch=self.after, quiet=True
        )

    def set_rate(self) -> float:
        """Set the learning rate of an epoch, by the losses of those before it, and return it."""
        plan = self.plan
        wait = max(1, plan.patience // 2)
        rate = learning_rate(plan.schedule, plan.learning_rate, self.val_losses, plan.epochs, wait)
        self.trainer.optimizer.learning_rate = rate
        return rate

    def learn(self, epoch: int) -> Measures:
        """Take one pass over the training rows in random order."""
        rate = self.set_rate()
        # generators of their own: reading must not hang on how much a change draws
        order, changes = (np.random.default_rng([self.seed, epoch, k]) for k in (0, 1))
        examples = self.examples
        batches = shuffled(examples.rows, examples.training, self.plan.batch_size, order)
        measures = self.trainer.learn(self._batches(batches, changes), self.seed, epoch)
        return {**measures, "learning_rate": rate}

    def validate(self) -> Measures:
        """Measure on the validation rows, as they are and without dropout."""
        rows, size = self.examples.rows, self.plan.batch_size
        positions = self.examples.validation
        starts = range(0, len(positions), size)
        by_batch = (positions[start : start + size] for start in starts)
        batches = zip(by_batch, in_order(rows, positions, size), strict=True)
        return self.trainer.measure(self._batches(batches, None))

    def after(self, epoch: int, loss: float, val_loss: float) -> bool:
        """Note the loss for the schedule; training goes on."""
        self.val_losses.append(val_loss)
        return True

    def _batches(
        self,
        batches: Iterator[tuple[np.ndarray, np.ndarray]],
        changes: np.random.Generator | None,
    ) -> Iterator[Batch]:
        """Change the rows and fill batches up with rows that have no weight."""
        for positions, rows in batches:
            targets = self.examples.targets[positions]
            if changes is not None and self.change is not None:
                rows, targets = self.change(rows, targets, changes)
            yield filled_up(rows, targets, self.plan.batch_size)


@cache
def _weighted_targets() -> "Loss":
    """Define the loss, as Keras is imported on use only."""
    keras = import_keras()

    class WeightedTargets(keras.losses.Loss):  # type: ignore[name-defined]
        """Cross-entropy whose targets need not sum to one.

        Keras's own takes it for granted that they do, which gives other gradients.
        """

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return -keras.ops.sum(y_true * keras.ops.log_softmax(y_pred), axis=-1)

    return WeightedTargets(reduction="mean_with_sample_weight")
