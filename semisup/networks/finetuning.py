"""Fine-tuning: a trained encoder and labelled rows of what it reads in, class probabilities out.

First a layer learns from the codes of the frozen encoder, as `semisup.networks.layer` does; from
there on the encoder's own layers learn too. A layer that has learned nothing would send noise
through the encoder (Kumar et al., "Fine-Tuning can Distort Pretrained Features", ICLR 2022).
"""

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from semisup.engine.artefacts import file_hash
from semisup.errors import SpecError
from semisup.networks.backend import import_keras
from semisup.networks.classifying import Examples, Plan, compiled, fit_network, predict_logits
from semisup.networks.estimator import TrainedClassifier, histories, lowest
from semisup.networks.layer import LayerClassifier, one_frame
from semisup.networks.layouts import Layout, build_network
from semisup.networks.models import load_encoder
from semisup.networks.rows import LazyRows, held
from semisup.networks.training import Trainer

if TYPE_CHECKING:
    from keras import Layer, Model

#: Words that `frozen` may be, besides a number of layers.
NONE, ALL = "none", "all"


@dataclass(kw_only=True, eq=False, repr=False)
class FineTunedClassifier(TrainedClassifier):
    """A trained encoder with a new layer of classification, both fitted to labelled rows.

    Parameters
    ----------
    epochs, patience, learning_rate
        Of the layer, the encoder being frozen (Adam).
    dropout : float
        Before the layer.
    frozen : int or {"none", "all"}
        So many layers with weights, counted from the input, stay as they were trained. Batch
        normalisations always do, as a label budget's rows are too few for averages of their own.
    fine_tuning_epochs, fine_tuning_patience, fine_tuning_rate
        After the layer's epochs, with the encoder released.
    encoder : str
        The file of the encoder. A study sets it: it is that of the representation and the draw.

    Attributes
    ----------
    history_ : DataFrame
        Column phase is "frozen" or "released"; the others as of all networks.
    weights_ : list of ndarray
        Of encoder and layer, best epoch of both phases.
    """

    epochs: int = 200
    patience: int = 20
    learning_rate: float = 0.003
    dropout: float = 0.3
    frozen: int | str = NONE
    fine_tuning_epochs: int = 30
    fine_tuning_patience: int = 8
    fine_tuning_rate: float = 0.0003
    encoder: str = ""

    def wrong_values(self) -> dict[str, str]:
        """Return what is wrong with the parameters, by name."""
        problems = super().wrong_values()
        problems.pop("frozen", None)
        number = isinstance(self.frozen, int) and not isinstance(self.frozen, bool)
        if not (self.frozen >= 0 if number else self.frozen in (NONE, ALL)):  # type: ignore[operator]
            problems["frozen"] = "must be none, all or a number of layers, at least 0"
        if not isinstance(self.encoder, str) or (self.encoder and not Path(self.encoder).is_file()):
            problems["encoder"] = (
                "is no key of a study: the representation that the classifier is run on says "
                "which encoder it is"
            )
        return problems

    def model(self) -> "Model":
        """Return encoder and layer as a Keras model with the fitted weights."""
        model = self.joined().trainer.model
        model.set_weights(self.weights_)
        return model

    def fit_examples(self, examples: Examples) -> None:
        """Fit the layer, then release the encoder; the better of both by val_loss is kept."""
        examples = examples._replace(rows=held(examples.rows, self.memory_gb))
        joined = self.joined()
        joined.encoder.set_weights(joined.start)
        layer = self._fit_layer(joined, examples)
        joined.layer.set_weights(layer.weights_)
        model = joined.trainer.model
        self.weights_ = model.get_weights()
        by_phase = {("", "frozen"): layer.history_}
        if self.frozen != ALL and self.fine_tuning_epochs:
            by_phase["", "released"] = self._release(joined, examples)
            # else the weights before fine-tuning were the better ones
            if lowest(by_phase["", "released"]) < lowest(layer.history_):
                self.weights_ = model.get_weights()
        self.history_ = histories(by_phase)

    def _fit_layer(self, joined: "Joined", examples: Examples) -> LayerClassifier:
        """Fit the layer to the codes of the encoder as it was trained, which are computed once."""
        codes = one_frame(predict_logits(joined.codes, examples.rows, self._batch()))
        shared = {field.name: getattr(self, field.name) for field in fields(LayerClassifier)}
        layer = LayerClassifier(**shared)
        layer.classes_, layer.shape_ = self.classes_, codes.shape[1:]
        layer.fit_examples(examples._replace(rows=codes))
        return layer

    def _release(self, joined: "Joined", examples: Examples) -> pd.DataFrame:
        """Train what is not frozen, and return the history."""
        return fit_network(
            joined.trainer, examples, self._fine_tuning(), self.random_state, "fine-tuning"
        )

    def _fine_tuning(self) -> Plan:
        return self._plan()._replace(
            epochs=self.fine_tuning_epochs,
            patience=self.fine_tuning_patience,
            learning_rate=self.fine_tuning_rate,
            batch_size=self._batch(),
        )

    def _logits(self, X: LazyRows) -> np.ndarray:
        return predict_logits(self.model(), X, self._batch())

    def _batch(self) -> int:
        """Return how many rows go through the encoder at once."""
        return self.batch_size

    def joined(self) -> "Joined":
        """Return encoder and layer, known once the classifier is fitted."""
        if not self.encoder:
            raise SpecError(
                "Fine-tuning needs a trained encoder: run it in a study, on a representation whose "
                "kind has one"
            )
        content = file_hash(Path(self.encoder))
        return _joined(
            _Start(self.encoder, content, self.shape_, len(self.classes_), self._batch()),
            self.dropout,
            self.frozen,
        )


