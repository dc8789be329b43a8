"""Transfer learning from VGG16, or another network of keras.applications, on pictures."""

from typing import Any

#: Takes rows of arrays as they are, lazy ones too.
NETWORK = True
#: By epochs: has a `history_`, and `fit` takes `groups`.
TRAINED = True
#: Parameters that may be the path of a file.
FILES = ("weights",)


def unmet(parameters: dict[str, Any]) -> list[str]:
    """Return that there is no file of weights, if so."""
    from semisup.networks.pretrained import NAMED, missing_weights

    weights = str(parameters.get("weights", "imagenet"))
    return [why] if weights not in NAMED and (why := missing_weights(weights)) else []


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.transfer import TransferClassifier

    return TransferClassifier(random_state=random_state)
