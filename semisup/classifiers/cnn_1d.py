"""Convolutions over time, of a waveform (strided) or of a transform's frames (Keras)."""

from typing import Any

#: Takes rows of arrays as they are, lazy ones too.
NETWORK = True
#: By epochs: has a `history_`, and `fit` takes `groups`.
TRAINED = True


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.kinds import Convolutions1d

    return Convolutions1d(random_state=random_state)
