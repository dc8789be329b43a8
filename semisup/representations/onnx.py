"""Outputs of an encoder in an ONNX file, waveforms or spectrograms in, pooled over time."""

from pathlib import Path
from typing import Literal

import numpy as np

from semisup.encoders.files import Run
from semisup.errors import SpecError
from semisup.representations._encoder_files import EncoderFile, FromFile


class Options(EncoderFile):
    """Keys of a representation of this kind."""

    kind: Literal["onnx"]


class Onnx(FromFile[Options]):
    """Outputs of an ONNX file; a file of data, which runs no code of its own."""

    Options = Options
    library = "onnxruntime"
    command = "pip install 'semisup[onnx]'"

    def run(self, path: Path) -> Run:
        """Read the file and return what runs its first output."""
        import onnxruntime

        session = onnxruntime.InferenceSession(
            path, providers=onnxruntime.get_available_providers()
        )
        names = [node.name for node in session.get_inputs()]
        if len(names) != 1:
            raise SpecError(
                f"'{path.name}' has {len(names)} inputs ({', '.join(names)}); an encoder has one"
            )

        def outputs(batch: np.ndarray) -> np.ndarray:
            return np.asarray(session.run(None, {names[0]: batch})[0])

        return outputs
