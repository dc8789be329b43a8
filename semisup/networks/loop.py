"""The loop of epochs: a model and what an epoch does in, its best weights and its history out.

The caller says what an epoch does and draws all that is random from (seed, epoch) alone. All that
passes from one epoch to the next is in one file, so that a training that was killed goes on and
ends with the same weights, bit for bit.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.artefacts import write_whole
from semisup.engine.npz import read_arrays
from semisup.engine.progress import Amount, say, track
from semisup.errors import SemisupError, TableError
from semisup.networks.backend import import_keras

if TYPE_CHECKING:
    from keras import Model, Variable
    from keras.optimizers import Optimizer

#: Takes epoch (from 0), loss and val_loss after each epoch; False ends the training.
AfterEpoch = Callable[[int, float, float], bool]
#: "loss", and whatever else is to stand in the history.
Measures = Mapping[str, float]
#: Takes the epoch (from 0) and passes over the training data.
Learn = Callable[[int], Measures]
#: Passes over the validation data.
Validate = Callable[[], Measures]
#: Seconds of training that a kill may cost, besides the epoch that it falls in.
CHECKPOINT_EVERY = 5.0


class Stop(NamedTuple):
    """When to stop.

    Parameters
    ----------
    epochs : int
        At the latest.
    patience : int
        After so many epochs without a val_loss that is better,
    min_delta : float
        by this much,
    warm_up : int
        but not before so many epochs,
    stuck : callable, optional
        and not while this is true: as long as nothing has been learned, to wait is no sign of
        having finished.
    updates : int, optional
        Of an epoch, where it is no pass over the data but so many updates.
    """

    epochs: int
    patience: int
    min_delta: float = 0.0
    warm_up: int = 0
    stuck: Callable[[], bool] | None = None
    updates: int | None = None

    def told(self, epochs: int) -> str:
        """Say how many epochs, or updates, these are."""
        if self.updates is None:
            return f"{epochs} epoch{'s' * (epochs != 1)}"
        return f"{epochs * self.updates:,} updates"


def train_epochs(
    model: "Model",
    optimizer: "Optimizer",
    stop: Stop,
    learn: Learn,
    validate: Validate,
    checkpoint: Path | None,
    label: str,
    after_epoch: AfterEpoch | None = None,
    quiet: bool = False,
) -> pd.DataFrame:
    """Train a model in place and leave it with the weights of its lowest validation loss.

    Stops as Keras's ``EarlyStopping(min_delta=..., patience=...)`` does, or where a loss is not
    finite. The weights kept are those of the lowest val_loss, by however little.

    Parameters
    ----------
    model : keras.Model
        Built, with seeded weights.
    optimizer : keras.optimizers.Optimizer
        That `learn` steps with; its state is saved too.
    stop : Stop
        No epochs at all leave the model as it is.
    learn : callable
        Takes the epoch (from 0), passes over the training data and returns its measures.
    validate : callable
        Returns the measures of the validation data.
    checkpoint : Path or None
        An ``.npz`` file. Where it exists training goes on from it, so it must belong to this very
        model, data and seed: name it by their fingerprint. None for trainings so short that those
        that were killed begin again.
    label : str
        What the progress bar calls it.
    after_epoch : callable, optional
        Takes the epoch (from 0), loss and val_loss; training ends where it returns False. After a
        resumption it first gets the epochs that were already done.
    quiet : bool
        Show neither progress nor the best epoch: for one of many short trainings.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss, then the other measures, and the updates made where
        an epoch is so many.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    loop = _Loop(model, optimizer, stop, checkpoint)
    loop.resume()
    goes_on = after_epoch or (lambda *_: True)
    _run(loop, learn, validate, None if quiet else label, goes_on)
    if loop.history:
        best = loop.keep_best(label)
        if not quiet:
            say(f"  {label}: {best}")
    return loop.table()


def best_epoch(val_losses: list[float], min_delta: float) -> int:
    """Return the last epoch, from 0, that undercut the best one before it by `min_delta`.

    Examples
    --------
    >>> best_epoch([0.9, 0.5, 0.4999, 0.7], min_delta=0.001)
    1
    """
    best, lowest = 0, np.inf
    for epoch, val_loss in enumerate(val_losses):
        if val_loss + min_delta < lowest:
            best, lowest = epoch, val_loss
    return best


def _run(
    loop: "_Loop", learn: Learn, validate: Validate, label: str | None, goes_on: AfterEpoch
) -> None:
    done = len(loop.history)
    # an epoch is saved before `goes_on` sees it: a resumed training may have been at its end
    if all(goes_on(*losses) for losses in loop.past()):
        epochs = loop.epochs(learn, validate)
        if label is not None:
            epochs = track(epochs, Amount(label, "epochs", loop.stop.epochs, done))
        for losses in epochs:
            if not goes_on(*losses):
                break


