"""Codes of a network that was never trained: a control for what its architecture alone gives."""

from typing import Literal

from semisup.features.contract import Inputs
from semisup.representations._descriptors import misfits
from semisup.representations._network_codes import MODELS, NetworkOptions, extract_codes, fit_codes

LEVEL = "recording"
NEEDS = "audio"

__all__ = ["LEVEL", "MODELS", "NEEDS", "Options", "extract", "fit", "misfits"]

extract = extract_codes


class Options(NetworkOptions):
    """Keys of a representation of this kind."""

    kind: Literal["random_encoder"]


def fit(options: Options, inputs: Inputs) -> None:
    """Draw the weights; fit scaling and projection to the unlabelled recordings; write `MODELS`."""
    fit_codes(options, inputs)
