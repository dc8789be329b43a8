"""Convolutions over the bands and frames of a transform as over a picture (Keras)."""

from semisup.classifiers._contract import Classifier, Estimator


class Convolutional2d(Classifier):
    """A convolutional network over bands and frames."""

    network = True
    trained = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.kinds import Convolutions2d

        return Convolutions2d(random_state=random_state)
