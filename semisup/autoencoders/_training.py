"""Train an autoencoder: chunks in, a model with its best weights and the history of its losses out.

Epoch e shuffles and drops out by (seed, e) alone and all that passes from one epoch to the next is
in one file, so that a training that was killed goes on and ends with the same weights, bit for bit.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.artefacts import write_whole
from semisup.autoencoders._arrangement import arranged
from semisup.autoencoders._backend import import_keras
from semisup.autoencoders._batches import ahead, shuffled
from semisup.autoencoders._encoder import BATCH, Chunks, in_batches, target_of
from semisup.autoencoders._precision import Precision, computing_in
from semisup.errors import SemisupError
from semisup.progress import say, track
from semisup.spec import Table

#: Told epoch (from 0), loss and val_loss; False ends the training.
AfterEpoch = Callable[[int, float, float], bool]
#: Makes (inputs, targets) of a batch of chunks, with a generator for what it draws.
Pairs = Callable[[np.ndarray, np.random.Generator], tuple[Any, Any]]
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
    precision: Precision = Field(
        "float32", description="of the arithmetic; the weights are float32"
    )


def train(
    autoencoder: Any,
    spec: TrainingSpec,
    chunks: Chunks,
    validation: Chunks,
    seed: int,
    checkpoint: Path,
    label: str = "autoencoder",
    *,
    after_epoch: AfterEpoch | None = None,
    pairs: Pairs | None = None,
    loss: Callable[[Any, Any], Any] | None = None,
) -> pd.DataFrame:
    """Train an autoencoder (or another model) in place and leave it with its best epoch's weights.

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
    after_epoch : callable, optional
        Is given the epoch (from 0), loss and val_loss; training ends where it returns False. After
        a resumption it is first given the epochs that were already done.
    pairs : callable, optional
        What the model is given and has to give for a batch; to restore the batch if left out.
        The generator depends on the seed and the epoch, for validation on the seed.
    loss : callable, optional
        A Keras loss of (targets, outputs), instead of the spec's.

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
        training = _Training(autoencoder, spec, seed, checkpoint, pairs, loss)
        training.resume()
        _run(training, chunks, validation, label, after_epoch or (lambda *_: True))
    best = best_epoch([val_loss for _, val_loss in training.history], 0.0)
    lowest, val_loss = training.history[best]
    if not np.isfinite(val_loss):
        raise SemisupError(
            f"The training of {label} gives a loss of {val_loss} from its first epoch on; a lower "
            f"learning_rate than {spec.learning_rate:g} may help"
        )
    autoencoder.set_weights(training.best_weights)
    last = len(training.history)
    losses = f"loss {lowest:.5g}, val_loss {val_loss:.5g}"
    say(f"  {label}: best of {last} epochs is {best + 1}: {losses}")
    return _history_table(training.history)


def _run(
    training: "_Training", chunks: Chunks, validation: Chunks, label: str, goes_on: AfterEpoch
) -> None:
    done = len(training.history)
    if all(goes_on(*past) for past in training.past()):
        work = training.epochs(chunks, validation)
        for now in track(work, label, training.spec.epochs, done):
            if not goes_on(*now):
                break


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

    def __init__(
        self,
        model: Any,
        spec: TrainingSpec,
        seed: int,
        checkpoint: Path,
        pairs: Pairs | None = None,
        loss: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self.model = model
        self.spec = spec
        self.seed = seed
        self.checkpoint = checkpoint
        self.pairs = pairs or _restoring(model)
        self.history: list[tuple[float, float]] = []
        self.best_weights: list[np.ndarray] = []
        self.optimizer = _optimizer(spec)
        self.arranged = arranged(model, spec.batch_size)
        self.arranged.model.compile(optimizer=self.optimizer, loss=loss or spec.loss)
        self.optimizer.build(model.trainable_variables)

    def past(self) -> Iterator[tuple[int, float, float]]:
        """Yield epoch, loss and val_loss of the epochs done."""
        for epoch, (loss, val_loss) in enumerate(self.history):
            yield epoch, loss, val_loss

    def epochs(self, chunks: Chunks, validation: Chunks) -> Iterator[tuple[int, float, float]]:
        """Train; yield epoch, loss and val_loss after each."""
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
            yield epoch, *self.history[-1]

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
        self.arranged.begin(self.seed, epoch)
        batches = shuffled(chunks, self.spec.batch_size, np.random.default_rng([self.seed, epoch]))
        total = 0.0
        for n, pair in self._prepared(batches, [self.seed, epoch, 2]):
            total += self.arranged.learn(*pair) * n
        return total / len(chunks)

    def _validate(self, validation: Chunks) -> float:
        total = 0.0
        for n, pair in self._prepared(in_batches(validation, BATCH), [self.seed, 3]):
            total += self.arranged.loss(*pair) * n
        return total / len(validation)

    def _prepared(
        self, batches: Iterator[np.ndarray], seed: list[int]
    ) -> Iterator[tuple[int, tuple[Any, Any]]]:
        """Make the next pair while a step is taken on the last."""
        rng = np.random.default_rng(seed)
        return ahead((len(batch), self.pairs(batch, rng)) for batch in batches)

    def _state(self) -> dict[str, list[Any]]:
        return {"model": self.model.weights, "optimizer": self.optimizer.variables}

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


def _restoring(model: Any) -> Pairs:
    target = target_of(model)
    return lambda batch, _: (batch, target(batch))


def _optimizer(spec: TrainingSpec) -> Any:
    optimizers = import_keras().optimizers
    kinds = {"adam": optimizers.Adam, "sgd": optimizers.SGD}
    optimizer = kinds[spec.optimizer](learning_rate=spec.learning_rate)
    if spec.precision == "mixed_float16":  # its small gradients would be rounded to zero
        return optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def _history_table(history: list[tuple[float, float]]) -> pd.DataFrame:
    table = pd.DataFrame(history, columns=["loss", "val_loss"])
    table.insert(0, "epoch", np.arange(1, len(table) + 1))
    return table
