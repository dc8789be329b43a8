"""Windows of the signal itself: 3 s at 22,050 Hz are 66,150 numbers."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from semisup.features.contract import Inputs
from semisup.representations._transforms import Windows, write_arrays

LEVEL = "chunk"
NEEDS = "audio"
ARRAYS = True
MODELS: tuple[str, ...] = ()


class Options(Windows):
    """Keys of a representation of this kind."""

    kind: Literal["waveform"]


def transform(options: Options, windows: np.ndarray) -> np.ndarray:
    """Return the windows (k, window_samples), float32."""
    return windows.astype(np.float32)


def arrays(options: Options, inputs: Inputs, store: Path) -> pd.DataFrame:
    """Write the windows of the recordings wanted, (n, window_samples), and return their index."""
    return write_arrays(options, inputs, store, transform)
