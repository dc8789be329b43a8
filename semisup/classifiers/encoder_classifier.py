"""A layer of classification after a frozen encoder, whose features are its rows (Keras)."""

from semisup.classifiers._contract import Classifier, Estimator


class EncoderClassifier(Classifier):
    """A softmax layer on the feature table of an encoder."""

    trained = True
    weighted = True
    # The layer standardises by its own training rows.
    scales = False

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.layer import LayerClassifier

        return LayerClassifier(random_state=random_state)
