"""Random projection of pieces of the raw waveform: a control for codes of pieces.

Networks scale all numbers of pieces alike, which changes no standardised projection: nothing is
measured here.
"""

from typing import Literal

import pandas as pd
from pydantic import Field

from semisup.features.contract import Grid, Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import numbered
from semisup.representations._pieces import Pieces, piece_table, read_pieces
from semisup.representations._projection import gaussian
from semisup.study.spec import RepresentationSpec


class Options(Pieces, RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["random_pieces"]
    dimensions: int = Field(64, ge=1, description="numbers that come out")


class RandomPieces(Representation[Options]):
    """Pieces on random directions."""

    Options = Options
    level = "chunk"

    def grid(self) -> Grid:
        """Return at which times pieces start."""
        return self.options.grid()

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Project the pieces of the recordings asked for: recording, chunk, code_00, ..."""
        rows, size = read_pieces(self.options, inputs, inputs.scored()), self.options.dimensions
        weights = gaussian(self.options.numbers, size, inputs.seed)
        return piece_table(rows, (rows.x @ weights).astype("float32"), numbered("code", size))