class Joined(NamedTuple):
    """An encoder and a layer, traced once and shared by all fits of this process.

    Parameters
    ----------
    trainer : Trainer
        Of both as one model: rows to one number a class.
    encoder, layer : keras.Model
        Its halves.
    codes : keras.Model
        The encoder on batches of one size.
    start : list of ndarray
        The encoder's weights as they were trained.
    """

    trainer: Trainer
    encoder: "Model"
    layer: "Model"
    codes: "Model"
    start: list[np.ndarray]


class _Start(NamedTuple):
    """What is joined: the encoder's file and the hash of its content, shapes of rows and output."""

    path: str
    content: str
    shape: tuple[int, ...]
    n_classes: int
    batch_size: int


@lru_cache(maxsize=4)
def _joined(start: _Start, dropout: float, frozen: int | str) -> Joined:
    keras = import_keras()
    loaded = load_encoder(Path(start.path))
    # a file may hold its one output in a list
    encoder = keras.Model(loaded.inputs[0], loaded.outputs[0], name="encoder")
    freeze(encoder, frozen)
    inputs = keras.Input(batch_shape=(start.batch_size, *start.shape), name="rows")
    codes = encoder(inputs)
    width = codes.shape[-1]
    layout = Layout(
        LayerClassifier.architecture,
        (width, 1),
        start.n_classes,
        start.batch_size,
        dropout=dropout,
    )
    layer = build_network(layout, 0)  # any seed: each fit sets weights of its own
    logits = layer(keras.layers.Reshape((width, 1), name="one_frame")(codes))
    model = keras.Model(inputs, logits, name="fine_tuned")
    trainer = compiled(model, keras.optimizers.Adam())
    return Joined(trainer, encoder, layer, keras.Model(inputs, codes), encoder.get_weights())


def freeze(encoder: "Model", frozen: int | str) -> None:
    """Freeze the layers of an encoder that are to stay as they were trained.

    Raises
    ------
    SpecError
        If more layers are to be frozen than there are.
    """
    layers = [layer for layer in _inner_layers(encoder) if layer.trainable_weights]
    count = {NONE: 0, ALL: len(layers)}.get(str(frozen), frozen)
    assert isinstance(count, int)  # `wrong_values` says so
    if count > len(layers):
        names = ", ".join(layer.name for layer in layers)
        raise SpecError(f"frozen = {frozen}: the encoder has {len(layers)} layers, {names}")
    averages = import_keras().layers.BatchNormalization
    for number, layer in enumerate(layers):
        layer.trainable = number >= count and not isinstance(layer, averages)


def _inner_layers(model: "Model") -> list["Layer"]:
    """Return the layers of a model and of the models in it, from the input on."""
    model_class = import_keras().Model
    return [
        inner
        for layer in model.layers
        for inner in (_inner_layers(layer) if isinstance(layer, model_class) else [layer])
    ]
