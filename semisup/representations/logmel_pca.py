"""Principal components of log-mel statistics, fitted to the unlabelled subset, rotated."""

from typing import Literal

from semisup.representations._components import MODELS, ComponentOptions, extract, fit
from semisup.representations._descriptors import misfits

LEVEL = "recording"
NEEDS = "audio"

__all__ = ["LEVEL", "MODELS", "NEEDS", "Options", "extract", "fit", "misfits"]


class Options(ComponentOptions):
    """Keys of a representation of this kind."""

    kind: Literal["logmel_pca"]
