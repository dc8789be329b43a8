"""A classification layer after a frozen encoder: its features in, probabilities of classes out.

The encoder sees each chunk once, when its feature table is made: to train the layer on that table
is to train it after the frozen encoder.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from semisup.networks.backend import import_keras
from semisup.networks.estimator import BuiltClassifier
from semisup.networks.layouts import Layout, build_network
from semisup.networks.rows import LazyRows

if TYPE_CHECKING:
    from keras import Model


@dataclass(kw_only=True, eq=False, repr=False)
class LayerClassifier(BuiltClassifier):
    """A layer with a softmax on features (n, n_features), which it standardises itself."""

    architecture: ClassVar[str] = "encoder_classifier"

    epochs: int = 200
    patience: int = 20
    learning_rate: float = 0.003

    def fit(
        self,
        X: LazyRows,
        y: np.ndarray,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        unlabelled: LazyRows | None = None,
    ) -> Self:
        """Fit on features (n, n_features) and classes (n,); the rest as other networks."""
        return super().fit(one_frame(X), y, groups, sample_weight)

    def predict_proba(self, X: LazyRows) -> np.ndarray:
        """Return the probabilities of the classes for features, (n, n_classes)."""
        return super().predict_proba(one_frame(X))

    def layout(self) -> Layout:
        """Return what the layer is built from, known once it is fitted."""
        return Layout(
            self.architecture,
            self.shape_,
            len(self.classes_),
            self.batch_size,
            dropout=self.dropout,
        )

    def behind(self, encoder: "Model") -> "Model":
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
        # of any batch size: only training fills its batches up
        layer = build_network(self.layout()._replace(batch_size=None), self.random_state)
        layer.set_weights(self.weights_)
        encoder.trainable = False
        features = keras.layers.Reshape(self.shape_)(encoder.output)
        probabilities = keras.layers.Softmax(name="probabilities")(layer(features))
        return keras.Model(encoder.input, probabilities, name=self.architecture)


def one_frame(X: LazyRows) -> np.ndarray:
    """Give features the shape of bands with one frame: each is standardised by itself."""
    return np.asarray(X, dtype=np.float32)[:, :, None]
