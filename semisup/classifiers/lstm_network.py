"""LSTM over the frames of a transform, or over what strided convolutions make of a waveform."""

from typing import Any

#: Takes rows as they are, lazy ones too, and `groups` in `fit`.
NETWORK = True


def build(random_state: int) -> Any:
    """Return an unfitted classifier with its default parameters."""
    from semisup.networks.kinds import RecurrentNetwork

    return RecurrentNetwork(random_state=random_state)
