"""Mel spectrograms as square pictures in colour, for networks that were trained on photographs."""

from pathlib import Path
from typing import Literal

import pandas as pd

from semisup.features.contract import Inputs
from semisup.representations._pictures import Pictures, misfits, transform
from semisup.representations._transforms import write_arrays

__all__ = ["Options", "arrays", "misfits", "transform"]

LEVEL = "chunk"
NEEDS = "audio"
ARRAYS = True
PICTURES = True
MODELS: tuple[str, ...] = ()


class Options(Pictures):
    """Keys of a representation of this kind."""

    kind: Literal["picture"]


def arrays(options: Options, inputs: Inputs, store: Path) -> pd.DataFrame:
    """Write the pictures of the recordings wanted, (n, size, size, 3), and return their index."""
    return write_arrays(options, inputs, store, transform)
