"""Training on batches that are drawn anew every epoch: an objective draws its crops and masks.

It draws them from (seed, epoch), so that a training that was killed goes on as if it had not been.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.artefacts import fingerprint
from semisup.features.inputs import Inputs
from semisup.networks.backend import import_keras
from semisup.networks.loop import Measures, Stop
from semisup.networks.schedules import learning_rate
from semisup.networks.training import Batch, Trainer
from semisup.networks.updates import Passes, Updates
from semisup.study.spec import RepresentationSpec
from semisup.study.table import Table

if TYPE_CHECKING:
    from keras import KerasTensor, Loss, Model

#: What the random stream of validation is drawn from, the same in every epoch, so that their losses
#: compare; no epoch has this number.
VALIDATION = 2**31

Schedule = Literal["constant", "cosine"]
Draw = Callable[[np.random.Generator], Iterator[Batch]]


class SequenceTraining(Table):
    """How a network is trained, in epochs."""

    learning_rate: float = Field(0.001, gt=0)
    batch_size: int = Field(64, ge=2)
    epochs: int = Field(30, ge=0, description="at most; 0 leaves the network untrained")
    patience: int = Field(10, ge=1, description="epochs without a lower val_loss before the end")

    def stop(self) -> Stop:
        """Say when to stop."""
        return Stop(self.epochs, self.patience)


class UpdateTraining(Updates):
    """How a network is trained, in updates."""

    learning_rate: float = Field(0.001, gt=0)
    batch_size: int = Field(64, ge=2)
    steps: int = Field(500, ge=1, description="updates at most")
    patience_steps: int = Field(
        200, ge=1, description="updates without a lower val_loss before the end"
    )
    validate_steps: int = Field(20, ge=1, description="updates from one val_loss to the next")


def checkpoint_of(
    options: RepresentationSpec,
    inputs: Inputs,
    training: list[np.ndarray],
    validation: list[np.ndarray],
) -> Path:
    """Name a checkpoint by all that training depends on: that of other recordings is not taken up.

    Parameters
    ----------
    options : RepresentationSpec
        All keys of the representation.
    inputs : Inputs
        For its seed and folder.
    training, validation : list of ndarray
        What the network reads of each recording.
    """
    sha = hashlib.sha256()
    for frames in (*training, *validation):
        sha.update(np.ascontiguousarray(frames).data)
    name = fingerprint(options.model_dump(), inputs.seed, len(training), sha.hexdigest())
    return inputs.folder / ".checkpoint" / f"{name}.npz"


def train_network(
    model: "Model",
    loss: "str | Loss | Callable[[KerasTensor, KerasTensor], KerasTensor]",
    spec: SequenceTraining | UpdateTraining,
    rows: int,
    draw: Draw,
    draw_validation: Draw,
    seed: int,
    checkpoint: Path,
    label: str,
    schedule: Schedule = "constant",
) -> pd.DataFrame:
    """Train in place and leave the model with the weights of the lowest validation loss.

    Parameters
    ----------
    model : keras.Model
        Built, with seeded weights.
    loss : str, keras.losses.Loss or callable
        Of Keras.
    spec : SequenceTraining or UpdateTraining
    rows : int
        Of a pass over the training data.
    draw, draw_validation : callable
        Give the batches of one pass from a random generator.
    seed : int
        Of what is drawn.
    checkpoint, label
        See `semisup.networks.loop.train_epochs`.
    schedule : {"constant", "cosine"}
        Of the learning rate.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss, learning_rate where it changes, and updates where
        these are what is counted.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    trainer = Trainer(model, import_keras().optimizers.Adam(spec.learning_rate), loss)
    stop = spec.stop()

    def drawn(number: int) -> Iterator[Batch]:
        return draw(np.random.default_rng([seed, number]))

    passes = Passes(drawn, -(-rows // spec.batch_size), stop.updates)

    def learn(epoch: int) -> Measures:
        # the losses count for plateaus alone
        rate = learning_rate(schedule, spec.learning_rate, [0.0] * epoch, stop.epochs, 1)
        trainer.optimizer.learning_rate = rate
        measures = trainer.learn(passes.epoch(epoch), seed, epoch)
        return measures if schedule == "constant" else {**measures, "learning_rate": rate}

    def validate() -> Measures:
        return trainer.measure(draw_validation(np.random.default_rng([seed, VALIDATION])))

    return trainer.fit(learn, validate, stop, label, checkpoint=checkpoint)
