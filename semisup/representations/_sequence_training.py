"""Train a network on batches drawn anew every epoch: resumable to the bit, best weights kept.

It differs from the training of autoencoders in that a batch is not chunks alone: crops and masks
are drawn by the objective, from (seed, epoch), so that a training that was killed goes on as if it
had not been.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.artefacts import write_whole
from semisup.autoencoders._backend import import_keras
from semisup.errors import SemisupError
from semisup.progress import say, track
from semisup.spec import Table

#: Seconds of training that a kill may cost, besides the epoch that it falls in.
CHECKPOINT_EVERY = 5.0
#: What the random stream of validation is drawn from, the same in every epoch.
VALIDATION = 2**31

#: Inputs, targets and sample weights (or none) of one batch.
Batch = tuple[Any, np.ndarray, np.ndarray | None]
Draw = Callable[[np.random.Generator], Iterator[Batch]]


class SequenceTraining(Table):
    """How the networks of self-supervised kinds are trained."""

    learning_rate: float = Field(0.001, gt=0)
    batch_size: int = Field(64, ge=2)
    epochs: int = Field(30, ge=0, description="at most; 0 leaves the network untrained")
    patience: int = Field(10, ge=1, description="epochs without a lower val_loss before the end")


def train_network(
    model: Any,
    loss: Any,
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
    checkpoint : Path
        An ``.npz`` file, named by the fingerprint of everything that the training depends on.
    label : str
        What the progress bar calls it.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss.

    Raises
    ------
    SemisupError
        If no epoch gives a finite validation loss.
    """
    training = _Training(model, loss, spec, seed, checkpoint)
    training.resume()
    for _ in track(
        training.epochs(draw, draw_validation), label, spec.epochs, len(training.history)
    ):
        pass
    history = pd.DataFrame(training.history, columns=["loss", "val_loss"])
    history.insert(0, "epoch", np.arange(1, len(history) + 1))
    if len(history):
        if not training.best:
            raise SemisupError(
                f"The training of {label} never gives a finite loss; a lower learning_rate than "
                f"{spec.learning_rate:g} may help"
            )
        model.set_weights(training.best)
        best = history.loc[history["val_loss"].idxmin()]
        say(f"  {label}: best of {len(history)} epochs is {best.epoch:.0f}: {best.val_loss:.5g}")
    return history


class _Training:
    """What one epoch hands on to the next."""

    def __init__(
        self, model: Any, loss: Any, spec: SequenceTraining, seed: int, checkpoint: Path
    ) -> None:
        self.model, self.spec, self.seed, self.checkpoint = model, spec, seed, checkpoint
        self.history: list[tuple[float, float]] = []
        self.best: list[np.ndarray] = []
        model.compile(optimizer=import_keras().optimizers.Adam(spec.learning_rate), loss=loss)
        model.optimizer.build(model.trainable_variables)

    def epochs(self, draw: Draw, draw_validation: Draw) -> Iterator[None]:
        """Train; yield after each epoch."""
        saved = time.monotonic()
        while self._goes_on():
            epoch = len(self.history)
            learned = self._pass(draw, epoch, self.model.train_on_batch)
            validated = self._pass(draw_validation, VALIDATION, self.model.test_on_batch)
            self.history.append((learned, validated))
            if np.isfinite(validated) and self._waited() == 0:
                self.best = self.model.get_weights()
            if time.monotonic() - saved >= CHECKPOINT_EVERY:
                write_whole(self.checkpoint, self._save)
                saved = time.monotonic()
            yield

    def _goes_on(self) -> bool:
        done = len(self.history)
        if not done:
            return self.spec.epochs > 0
        finite = np.isfinite(self.history[-1][1])
        return done < self.spec.epochs and self._waited() < self.spec.patience and bool(finite)

    def _waited(self) -> int:
        """Return the number of epochs since the lowest validation loss."""
        losses = [validated for _, validated in self.history]
        return len(losses) - 1 - int(np.argmin(losses))

    def _pass(self, draw: Draw, stream: int, step: Callable[..., Any]) -> float:
        total, count = 0.0, 0
        for inputs, targets, weights in draw(np.random.default_rng([self.seed, stream])):
            loss = step(inputs, targets, sample_weight=weights, return_dict=True)["loss"]
            total, count = total + float(loss) * len(targets), count + len(targets)
        return total / max(count, 1)

    def _variables(self) -> list[Any]:
        return [*self.model.weights, *self.model.optimizer.variables]

    def _save(self, path: Path) -> None:
        convert = import_keras().ops.convert_to_numpy
        arrays = {f"state_{n}": convert(value) for n, value in enumerate(self._variables())}
        arrays |= {f"best_{n}": array for n, array in enumerate(self.best)}
        np.savez(path, history=np.array(self.history), **arrays)

    def resume(self) -> None:
        """Take up the state after the last saved epoch, if there is one that can be read."""
        try:
            with np.load(self.checkpoint, allow_pickle=False) as arrays:
                saved = dict(arrays)
        except (OSError, ValueError, EOFError, BadZipFile):
            return
        for number, variable in enumerate(self._variables()):
            variable.assign(saved[f"state_{number}"])
        self.best = [
            saved[f"best_{n}"] for n in range(len(self.model.weights)) if "best_0" in saved
        ]
        self.history = [(float(loss), float(val_loss)) for loss, val_loss in saved["history"]]
