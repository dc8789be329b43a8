"""Random projection of the spectrograms of chunks: a control for codes of autoencoders.

Spectrograms are scaled as an autoencoder scales its input, by all unlabelled chunks.
"""

from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.errors import SplitError
from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import numbered
from semisup.networks.models import Rows, in_batches
from semisup.networks.scaling import FLOOR, chunk_moments
from semisup.representations._projection import Projection, gaussian
from semisup.study.spec import RepresentationSpec


class Options(RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["random_spectrogram"]
    input_scaling: Literal["raw", "log"] = "raw"
    dimensions: int = Field(64, ge=1, description="numbers that come out")


class RandomSpectrogram(Representation[Options]):
    """Spectrograms on random directions."""

    Options = Options
    level = "chunk"
    needs = "chunks"
    models = ("projection.npz",)
    is_learned = False

    def fit(self, inputs: Inputs) -> None:
        """Measure the unlabelled chunks and draw directions; write `models`.

        Raises
        ------
        SplitError
            If the unlabelled subset has no chunks.
        """
        rows = np.flatnonzero(inputs.chunk_index["subset"] == "unlabelled")
        if not len(rows):
            raise SplitError(f"{inputs.name}: the unlabelled subset has no chunks to scale by")
        _, bins = chunk_moments(Rows(inputs.chunks, rows), self.options.input_scaling)
        frames, n_bins = inputs.chunks.shape[1:]
        weights = gaussian(frames * n_bins, self.options.dimensions, inputs.seed)
        # raw magnitudes stay as they are, as in an autoencoder
        mean, scale = (bins.mean, np.sqrt(bins.variance)) if bins else (0.0, 1.0)
        mean, scale = (np.broadcast_to(x, (frames, n_bins)).ravel() for x in (mean, scale))
        Projection(mean, scale, weights, np.empty(0)).save(inputs.folder / "projection.npz")

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Project the labelled and test chunks: columns recording, chunk, code_00, ..."""
        projection = Projection.load(inputs.folder / "projection.npz")
        index = inputs.chunk_index
        rows = np.flatnonzero(index["subset"].isin(inputs.wanted))
        codes = [np.empty((0, self.options.dimensions), np.float32)]
        for batch in in_batches(Rows(inputs.chunks, rows)):
            values = np.log10(batch + FLOOR) if self.options.input_scaling == "log" else batch
            codes.append(projection.apply(values.reshape(len(values), -1)))
        keys = index.iloc[rows][["recording", "chunk"]].reset_index(drop=True)
        names = numbered("code", self.options.dimensions)
        return pd.concat([keys, pd.DataFrame(np.concatenate(codes), columns=names)], axis=1)
