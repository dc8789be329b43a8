"""Transfer learning on pictures: a frozen base, a head on its outputs, then its last layers too.

The frozen base sees each picture once. Heads learn from its kept outputs, and fine-tuning from the
kept outputs of the layer before those that are released.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from semisup.errors import SpecError, nearest
from semisup.networks.backend import import_keras
from semisup.networks.classifying import Examples, compiled, fit_network, predict_logits
from semisup.networks.estimator import TrainedClassifier, histories, lowest
from semisup.networks.kept import Kept, folder_of, kept_outputs
from semisup.networks.pretrained import Base, load_base
from semisup.networks.rows import LazyRows, held, root_mean_square

if TYPE_CHECKING:
    from keras import Model


class Head(NamedTuple):
    """A head: units of its dense layers, and the dropout after the last of them."""

    units: tuple[int, ...]
    dropout: float = 0.0


HEADS = {
    "simple": Head((256,)),
    "medium": Head((256, 256), 0.2),
    "complex": Head((256, 128, 64, 32, 16), 0.2),
}
#: All heads are trained, and that of the lowest val_loss is taken.
BEST = "best"


def build_head(
    name: str, shape: tuple[int, ...], n_classes: int, seed: int, scale: float = 1.0
) -> "Model":
    """Build a head on flattened outputs of a base.

    Parameters
    ----------
    name : {"simple", "medium", "complex"}
    shape : tuple of int
        Of the base's output for one picture.
    n_classes : int
    seed : int
        Of the initial weights.
    scale : float
        What the base's outputs are multiplied by.

    Returns
    -------
    keras.Model
        (n, *shape) to one number a class, (n, n_classes).
    """
    keras = import_keras()
    layers = keras.layers
    # 31 bits, as some backends keep a seed as a signed integer; more than any head has layers
    seeds = (int(state) >> 1 for state in np.random.SeedSequence(seed).generate_state(8))
    inputs = keras.Input(shape, name="base_outputs")
    x = layers.Flatten()(layers.Rescaling(scale)(inputs))
    for units in HEADS[name].units:
        initial = keras.initializers.HeNormal(next(seeds))
        x = layers.Dense(units, "relu", kernel_initializer=initial)(x)
    if HEADS[name].dropout:
        x = layers.Dropout(HEADS[name].dropout, seed=next(seeds))(x)
    initial = keras.initializers.GlorotUniform(next(seeds))
    logits = layers.Dense(n_classes, kernel_initializer=initial, name="logits")(x)
    return keras.Model(inputs, logits, name=name)


def behind(base: Base, head: "Model") -> "Model":
    """Join a copy of the base's upper part, its last layers released, and the head itself."""
    keras = import_keras()
    # a copy: the base is shared by all fits of this process and must stay as it is
    upper = keras.models.clone_model(base.upper)
    upper.set_weights(base.upper.get_weights())
    for layer in upper.layers:
        layer.trainable = layer.name in base.released
    inputs = keras.Input(base.upper.input_shape[1:], name="lower_outputs")
    return keras.Model(inputs, head(upper(inputs)), name="behind")


