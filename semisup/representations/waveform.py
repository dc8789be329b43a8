"""Windows of the signal itself: 3 s at 22,050 Hz are 66,150 numbers."""

from typing import Literal

import numpy as np

from semisup.representations._transforms import Transform, Windows


class Options(Windows):
    """Keys of a representation of this kind."""

    kind: Literal["waveform"]


class Waveform(Transform[Options]):
    """Windows as they are."""

    Options = Options

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return the windows (k, window_samples), float32."""
        return windows.astype(np.float32)
