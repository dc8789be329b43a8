"""Network of one hidden layer of 128 tanh units (scikit-learn's MLPClassifier)."""

from semisup.classifiers._contract import Classifier, Estimator


class TwoLayerNetwork(Classifier):
    """A hidden layer of tanh units and a softmax."""

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with 128 tanh units and otherwise default parameters."""
        from semisup.classifiers._small_data import QuietNetwork

        return QuietNetwork(128, activation="tanh", random_state=random_state)
