"""Train an autoencoder: chunks in, a model with its best weights and the history of its losses out.

Epoch e shuffles and drops out by (seed, e) alone and all that passes from one epoch to the next is
in one file, so that a training that was killed goes on and ends with the same weights, bit for bit.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.artefacts import write_whole
from semisup.autoencoders._backend import import_keras
from semisup.autoencoders._encoder import BATCH, Chunks, in_batches, target_of
from semisup.errors import SemisupError
from semisup.progress import say, track
from semisup.spec import Table

#: Seconds of training that a kill may cost, besides the epoch that it falls in.
CHECKPOINT_EVERY = 5.0


class TrainingSpec(Table):
    """How an autoencoder is trained; the defaults are the original study's (DESIGN 5.5)."""

    loss: Literal["binary_crossentropy", "mean_squared_error"] = "binary_crossentropy"
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = Field(0.001, gt=0)
    batch_size: int = Field(128, ge=1)
    epochs: int = Field(100, ge=1, description="at most")
    patience: int = Field(30, ge=1, description="epochs without a better val_loss before the end")
    min_delta: float = Field(0.001, ge=0, description="by how much better is better")


def train(
    autoencoder: Any,
    spec: TrainingSpec,
    chunks: Chunks,
    validation: Chunks,
    seed: int,
    checkpoint: Path,
    label: str = "autoencoder",
) -> pd.DataFrame:
    """Train an autoencoder in place and leave it with the weights of its best epoch.

    Stops as Keras's ``EarlyStopping(min_delta=..., patience=...)`` does. The weights kept are those
    of the lowest val_loss, by however little: with cross-entropy on raw magnitudes every epoch
    behind the first gains less than the usual `min_delta`. Whether the original study restored
    weights is not known.

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
    checkpoint : Path
        An ``.npz`` file. Where it exists training goes on from it, so it must belong to this very
        model, spec, data and seed: name it by their fingerprint.
    label : str
        What the progress bar calls it.

    Returns
    -------
    DataFrame
        Columns epoch (from 1), loss, val_loss.

    Raises
    ------
    SemisupError
        If the first epoch already gives a loss that is not finite.
    """
    training = _Training(autoencoder, spec, seed, checkpoint)
    training.resume()
    done = len(training.history)
    for _ in track(training.epochs(chunks, validation), label, spec.epochs, done):
        pass
    best = best_epoch([val_loss for _, val_loss in training.history], 0.0)
    loss, val_loss = training.history[best]
    if not np.isfinite(val_loss):
        raise SemisupError(
            f"The training of {label} gives a loss of {val_loss} from its first epoch on; a lower "
            f"learning_rate than {spec.learning_rate:g} may help"
        )
    autoencoder.set_weights(training.best_weights)
    last = len(training.history)
    say(f"  {label}: best of {last} epochs is {best + 1}: loss {loss:.5g}, val_loss {val_loss:.5g}")
    return _history_table(training.history)


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


class _Training:
    """A model on its way: what one epoch hands on to the next."""

    def __init__(self, model: Any, spec: TrainingSpec, seed: int, checkpoint: Path) -> None:
        self.model = model
        self.spec = spec
        self.seed = seed
        self.checkpoint = checkpoint
        self.history: list[tuple[float, float]] = []
        self.best_weights: list[np.ndarray] = []
        self.target = target_of(model)
        self.model.compile(optimizer=_optimizer(spec), loss=spec.loss)
        self.model.optimizer.build(model.trainable_variables)

    def epochs(self, chunks: Chunks, validation: Chunks) -> Iterator[None]:
        """Train; yield after each epoch."""
        saved = time.monotonic()
        while self._goes_on():
            epoch = len(self.history)
            loss = self._learn(chunks, epoch)
            self.history.append((loss, self._validate(validation)))
            if best_epoch(self._val_losses(), 0.0) == epoch:
                self.best_weights = self.model.get_weights()
            if time.monotonic() - saved >= CHECKPOINT_EVERY:
                write_whole(self.checkpoint, self._save)
                saved = time.monotonic()
            yield

    def _goes_on(self) -> bool:
        done = len(self.history)
        if not done:
            return True
        val_losses = self._val_losses()
        waited = done - 1 - best_epoch(val_losses, self.spec.min_delta)
        diverged = not np.isfinite(val_losses[-1])
        return done < self.spec.epochs and waited < self.spec.patience and not diverged

    def _val_losses(self) -> list[float]:
        return [val_loss for _, val_loss in self.history]

    def _learn(self, chunks: Chunks, epoch: int) -> float:
        """Take one pass over the chunks in random order; return the mean loss."""
        self._seed_dropout(epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(chunks))
        total = 0.0
        for start in range(0, len(order), self.spec.batch_size):
            # sorted, as stores read rows faster in order; the gradient is the batch's mean anyway
            batch = chunks[np.sort(order[start : start + self.spec.batch_size])]
            loss = self.model.train_on_batch(batch, self.target(batch), return_dict=True)["loss"]
            total += float(loss) * len(batch)
        return total / len(order)

    def _validate(self, validation: Chunks) -> float:
        total = 0.0
        for batch in in_batches(validation, BATCH):
            loss = self.model.test_on_batch(batch, self.target(batch), return_dict=True)["loss"]
            total += float(loss) * len(batch)
        return total / len(validation)

    def _seed_dropout(self, epoch: int) -> None:
        states = [v for v in self.model.variables if v.path.endswith("seed_generator_state")]
        for number, state in enumerate(states):
            drawn = np.random.SeedSequence([self.seed, epoch, number]).generate_state(1)[0]
            # 31 bits: some backends keep the state as a signed integer
            state.assign(np.array([drawn >> 1, 0], dtype=state.dtype))

    def _state(self) -> dict[str, list[Any]]:
        return {"model": self.model.weights, "optimizer": self.model.optimizer.variables}

    def _save(self, path: Path) -> None:
        keras = import_keras()
        arrays: dict[str, Any] = {"history": np.array(self.history)}
        for name, variables in self._state().items():
            for number, variable in enumerate(variables):
                arrays[f"{name}_{number}"] = keras.ops.convert_to_numpy(variable)
        arrays |= {f"best_{number}": array for number, array in enumerate(self.best_weights)}
        np.savez(path, **arrays)

    def resume(self) -> None:
        """Take up the state after the last saved epoch, if there is one that can be read."""
        try:
            with np.load(self.checkpoint, allow_pickle=False) as arrays:
                saved = dict(arrays)
        except (OSError, ValueError, EOFError, BadZipFile):
            return
        for name, variables in self._state().items():
            for number, variable in enumerate(variables):
                variable.assign(saved[f"{name}_{number}"])
        self.best_weights = [saved[f"best_{n}"] for n in range(len(self.model.weights))]
        self.history = [(float(loss), float(val_loss)) for loss, val_loss in saved["history"]]


def _optimizer(spec: TrainingSpec) -> Any:
    optimizers = import_keras().optimizers
    kinds = {"adam": optimizers.Adam, "sgd": optimizers.SGD}
    return kinds[spec.optimizer](learning_rate=spec.learning_rate)


def _history_table(history: list[tuple[float, float]]) -> pd.DataFrame:
    table = pd.DataFrame(history, columns=["loss", "val_loss"])
    table.insert(0, "epoch", np.arange(1, len(table) + 1))
    return table
