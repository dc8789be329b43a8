"""A trained encoder with a layer of classification, both fitted to the labels."""

from semisup.classifiers._contract import Classifier, Estimator


class FineTune(Classifier):
    """The encoder of a representation, trained on with the labels of a budget."""

    network = True
    trained = True
    weighted = True
    tunes = True
    tunes_of = ("keras", "torch")

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.encoders.finetuning import EncoderClassifier

        return EncoderClassifier(random_state=random_state)
