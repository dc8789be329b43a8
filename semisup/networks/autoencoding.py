"""Training of an autoencoder: chunks in, a model with its best weights and its loss history out.

Order and dropout of epoch e depend on (seed, e) alone.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.networks.backend import import_keras
from semisup.networks.fast_dropout import arranged
from semisup.networks.loop import AfterEpoch, Measures, Stop
from semisup.networks.models import BATCH, Chunks, in_batches, scaled_part, target_of
from semisup.networks.precision import Precision, computing_in
from semisup.networks.streaming import shuffled
from semisup.networks.training import Batch, Trainer
from semisup.study.spec import Table

if TYPE_CHECKING:
    from keras import Model
    from keras.optimizers import Optimizer

#: Takes a batch of raw magnitudes and returns what an autoencoder has to restore.
Scale = Callable[[np.ndarray], np.ndarray]


class TrainingSpec(Table):
    """How an autoencoder is trained (docs/CONCEPTS.md, Autoencoders)."""

    loss: Literal["binary_crossentropy", "mean_squared_error"] = "binary_crossentropy"
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = Field(0.001, gt=0)
    batch_size: int = Field(128, ge=1)
    epochs: int = Field(100, ge=0, description="at most; 0 leaves the network untrained")
    patience: int = Field(30, ge=1, description="epochs without a better val_loss before the end")
    min_delta: float = Field(0.001, ge=0, description="by how much better is better")
    precision: Precision = Field(
        "float32", description="of the arithmetic; the weights are float32"
    )


def train(
    autoencoder: "Model",
    spec: TrainingSpec,
    chunks: Chunks,
    validation: Chunks,
    seed: int,
    checkpoint: Path,
    label: str = "autoencoder",
    *,
    after_epoch: AfterEpoch | None = None,
) -> pd.DataFrame:
    """Train an autoencoder in place and leave it with its best epoch's weights.

    The weights kept are those of the lowest val_loss: with cross-entropy on raw magnitudes every
    epoch after the first gains less than the usual `min_delta`. Whether the original study
    restored weights is not known.

    Parameters
    ----------
    autoencoder : keras.Model
        Untrained, as `build_autoencoder` gives it.
    spec : TrainingSpec
        Loss, optimizer, and when to stop.
    chunks, validation : Chunks of shape (n, frames, bins)
        Raw magnitudes to learn from, and to watch the loss on.
    seed : int
        Of shuffling and dropout.
    checkpoint, label, after_epoch
        See `semisup.networks.loop.train_epochs`.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    with computing_in(spec.precision, autoencoder):
        passes = _Passes(autoencoder, spec, chunks, validation, seed)
        return passes.trainer.fit(
            passes.learn,
            passes.validate,
            Stop(spec.epochs, spec.patience, spec.min_delta),
            label,
            checkpoint=checkpoint,
            after_epoch=after_epoch,
        )


class _Passes:
    """What an epoch does with the chunks.

    What an autoencoder has to restore is its scaled input. So the part after the scaling is what
    is trained, on chunks that are scaled once, or whenever they are read where they are streamed.
    """

    def __init__(
        self, model: "Model", spec: TrainingSpec, chunks: Chunks, validation: Chunks, seed: int
    ) -> None:
        self.seed, self.size = seed, spec.batch_size
        self.scale = target_of(model)
        restoring = scaled_part(model)
        scales = restoring is not model
        self.chunks = _scaled(chunks, self.scale) if scales else chunks
        self.validation = _scaled(validation, self.scale) if scales else validation
        steps = arranged(restoring, spec.batch_size)
        self.trainer = Trainer(model, _optimizer(spec), spec.loss, steps=steps)

    def learn(self, epoch: int) -> Measures:
        """Take one pass over the chunks in random order."""
        rng = np.random.default_rng([self.seed, epoch])
        batches = self._batches(self.chunks, shuffled(self.chunks, self.size, rng))
        return self.trainer.learn(batches, self.seed, epoch)

    def validate(self) -> Measures:
        """Compute the loss on the validation chunks."""
        # of any size: no step is taken, and the losses are averaged over chunks
        batches = self._batches(self.validation, in_batches(self.validation, BATCH))
        return self.trainer.measure(batches)

    def _batches(self, chunks: Chunks, batches: Iterator[np.ndarray]) -> Iterator[Batch]:
        for batch in batches:
            # an array has been scaled already, a stream has not
            target = batch if isinstance(chunks, np.ndarray) else self.scale(batch)
            yield Batch(target, target)


def _scaled(chunks: Chunks, scale: Scale) -> Chunks:
    """Scale chunks that are in memory; others are scaled whenever they are read."""
    if not isinstance(chunks, np.ndarray) or not len(chunks):
        return chunks
    return np.concatenate([scale(batch) for batch in in_batches(chunks)])


def _optimizer(spec: TrainingSpec) -> "Optimizer":
    optimizers = import_keras().optimizers
    kinds = {"adam": optimizers.Adam, "sgd": optimizers.SGD}
    optimizer = kinds[spec.optimizer](learning_rate=spec.learning_rate)
    if spec.precision == "mixed_float16":  # its small gradients would be rounded to zero
        return optimizers.LossScaleOptimizer(optimizer)
    return optimizer
