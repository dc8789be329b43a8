"""Training of an autoencoder: chunks in, a model with its best weights and its loss history out.

Order and dropout of an epoch depend on the seed and its number alone.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.networks.backend import import_keras
from semisup.networks.fast_dropout import arranged
from semisup.networks.health import is_collapsed
from semisup.networks.loop import AfterEpoch, Measures, Stop
from semisup.networks.models import (
    BATCH,
    Chunks,
    encode,
    encoder_of,
    evenly,
    in_batches,
    scaled_part,
    target_of,
)
from semisup.networks.precision import Precision, computing_in
from semisup.networks.streaming import shuffled
from semisup.networks.training import Batch, Trainer
from semisup.networks.updates import Passes, Updates

if TYPE_CHECKING:
    from keras import Model
    from keras.optimizers import Optimizer

#: Takes a batch of raw magnitudes and returns what an autoencoder has to restore.
Scale = Callable[[np.ndarray], np.ndarray]


#: Rows of an update: at most, at least, and how many updates they leave a pass over the training
#: chunks at least. The original study made 62 updates of 128 chunks in each of its passes.
LARGEST, SMALLEST, UPDATES = 128, 8, 40
#: Updates before which no training ends early: the plateau that raw magnitudes begin on is left
#: after 1,000 to 2,000.
WARM_UP = 2000
#: Validation chunks whose codes tell if an encoder has left its plateau.
PROBED = 256


class TrainingSpec(Updates):
    """How an autoencoder is trained (docs/CONCEPTS.md, Autoencoders)."""

    loss: Literal["binary_crossentropy", "mean_squared_error"] = "binary_crossentropy"
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = Field(0.001, gt=0)
    batch_size: int | None = Field(
        None,
        ge=1,
        description="chunks of an update; left out: 128, and so many fewer in a small corpus, down "
        "to 8, that a pass over it has 40 updates",
    )
    min_delta: float = Field(0.001, ge=0, description="with `epochs`: by how much better is better")
    precision: Precision = Field(
        "float32", description="of the arithmetic; the weights are float32"
    )


class Plan(NamedTuple):
    """What a training does with so many chunks.

    Parameters
    ----------
    batch_size : int
        Chunks of an update.
    stop : Stop
    """

    batch_size: int
    stop: Stop


def plan_of(spec: TrainingSpec, n_chunks: int) -> Plan:
    """Plan the training on so many chunks: in passes over them with `epochs`, else in updates.

    Examples
    --------
    >>> plan_of(TrainingSpec(), 312).batch_size, plan_of(TrainingSpec(), 7910).batch_size
    (8, 128)
    >>> plan_of(TrainingSpec(steps=950), 312).stop.epochs
    10
    """
    stop = spec.stop(WARM_UP, spec.min_delta)
    if spec.epochs is not None:
        return Plan(spec.batch_size or LARGEST, stop)
    return Plan(spec.batch_size or min(max(n_chunks // UPDATES, SMALLEST), LARGEST), stop)


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
    """Train an autoencoder in place and leave it with its best weights.

    The weights kept are those of the lowest val_loss: with cross-entropy on raw magnitudes every
    epoch after the first gains less than the usual `min_delta`. Whether the original study
    restored weights is not known.

    Parameters
    ----------
    autoencoder : keras.Model
        Untrained, as `build_autoencoder` gives it.
    spec : TrainingSpec
        Loss, optimizer, and when to stop: measured in updates, it never stops early while all
        codes are the same.
    chunks, validation : Chunks of shape (n, frames, bins)
        Raw magnitudes to learn from, and to watch the loss on.
    seed : int
        Of shuffling and dropout.
    checkpoint, label, after_epoch
        See `semisup.networks.loop.train_epochs`.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss, and updates where these are what is counted: then
        an epoch is `validate_steps` of them.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    plan = plan_of(spec, len(chunks))
    with computing_in(spec.precision, autoencoder):
        passes = _Passes(autoencoder, spec, plan, chunks, validation, seed)
        stop = plan.stop
        if stop.updates is not None:
            probed = evenly(validation, PROBED)
            stop = stop._replace(
                stuck=lambda: is_collapsed(encode(encoder_of(autoencoder), probed))
            )
        return passes.trainer.fit(
            passes.learn,
            passes.validate,
            stop,
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
        self,
        model: "Model",
        spec: TrainingSpec,
        plan: Plan,
        chunks: Chunks,
        validation: Chunks,
        seed: int,
    ) -> None:
        self.seed, self.size = seed, plan.batch_size
        self.scale = target_of(model)
        restoring = scaled_part(model)
        scales = restoring is not model
        self.chunks = _scaled(chunks, self.scale) if scales else chunks
        self.validation = _scaled(validation, self.scale) if scales else validation
        steps = arranged(restoring, self.size)
        self.trainer = Trainer(model, _optimizer(spec), spec.loss, steps=steps)
        self.passes = Passes(self._shuffled, -(-len(chunks) // self.size), plan.stop.updates)

    def learn(self, epoch: int) -> Measures:
        """Take the updates of an epoch, in passes over the chunks in random order."""
        batches = self._batches(self.chunks, self.passes.epoch(epoch))
        return self.trainer.learn(batches, self.seed, epoch)

    def _shuffled(self, number: int) -> Iterator[np.ndarray]:
        return shuffled(self.chunks, self.size, np.random.default_rng([self.seed, number]))

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
