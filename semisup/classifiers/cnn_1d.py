"""Convolutions over time, of a waveform (strided) or of a transform's frames (Keras)."""

from semisup.classifiers._contract import Classifier, Estimator


class Convolutional1d(Classifier):
    """A convolutional network over time."""

    network = True
    trained = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.kinds import Convolutions1d

        return Convolutions1d(random_state=random_state)
