"""Outputs of an encoder in a TorchScript file, whose program is run, pooled over the recording."""

from pathlib import Path
from typing import Literal

import numpy as np

from semisup.encoders.files import Run
from semisup.representations._encoder_files import EncoderFile, FromFile


class Options(EncoderFile):
    """Keys of a representation of this kind."""

    kind: Literal["torch"]


class TorchScript(FromFile[Options]):
    """Outputs of a program that PyTorch's own interpreter runs; it is not a pickle of Python's."""

    Options = Options
    library = "torch"
    command = "pip install 'semisup[torch]'"

    def run(self, path: Path) -> Run:
        """Read the program and return what runs it; of several outputs the first counts."""
        import torch

        module = torch.jit.load(str(path), map_location="cpu").eval()

        def outputs(batch: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                output = module(torch.from_numpy(batch))
            first = output[0] if isinstance(output, tuple | list) else output
            return np.asarray(first.numpy())

        return outputs