class _Loop:
    """A model on its way: what one epoch hands on to the next."""

    def __init__(
        self, model: "Model", optimizer: "Optimizer", stop: Stop, checkpoint: Path | None
    ) -> None:
        self.model, self.optimizer = model, optimizer
        self.stop, self.checkpoint = stop, checkpoint
        self.history: list[dict[str, float]] = []
        self.best_weights: list[np.ndarray] = []
        # its variables exist from here on, for `resume` to assign
        optimizer.build(model.trainable_variables)

    def past(self) -> Iterator[tuple[int, float, float]]:
        """Yield epoch, loss and val_loss of the epochs done."""
        for epoch, row in enumerate(self.history):
            yield epoch, row["loss"], row["val_loss"]

    def epochs(self, learn: Learn, validate: Validate) -> Iterator[tuple[int, float, float]]:
        """Train; yield epoch, loss and val_loss after each."""
        saved = time.monotonic()
        while self._goes_on():
            epoch = len(self.history)
            learned, validated = learn(epoch), validate()
            row = {**learned, **{f"val_{name}": value for name, value in validated.items()}}
            self.history.append(row)
            if best_epoch(self._val_losses(), 0.0) == epoch:
                self.best_weights = self.model.get_weights()
            if self.checkpoint and time.monotonic() - saved >= CHECKPOINT_EVERY:
                write_whole(self.checkpoint, self._save)
                saved = time.monotonic()
            yield epoch, row["loss"], row["val_loss"]

    def _goes_on(self) -> bool:
        done = len(self.history)
        if not done:
            return self.stop.epochs > 0
        val_losses = self._val_losses()
        if done >= self.stop.epochs or not np.isfinite(val_losses[-1]):
            return False
        waited = done - 1 - best_epoch(val_losses, self.stop.min_delta)
        if waited < self.stop.patience or done < self.stop.warm_up:
            return True
        return self.stop.stuck is not None and self.stop.stuck()

    def _val_losses(self) -> list[float]:
        return [row["val_loss"] for row in self.history]

    def keep_best(self, label: str) -> str:
        """Give the model the weights of its best epoch; return which that is."""
        best = best_epoch(self._val_losses(), 0.0)
        row = self.history[best]
        # NaN undercuts nothing: the best epoch is such a one only where the first is
        if not np.isfinite(row["val_loss"]):
            raise SemisupError(
                f"The training of {label} gives a loss of {row['val_loss']} from its first epoch "
                f"on; a lower learning_rate may help"
            )
        self.model.set_weights(self.best_weights)
        losses = f"loss {row['loss']:.5g}, val_loss {row['val_loss']:.5g}"
        if self.stop.updates is None:
            return f"best of {len(self.history)} epochs is {best + 1}: {losses}"
        place = (best + 1) * self.stop.updates
        return f"best after {place:,} of {self.stop.told(len(self.history))}: {losses}"

    def table(self) -> pd.DataFrame:
        """Return the history: one row an epoch."""
        table = pd.DataFrame(self.history, columns=None if self.history else ["loss", "val_loss"])
        first = ["loss", "val_loss"]
        table = table[[*first, *(name for name in table if name not in first)]]
        table.insert(0, "epoch", np.arange(1, len(table) + 1))
        return (
            table
            if self.stop.updates is None
            else table.assign(updates=table["epoch"] * self.stop.updates)
        )

    def _state(self) -> dict[str, list["Variable"]]:
        return {"model": self.model.weights, "optimizer": self.optimizer.variables}

    def _save(self, path: Path) -> None:
        convert = import_keras().ops.convert_to_numpy
        measures = list(self.history[0])
        arrays: dict[str, Any] = {
            "measures": np.array(measures),
            "history": np.array([[row[name] for name in measures] for row in self.history]),
        }
        for name, variables in self._state().items():
            arrays |= {f"{name}_{number}": convert(v) for number, v in enumerate(variables)}
        arrays |= {f"best_{number}": array for number, array in enumerate(self.best_weights)}
        np.savez(path, **arrays)

    def resume(self) -> None:
        """Take up the state after the last saved epoch, if there is one that can be read."""
        if self.checkpoint is None:
            return
        try:
            saved = read_arrays(self.checkpoint)
        except TableError:
            # none there, or a damaged one: beginning again costs time, not the result
            return
        for name, variables in self._state().items():
            for number, variable in enumerate(variables):
                variable.assign(saved[f"{name}_{number}"])
        if "best_0" in saved:
            self.best_weights = [saved[f"best_{n}"] for n in range(len(self.model.weights))]
        measures = [str(name) for name in saved["measures"]]
        self.history = [
            dict(zip(measures, map(float, row), strict=True)) for row in saved["history"]
        ]
