"""Training on batches that are drawn anew every epoch: an objective draws its crops and masks.

It draws them from (seed, epoch), so that a training that was killed goes on as if it had not been.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.networks.backend import import_keras
from semisup.networks.loop import Measures, Stop
from semisup.networks.training import Batch, Trainer
from semisup.study.spec import Table

if TYPE_CHECKING:
    from keras import KerasTensor, Loss, Model

#: What the random stream of validation is drawn from, the same in every epoch, so that their losses
#: compare; no epoch has this number.
VALIDATION = 2**31

Draw = Callable[[np.random.Generator], Iterator[Batch]]


class SequenceTraining(Table):
    """How the networks of self-supervised kinds are trained."""

    learning_rate: float = Field(0.001, gt=0)
    batch_size: int = Field(64, ge=2)
    epochs: int = Field(30, ge=0, description="at most; 0 leaves the network untrained")
    patience: int = Field(10, ge=1, description="epochs without a lower val_loss before the end")


def train_network(
    model: "Model",
    loss: "str | Loss | Callable[[KerasTensor, KerasTensor], KerasTensor]",
    spec: SequenceTraining,
    draw: Draw,
    draw_validation: Draw,
    seed: int,
    checkpoint: Path,
    label: str,
) -> pd.DataFrame:
    """Train in place and leave the model with the weights of the lowest validation loss.

    Parameters
    ----------
    model : keras.Model
        Built, with seeded weights.
    loss : str, keras.losses.Loss or callable
        Of Keras.
    spec : SequenceTraining
    draw, draw_validation : callable
        Give the batches of one pass from a random generator.
    seed : int
        Of what is drawn.
    checkpoint, label
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
    trainer = Trainer(model, import_keras().optimizers.Adam(spec.learning_rate), loss)

    def learn(epoch: int) -> Measures:
        return trainer.learn(draw(np.random.default_rng([seed, epoch])), seed, epoch)

    def validate() -> Measures:
        return trainer.measure(draw_validation(np.random.default_rng([seed, VALIDATION])))

    stop = Stop(spec.epochs, spec.patience)
    return trainer.fit(learn, validate, stop, label, checkpoint=checkpoint)
