"""Convolutions over the bands and frames of a transform as over a picture (Keras)."""

from typing import Any

#: Takes rows of arrays as they are, lazy ones too.
NETWORK = True
#: By epochs: has a `history_`, and `fit` takes `groups`.
TRAINED = True


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.kinds import Convolutions2d

    return Convolutions2d(random_state=random_state)
