"""576 statistics of the log-mel spectrogram, without learning: a control for learned codes."""

from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.features.contract import Inputs
from semisup.representations._descriptors import NAMES, Frames, describe, misfits
from semisup.representations._speakers import BySpeaker, normalised_table

LEVEL = "recording"
NEEDS = "audio"
MODELS: tuple[str, ...] = ()

__all__ = ["LEVEL", "MODELS", "NEEDS", "Options", "extract", "misfits"]


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["logmel_statistics"]
    frames: Frames = Field("all", description="speech: without the pauses")


def extract(options: Options, inputs: Inputs) -> pd.DataFrame:
    """Return one row of 576 statistics for every labelled and test recording."""
    rows = inputs.scored()
    values = describe(inputs, rows, ("logmel",), options.frames)
    return normalised_table(options, rows, values, NAMES["logmel"])
