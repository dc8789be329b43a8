"""FixMatch: an encoder that learns from labels, and from its own sure guesses (Keras)."""

from semisup.classifiers._contract import Classifier, Estimator


class FixMatch(Classifier):
    """The encoder of a representation, trained on with labels and with unlabelled rows."""

    network = True
    trained = True
    weighted = True
    tunes = True
    unlabelled = True

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.consistency import FixMatchClassifier

        return FixMatchClassifier(random_state=random_state)
