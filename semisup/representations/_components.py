"""Kinds made of principal components: descriptors of recordings in, a projection and codes out."""

from typing import TypeVar

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.artefacts import write_json
from semisup.errors import SplitError
from semisup.features.contract import Inputs
from semisup.features.tables import feature_table, numbered
from semisup.networks.health import effective_rank
from semisup.representations._descriptors import NAMES, Block, Frames, describe, log_mel_misfits
from semisup.representations._projection import Projection, principal_components
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised
from semisup.study.spec import ChunkSpec


class ComponentOptions(BySpeaker):
    """Keys of kinds made of principal components; each sets defaults of its own."""

    descriptors: tuple[Block, ...] = Field(("logmel",), min_length=1)
    frames: Frames = Field("all", description="speech: log-mel statistics without the pauses")
    dimensions: int = Field(64, ge=1, description="numbers that come out")
    components: int = Field(64, ge=1, description="principal components in them")
    rotate: bool = Field(True, description="keeps classifiers from whitening the components")

    @model_validator(mode="after")
    def _components_fit(self) -> "ComponentOptions":
        if self.components > self.dimensions:
            raise ValueError(
                f"{self.components} components do not fit into {self.dimensions} dimensions"
            )
        if len(set(self.descriptors)) < len(self.descriptors):
            raise ValueError(f"names a block twice: {', '.join(self.descriptors)}")
        return self


OptionsType = TypeVar("OptionsType", bound=ComponentOptions)


class Components(SpeakerNormalised[OptionsType]):
    """A kind made of principal components of descriptors."""

    models = ("projection.npz", "health.json")

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there is no log-mel spectrogram at the study's sample rate, if so."""
        return log_mel_misfits(chunks)

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return that there are fewer than two recordings, if so."""
        if len(unlabelled) >= 2:
            return []
        return [
            "principal components need 2 unlabelled recordings at least, there are "
            f"{len(unlabelled)}"
        ]

    def fit(self, inputs: Inputs) -> None:
        """Fit the projection to the unlabelled recordings alone; write `models`.

        Raises
        ------
        SplitError
            If there are fewer than two unlabelled recordings.
        """
        options, rows = self.options, inputs.of_subset("unlabelled")
        for problem in self.unlearnable(rows):
            raise SplitError(f"{inputs.name}: {problem}")
        values = _described(options, inputs, rows)
        blocks = [len(NAMES[block]) for block in options.descriptors]
        projection = principal_components(
            values, blocks, options.components, options.dimensions, options.rotate, inputs.seed
        )
        projection.save(inputs.folder / "projection.npz")
        write_json(inputs.folder / "health.json", health(projection, values))

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Project the labelled and test recordings: columns recording, chunk, code_00, ..."""
        rows = inputs.scored()
        projection = Projection.load(inputs.folder / "projection.npz")
        codes = projection.apply(_described(self.options, inputs, rows))
        return feature_table(rows, codes, numbered("code", self.options.dimensions))


def health(projection: Projection, values: np.ndarray) -> dict[str, object]:
    """Judge a projection by the recordings that it was fitted to."""
    codes = projection.apply(values)
    standard = (values - projection.mean) / projection.scale
    # recordings that are all alike have no variance to explain: a share of 0, not of NaN
    share = float(projection.variances.sum() / max(standard.var(axis=0).sum(), 1e-300))
    rank, collapsed = effective_rank(codes - codes.mean(axis=0)), not codes.std(axis=0).any()
    verdict = (
        f"{len(projection.variances)} components explain {share:.0%} of the variance of "
        f"{len(values)} unlabelled recordings; the codes vary along about {rank:.1f} directions"
    )
    return {
        "recordings": len(values),
        "latent_dim": codes.shape[1],
        "explained": share,
        "effective_rank": rank,
        "collapsed": collapsed,
        "verdict": "collapsed: all recordings get the same code" if collapsed else verdict,
    }


def _described(options: ComponentOptions, inputs: Inputs, rows: pd.DataFrame) -> np.ndarray:
    values = describe(inputs, rows, options.descriptors, options.frames)
    return normalised(options, rows, values)
