"""Deep-softmax autoencoder on pieces of raw audio: one code that restores pieces and tells classes.

In: all pieces, and the classes of a label budget. Out: codes and logits, fitted for every cell.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.features.inputs import Inputs
from semisup.features.label_dependent import (
    Fitted,
    LabelDependent,
    LabelDependentSpec,
    Labelled,
    PreparedRows,
)
from semisup.networks.backend import import_keras
from semisup.networks.held_out import held_out
from semisup.networks.loop import Measures, Stop
from semisup.networks.models import CODES, encode
from semisup.networks.scaling import Standardisation
from semisup.networks.training import Batch, Trainer
from semisup.representations._controls import untrained
from semisup.representations._piece_codes import controls_of_pieces
from semisup.representations._piece_network import (
    DROPPED_CODES,
    PieceNetwork,
    dense,
    dense_autoencoder,
    scaling_of,
)
from semisup.representations._pieces import read_pieces
from semisup.study.controls import Control
from semisup.study.spec import RepresentationSpec

if TYPE_CHECKING:
    from keras import KerasTensor, Model

OUTPUTS = ("code", "logits")
#: Share of a batch that is labelled: as in the data, but no less and no more than this.
LEAST, MOST = 0.25, 0.75
#: Pieces measured at once.
MEASURED = 1024


class Options(PieceNetwork, LabelDependentSpec):
    """Keys of a representation of this kind."""

    kind: Literal["deep_softmax"]
    gamma: float = Field(0.9, ge=0, le=1, description="weight of the reconstruction")
    keep: float = Field(0.9, gt=0, le=1, description="probability that dropout keeps a unit")
    validation_share: float = Field(0.2, ge=0, lt=1, description="of the budget's recordings")
    output: Literal["code", "logits"] = "code"


class DeepSoftmax(LabelDependent[Options]):
    """Codes and logits of a deep-softmax autoencoder."""

    Options = Options
    level = "chunk"
    outputs = OUTPUTS
    #: From all unlabelled pieces, in every cell.
    is_learned = True

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the untrained network; of codes also the pieces, and a projection of them."""
        is_code = self.options.output == "code"
        made: dict[Control, RepresentationSpec] = {"untrained": untrained(self.options)}
        return {**made, **controls_of_pieces(self.options)} if is_code else made

    def rows(self, inputs: Inputs) -> PreparedRows:
        """Cut the pieces of all recordings."""
        return read_pieces(self.options, inputs, inputs.recordings)

    def refit(
        self, labelled: Labelled, unlabelled: np.ndarray, n_classes: int, seed: int
    ) -> Fitted:
        """Train on a label budget and all unlabelled pieces.

        The history's measures are taken after each epoch, without dropout: loss, reconstruction
        (mean squared error of the standardised pieces), cross_entropy (nats) and accuracy, and the
        same of the validation data with ``val_`` before.

        Raises
        ------
        SemisupError
            If the first epoch already gives a loss that is not finite.
        """
        # gamma = 1 is to know nothing of labels, so not by the choice of what is held out either
        strata = labelled.classes if self.options.gamma < 1 else np.zeros_like(labelled.classes)
        watched = held_out(strata, labelled.owner, self.options.validation_share, seed)
        training = Examples(
            np.concatenate([labelled.x[~watched], unlabelled]), labelled.classes[~watched]
        )
        validation = Examples(labelled.x[watched], labelled.classes[watched])
        scaling = scaling_of(training.x)
        model = _build(self.options, scaling, n_classes, seed)
        epochs = _Epochs(model, self.options, scaling, n_classes, seed)
        history = epochs.run(training, validation if watched.any() else training)
        return Fitted(history, partial(_outputs, _reading(model), self.options.latent_dim), model)


class Examples(NamedTuple):
    """Pieces (n, numbers), and the classes of the first of them; the others have none."""

    x: np.ndarray
    classes: np.ndarray


