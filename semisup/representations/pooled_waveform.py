"""Pieces of the raw waveform, averaged by 40 samples to 500 numbers: the input of deep-softmax."""

from typing import Literal

import pandas as pd

from semisup.features.contract import Grid, Representation
from semisup.features.inputs import Inputs
from semisup.representations._pieces import Pieces, piece_table, read_pieces
from semisup.study.spec import RepresentationSpec


class Options(Pieces, RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["pooled_waveform"]


class PooledWaveform(Representation[Options]):
    """Pieces as they are."""

    Options = Options
    level = "chunk"

    def grid(self) -> Grid:
        """Return at which times pieces start."""
        return self.options.grid()

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row for every piece asked for: recording, chunk, mean_000, ..."""
        rows = read_pieces(self.options, inputs, inputs.scored())
        width = len(str(self.options.numbers - 1))
        names = [f"mean_{number:0{width}d}" for number in range(self.options.numbers)]
        return piece_table(rows, rows.x, names)
