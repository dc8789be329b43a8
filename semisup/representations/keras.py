"""Outputs of an encoder in a .keras file, read in safe mode, pooled over the recording."""

from pathlib import Path
from typing import Literal

import numpy as np

from semisup.encoders.files import Run
from semisup.networks.models import load_model
from semisup.representations._encoder_files import EncoderFile, FromFile


class Options(EncoderFile):
    """Keys of a representation of this kind."""

    kind: Literal["keras"]


class KerasFile(FromFile[Options]):
    """Outputs of a Keras model; no code of a file is run in safe mode."""

    Options = Options

    def run(self, path: Path) -> Run:
        """Read the model and return what runs it."""
        model = load_model(path)
        # of one channel, where it has an axis for that
        has_channel = len(model.input_shape) == (3 if self.options.input == "waveform" else 4)

        def outputs(batch: np.ndarray) -> np.ndarray:
            return np.asarray(model.predict_on_batch(batch[..., None] if has_channel else batch))

        return outputs