def mixed_batches(
    n_labelled: int, n_unlabelled: int, size: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Draw batches that hold labelled and unlabelled rows, all of one size.

    Every row comes at least once; where there are fewer of one sort, these come again. Weights
    make up for it: each batch estimates the mean over all rows, and the mean over the labelled.

    Parameters
    ----------
    n_labelled, n_unlabelled : int
        Rows; the labelled come first.
    size : int
        Of a batch, at most.
    rng : Generator

    Yields
    ------
    rows : ndarray of shape (n,), int
    weights : ndarray of shape (n, 2), float32
        For the mean over all rows, and that over labelled rows; each column adds up to 1.
    """
    total = n_labelled + n_unlabelled
    share = min(max(n_labelled / total, LEAST), MOST) if n_unlabelled else 1.0
    labelled = min(n_labelled, max(1, int(share * size)))
    unlabelled = min(n_unlabelled, size - labelled)
    steps = max(-(-n_labelled // labelled), -(-n_unlabelled // max(unlabelled, 1)))
    weights = np.zeros((labelled + unlabelled, 2), np.float32)
    weights[:labelled] = n_labelled / total / labelled, 1 / labelled
    weights[labelled:, 0] = n_unlabelled / total / max(unlabelled, 1)
    # np.resize repeats the rows of the smaller sort until all batches are full
    first = np.resize(rng.permutation(n_labelled), (steps, labelled))
    second = n_labelled + np.resize(rng.permutation(n_unlabelled), (steps, unlabelled))
    for rows in np.concatenate([first, second], axis=1):
        yield rows, weights


class _Epochs:
    """What an epoch does with the pieces."""

    def __init__(
        self, model: "Model", options: Options, scaling: Standardisation, n_classes: int, seed: int
    ) -> None:
        self.options, self.scaling, self.n_classes, self.seed = options, scaling, n_classes, seed
        optimizer = import_keras().optimizers.Adam(options.learning_rate)
        self.trainer = Trainer(model, optimizer, joint_loss(options.gamma, options.numbers))

    def run(self, training: Examples, validation: Examples) -> pd.DataFrame:
        """Train, and return the history."""
        learn = partial(self._learn, training, self._targets(training))
        validate = partial(self._measure, validation)
        stop = Stop(self.options.epochs, self.options.patience)
        return self.trainer.fit(learn, validate, stop, "deep_softmax", quiet=True)

    def _targets(self, examples: Examples) -> np.ndarray:
        # zeros for unlabelled pieces: their cross-entropy is 0
        one_hot = np.zeros((len(examples.x), self.n_classes), np.float32)
        one_hot[np.arange(len(examples.classes)), examples.classes] = 1
        return np.concatenate([self.scaling.apply(examples.x), one_hot], axis=1)

    def _learn(self, examples: Examples, targets: np.ndarray, epoch: int) -> Measures:
        self.trainer.learn(self._batches(examples, targets, epoch), self.seed, epoch)
        # measured anew: what steps measure is with dropout, and of weights that change on the way
        return self._measure(examples)

    def _batches(self, examples: Examples, targets: np.ndarray, epoch: int) -> Iterator[Batch]:
        n, rng = len(examples.classes), np.random.default_rng([self.seed, epoch])
        for rows, weights in mixed_batches(n, len(targets) - n, self.options.batch_size, rng):
            yield Batch(examples.x[rows], np.concatenate([targets[rows], weights], axis=1))

    def _measure(self, examples: Examples) -> Measures:
        gamma, classes = self.options.gamma, examples.classes
        output = encode(self.trainer.model, examples.x, MEASURED).astype(float)
        restored, logits = np.split(output, [self.options.numbers], axis=1)
        error = np.square(restored - self.scaling.apply(examples.x)).mean()
        logits = logits[: len(classes)]
        true_logits = logits[np.arange(len(classes)), classes]
        with np.errstate(invalid="ignore"):  # a training that diverged ends by itself
            entropy = (np.logaddexp.reduce(logits, axis=1) - true_logits).mean()
        return {
            "loss": float(gamma * error + (1 - gamma) * entropy),
            "reconstruction": float(error),
            "cross_entropy": float(entropy),
            "accuracy": float((logits.argmax(axis=1) == classes).mean()),
        }


def joint_loss(
    gamma: float, numbers: int
) -> Callable[["KerasTensor", "KerasTensor"], "KerasTensor"]:
    """Return `gamma` * reconstruction + (1 - `gamma`) * cross-entropy, as a loss for Keras.

    Returns
    -------
    callable
        Of targets (standardised pieces, classes one-hot, both weights of `mixed_batches`) and the
        network's output (restored pieces, logits), each side by side.
    """
    ops = import_keras().ops

    def loss(truth: "KerasTensor", output: "KerasTensor") -> "KerasTensor":
        restored, logits = output[:, :numbers], output[:, numbers:]
        pieces, classes, weights = truth[:, :numbers], truth[:, numbers:-2], truth[:, -2:]
        errors = ops.mean(ops.square(restored - pieces), axis=1)
        entropies = -ops.sum(classes * ops.log_softmax(logits, axis=1), axis=1)
        return ops.sum(gamma * weights[:, 0] * errors + (1 - gamma) * weights[:, 1] * entropies)

    return loss


def _build(options: Options, scaling: Standardisation, n_classes: int, seed: int) -> "Model":
    keras = import_keras()
    autoencoder = dense_autoencoder(options.numbers, options, scaling, seed, 1 - options.keep)
    codes = autoencoder.get_layer(DROPPED_CODES).output
    # apart from the stream that the autoencoder's own layers are seeded by
    logits = dense(n_classes, "logits", np.random.default_rng([seed, 1]))(codes)
    output = keras.layers.Concatenate()([autoencoder.output, logits])
    return keras.Model(autoencoder.input, output, name="deep_softmax")


def _reading(model: "Model") -> "Model":
    """Return the network that gives codes and logits alone, sharing the model's layers."""
    keras = import_keras()
    outputs = [model.get_layer(CODES).output, model.get_layer("logits").output]
    return keras.Model(model.input, keras.layers.Concatenate()(outputs), name="code_and_logits")


def _outputs(reading: "Model", latent_dim: int, x: np.ndarray) -> dict[str, np.ndarray]:
    values = encode(reading, x)
    return dict(zip(OUTPUTS, np.split(values, [latent_dim], axis=1), strict=True))
