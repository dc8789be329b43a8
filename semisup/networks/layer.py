"""A frozen encoder's features as a classifier's rows: one layer of classification after them.

The encoder sees each chunk once, when its feature table is made: training the layer on the table is
training it after the frozen encoder.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from semisup.networks.backend import import_keras
from semisup.networks.estimator import BuiltClassifier
from semisup.networks.layouts import Layout, build_network


@dataclass(kw_only=True, eq=False, repr=False)
class LayerClassifier(BuiltClassifier):
    """A layer with a softmax on features (n, n_features), which it standardises itself."""

    architecture: ClassVar[str] = "encoder_classifier"

    epochs: int = 200
    patience: int = 20
    learning_rate: float = 0.003

    def fit(self, X: Any, y: np.ndarray, groups: Any = None) -> Self:
        """Fit on features (n, n_features) and classes (n,); `groups` as other networks."""
        return super().fit(_one_frame(X), y, groups)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes for features, (n, n_classes)."""
        return super().predict_proba(_one_frame(X))

    def layout(self) -> Layout:
        """Return what the layer is built from, known once it is fitted."""
        return Layout(
            *(self.architecture, self.shape_, len(self.classes_), self.batch_size),
            dropout=self.dropout,
        )

    def behind(self, encoder: Any) -> Any:
        """Join the layer to the encoder whose features it was fitted on, which stays frozen.

        Parameters
        ----------
        encoder : keras.Model
            For example ``<representation>/encoder.keras`` of a study: (n, ...) to (n, n_features).

        Returns
        -------
        keras.Model
            (n, ...) to the probability of each class, (n, n_classes).
        """
        keras = import_keras()
        layer = build_network(self.layout()._replace(batch_size=None), self.random_state)
        layer.set_weights(self.weights_)
        encoder.trainable = False
        features = keras.layers.Reshape(self.shape_)(encoder.output)
        probabilities = keras.layers.Softmax(name="probabilities")(layer(features))
        return keras.Model(encoder.input, probabilities, name=self.architecture)


def _one_frame(X: Any) -> np.ndarray:
    """Give features the shape of bands with one frame: each is standardised by itself."""
    return np.asarray(X, dtype=np.float32)[:, :, None]
