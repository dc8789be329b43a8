"""LSTM over the frames of a transform, or over what strided convolutions make of a waveform."""

from semisup.classifiers._contract import Classifier, Estimator


class LstmNetwork(Classifier):
    """A recurrent network over time."""

    network = True
    trained = True
    weighted = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.kinds import RecurrentNetwork

        return RecurrentNetwork(random_state=random_state)
