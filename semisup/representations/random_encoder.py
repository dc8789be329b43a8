"""Codes of a network that was never trained: a control for what its architecture alone gives."""

from typing import Literal

from semisup.representations._network_codes import NetworkCodes, NetworkOptions


class Options(NetworkOptions):
    """Keys of a representation of this kind."""

    kind: Literal["random_encoder"]


class RandomEncoder(NetworkCodes[Options]):
    """Codes of an untrained network."""

    Options = Options
    is_learned = False
