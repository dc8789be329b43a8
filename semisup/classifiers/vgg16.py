"""Transfer learning from VGG16, or another network of keras.applications, on pictures."""

from typing import Any

#: Takes rows as they are, lazy ones too, and `groups` in `fit`.
NETWORK = True


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.transfer import TransferClassifier

    return TransferClassifier(random_state=random_state)
