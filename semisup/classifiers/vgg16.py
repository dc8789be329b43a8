"""Transfer learning from VGG16, or another network of keras.applications, on pictures."""

from collections.abc import Mapping

from semisup.classifiers._contract import Classifier, Estimator, Value


class Vgg16(Classifier):
    """Classification heads on a pretrained network of keras.applications."""

    network = True
    trained = True
    weighted = True
    files = ("weights",)

    def unmet(self, parameters: Mapping[str, Value]) -> list[str]:
        """Return that there is no file of weights, if so."""
        from semisup.networks.pretrained import NAMED, missing_weights

        weights = str(parameters.get("weights", "imagenet"))
        return [why] if weights not in NAMED and (why := missing_weights(weights)) else []

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters."""
        from semisup.networks.transfer import TransferClassifier

        return TransferClassifier(random_state=random_state)
