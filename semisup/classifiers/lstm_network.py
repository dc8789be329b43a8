"""LSTM over the frames of a transform, or over what strided convolutions make of a waveform."""

from typing import Any

#: Takes rows of arrays as they are, lazy ones too.
NETWORK = True
#: By epochs: has a `history_`, and `fit` takes `groups`.
TRAINED = True


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.kinds import RecurrentNetwork

    return RecurrentNetwork(random_state=random_state)
