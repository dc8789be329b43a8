"""Descriptors that components are fitted to, by themselves: a control for what fitting adds."""

from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.features.inputs import Inputs
from semisup.representations._descriptors import (
    Block,
    Frames,
    describe,
    misfits_of,
    names_of,
)
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.spec import ChunkSpec


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["descriptors"]
    descriptors: tuple[Block, ...] = Field(("logmel", "prosody"), min_length=1)
    frames: Frames = Field("all", description="speech: log-mel statistics without the pauses")


class Descriptors(SpeakerNormalised[Options]):
    """Descriptors as they are, or by speaker."""

    Options = Options
    #: Columns of numbers as different as these must be scaled, whatever `[curve] scale` says.
    scale = "standard"

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why a block can't be made at the study's sample rate, if so."""
        return misfits_of(self.options.descriptors, chunks)

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of descriptors for every labelled and test recording."""
        rows, blocks = inputs.scored(), self.options.descriptors
        values = describe(inputs, rows, blocks, self.options.frames)
        names = [
            f"{block}_{name}" for block in blocks for name in names_of(block, inputs.sample_rate)
        ]
        return normalised_table(self.options, rows, values, names)