@dataclass(kw_only=True, eq=False, repr=False)
class TransferClassifier(TrainedClassifier):
    """A network of `keras.applications` with a new head, on pictures (n, height, width, 3).

    Parameters
    ----------
    weights : str
        "imagenet", "random", or the path of a file of weights.
    weights_seed : int
        Of random weights, and not `random_state`: all cells of a study share one frozen base, as
        they share that of a file, and what it computed.
    head : {"best", "simple", "medium", "complex"}
        "best" trains all three and takes that of the lowest val_loss.
    application : str
        A function of `keras.applications`.
    epochs : int
        Of the heads, at most, the base being frozen (RMSprop).
    fine_tuning_epochs : int
        After these, at most, with the last four layers of the base released; 0 leaves them frozen.
    fine_tuning_rate : float
        Learning rate of these epochs.
    cache : str
        Folder where the frozen base's outputs stay; a temporary one of the process if empty.

    Attributes
    ----------
    head_ : str
        The head taken.
    scale_ : float
        What brings the base's outputs for the training rows to a root mean square of 1: on the
        hundreds that they can be the narrow layers of a head die.
    history_ : DataFrame
        Columns head, phase ("frozen" or "released"), and those of other networks.
    weights_ : list of ndarray
        Of all that comes after the frozen part, best epoch.

    References
    ----------
    K. Simonyan and A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
    Recognition", ICLR 2015. https://doi.org/10.48550/arXiv.1409.1556
    """

    epochs: int = 50
    patience: int = 10
    schedule: str = "constant"
    weights: str = "imagenet"
    weights_seed: int = 0
    head: str = BEST
    application: str = "VGG16"
    fine_tuning_epochs: int = 10
    fine_tuning_rate: float = 1e-5
    cache: str = ""

    def base(self) -> Base:
        """Return the base, known once the classifier is fitted."""
        return load_base(self.application, self.weights, self.shape_, self.weights_seed)

    def model(self) -> "Model":
        """Return what comes after the frozen part as a Keras model with the fitted weights."""
        base = self.base()
        model = behind(base, self._head(self.head_, base))
        model.set_weights(self.weights_)
        return model

    def wrong_values(self) -> dict[str, str]:
        """Return what is wrong with the parameters, by name."""
        heads, problems = (BEST, *HEADS), super().wrong_values()
        if self.head not in heads:
            hint = nearest(str(self.head), heads)
            problems["head"] = f"must be one of {', '.join(heads)}; {hint}"
        return problems

    def check_rows(self, shape: tuple[int, ...]) -> None:
        """Raise where rows are no pictures."""
        if len(shape) != 3 or shape[2] != 3:
            raise SpecError(
                f"{self.application} takes pictures (n, height, width, 3); got rows of shape "
                f"{shape}"
            )

    def try_rows(self, shape: tuple[int, ...], n_classes: int) -> None:
        """Load the base for pictures of a shape."""
        super().try_rows(shape, n_classes)
        self.base()

    def fit_examples(self, examples: Examples) -> None:
        """Train the heads on what the frozen base gives, then the last layers of the base."""
        lower = self._lower(examples.rows)
        heads, by_phase = self._train_heads(lower, examples)
        val_loss = {name: lowest(by_phase[name, "frozen"]) for name in heads}
        self.head_ = min(val_loss, key=val_loss.__getitem__)
        model = behind(self.base(), heads[self.head_])
        self.weights_ = model.get_weights()
        if self.fine_tuning_epochs:
            released = self._fine_tune(model, examples._replace(rows=held(lower, self.memory_gb)))
            by_phase[self.head_, "released"] = released
            # else the weights before fine-tuning were the better ones
            if lowest(released) < val_loss[self.head_]:
                self.weights_ = model.get_weights()
        self.history_ = histories(by_phase)

    def _logits(self, X: LazyRows) -> np.ndarray:
        return predict_logits(self.model(), self._lower(X), self.batch_size)

    def _lower(self, pictures: LazyRows) -> Kept:
        base = self.base()
        return kept_outputs(base.lower_outputs, pictures, self._folder(base), "lower")

    def _folder(self, base: Base) -> Path:
        return folder_of(base.fingerprint, self.cache)

    def _train_heads(
        self, lower: Kept, examples: Examples
    ) -> tuple[dict[str, "Model"], dict[tuple[str, str], pd.DataFrame]]:
        base = self.base()
        outputs = kept_outputs(base.upper_outputs, lower, self._folder(base), "upper")
        examples = examples._replace(rows=held(outputs, self.memory_gb))
        self.scale_ = 1 / root_mean_square(examples.rows, examples.training)
        heads, by_phase = {}, {}
        for name in HEADS if self.head == BEST else [self.head]:
            heads[name] = self._head(name, base)
            trainer = compiled(heads[name], import_keras().optimizers.RMSprop())
            by_phase[name, "frozen"] = fit_network(
                trainer, examples, self._plan(), self.random_state, name
            )
        return heads, by_phase

    def _head(self, name: str, base: Base) -> "Model":
        shape = base.upper.output_shape[1:]
        return build_head(name, shape, len(self.classes_), self.random_state, self.scale_)

    def _fine_tune(self, model: "Model", examples: Examples) -> pd.DataFrame:
        trainer = compiled(model, import_keras().optimizers.RMSprop())
        plan = self._plan()._replace(
            epochs=self.fine_tuning_epochs, learning_rate=self.fine_tuning_rate
        )
        return fit_network(trainer, examples, plan, self.random_state, self.application)
