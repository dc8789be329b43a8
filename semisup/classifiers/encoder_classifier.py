"""A layer of classification behind a frozen encoder: its features are the rows (Keras)."""

from typing import Any

#: By epochs: has a `history_`, and `fit` takes `groups`.
TRAINED = True
#: The layer standardises by its own training rows.
SCALE = False


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.layer import LayerClassifier

    return LayerClassifier(random_state=random_state)
