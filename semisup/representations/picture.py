"""Mel spectrograms as square pictures in colour, for networks that were trained on photographs."""

from typing import Literal

import numpy as np

from semisup.representations._pictures import Pictures, mel_misfits_of, pictures_of
from semisup.representations._transforms import Transform
from semisup.study.spec import ChunkSpec


class Options(Pictures):
    """Keys of a representation of this kind."""

    kind: Literal["picture"]


class Picture(Transform[Options]):
    """Pictures of windows."""

    Options = Options
    takes_pictures = True

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there are no such mel bands, if so."""
        return mel_misfits_of(self.options)

    def transform(self, windows: np.ndarray) -> np.ndarray:
        """Return pictures of windows (k, window_samples): (k, size, size, 3), float32, 0 to 255."""
        return pictures_of(self.options, windows)
