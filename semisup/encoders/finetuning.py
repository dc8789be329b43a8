"""Fine-tuning of any trained encoder: those of PyTorch here, those of Keras by the networks' own.

The layer learns from the codes of the frozen encoder as `semisup.networks.layer` does, for both.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from semisup.encoders.kernels import repeatable
from semisup.encoders.pretrained import Described, Pretrained
from semisup.encoders.tunable import Head, Tunable, transformer_layers
from semisup.errors import SpecError
from semisup.networks.classifying import Examples, fit_network
from semisup.networks.estimator import histories, lowest
from semisup.networks.finetuning import ALL, NONE, FineTunedClassifier
from semisup.networks.layer import LayerClassifier, one_frame
from semisup.networks.rows import LazyRows, held


@dataclass(kw_only=True, eq=False, repr=False)
class EncoderClassifier(FineTunedClassifier):
    """A trained encoder of Keras or PyTorch with a new layer of classification.

    Parameters are those of `FineTunedClassifier`; of an encoder of PyTorch `frozen` counts
    transformer layers, and an update is AdamW's.
    """

    def fit_examples(self, examples: Examples) -> None:
        """Fit the layer, then release the encoder; the better of both by val_loss is kept."""
        if not self._is_torch:
            super().fit_examples(examples)
            return
        examples = examples._replace(rows=held(examples.rows, self.memory_gb))
        with repeatable():
            described = Described.read(Path(self.encoder))
            frozen = self._n_frozen(described)
            layer = self._layer(Pretrained(described), examples)
            mean, variance, kernel, bias = layer.weights_
            self.head_ = Head(mean, variance, kernel, bias, self.dropout)
            tunable = Tunable(described, self.head_, frozen)
            self.frozen_, self.weights_ = frozen, tunable.get_weights()
            by_phase = {("", "frozen"): layer.history_}
            if self.frozen != ALL and self.fine_tuning_epochs:
                trainer: Any = tunable
                released = fit_network(
                    trainer, examples, self._fine_tuning(), self.random_state, "fine-tuning"
                )
                by_phase["", "released"] = released
                # else the weights before fine-tuning were the better ones
                if lowest(released) < lowest(layer.history_):
                    self.weights_ = tunable.get_weights()
        self.history_ = histories(by_phase)

    def tuned(self) -> Tunable:
        """Return encoder and layer with the fitted weights; of an encoder of PyTorch."""
        tunable = Tunable(Described.read(Path(self.encoder)), self.head_, self.frozen_)
        tunable.set_weights(self.weights_)
        return tunable

    @property
    def _is_torch(self) -> bool:
        return Path(self.encoder).suffix == ".json"

    def _layer(self, pretrained: Pretrained, examples: Examples) -> LayerClassifier:
        """Fit the layer to the codes of the encoder as it was trained, computed once."""
        codes = one_frame(pretrained.codes(examples.rows, self.batch_size))
        shared = {field.name: getattr(self, field.name) for field in fields(LayerClassifier)}
        layer = LayerClassifier(**shared)
        layer.classes_, layer.shape_ = self.classes_, codes.shape[1:]
        layer.fit_examples(examples._replace(rows=codes))
        return layer

    def _n_frozen(self, described: Described) -> int:
        model = described.source.model
        count = len(transformer_layers(Pretrained(described).encoder, model))
        frozen = {NONE: 0, ALL: count}.get(str(self.frozen), self.frozen)
        assert isinstance(frozen, int)  # `wrong_values` says so
        if frozen > count:
            raise SpecError(f"frozen = {frozen}: '{model}' has {count} transformer layers")
        return frozen

    def _logits(self, X: LazyRows) -> np.ndarray:
        if not self._is_torch:
            return super()._logits(X)
        with repeatable():
            return self.tuned().logits(X, self.batch_size)
