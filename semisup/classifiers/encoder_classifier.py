"""A layer of classification behind a frozen encoder: its features are the rows (Keras)."""

from semisup.classifiers._contract import Classifier, Estimator


class EncoderClassifier(Classifier):
    """The entry 'encoder_classifier'."""

    trained = True
    # The layer standardises by its own training rows.
    scales = False

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.layer import LayerClassifier

        return LayerClassifier(random_state=random_state)
