"""Kinds made of a projection: descriptors of recordings in, a projection and codes out."""

from typing import ClassVar, Literal, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.artefacts import write_json
from semisup.errors import SplitError
from semisup.features.inputs import Inputs
from semisup.features.tables import feature_table, numbered
from semisup.networks.health import effective_rank
from semisup.representations._controls import like
from semisup.representations._descriptors import Block, Frames, describe, misfits_of, names_of
from semisup.representations._projection import Projection, principal_components
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised
from semisup.study.controls import Control
from semisup.study.spec import ChunkSpec, RepresentationSpec


class ProjectionOptions(BySpeaker):
    """Keys of kinds made of a projection; each sets defaults of its own."""

    descriptors: tuple[Block, ...] = Field(("logmel",), min_length=1)
    frames: Frames = Field("all", description="speech: log-mel statistics without the pauses")
    dimensions: int = Field(64, ge=1, description="numbers that come out")
    fit_on: Literal["unlabelled", "train"] = Field(
        "unlabelled",
        description="train: the audio of the labelled subset too, all of it at every budget, and "
        "none of its labels",
    )

    @model_validator(mode="after")
    def _has_no_repeats(self) -> "ProjectionOptions":
        if len(set(self.descriptors)) < len(self.descriptors):
            raise ValueError(f"names a block twice: {', '.join(self.descriptors)}")
        return self


class ComponentOptions(ProjectionOptions):
    """Keys of kinds made of principal components."""

    components: int = Field(64, ge=1, description="principal components in them")
    rotate: bool = Field(True, description="keeps classifiers from whitening the components")

    @model_validator(mode="after")
    def _components_fit(self) -> "ComponentOptions":
        if self.components > self.dimensions:
            raise ValueError(
                f"{self.components} components do not fit into {self.dimensions} dimensions"
            )
        return self


OptionsType = TypeVar("OptionsType", bound=ProjectionOptions)
ComponentsType = TypeVar("ComponentsType", bound=ComponentOptions)


class Projected(SpeakerNormalised[OptionsType]):
    """A kind made of a projection of descriptors, which `project` chooses."""

    models: ClassVar[tuple[str, ...]] = ("projection.npz",)

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why a block can't be made at the study's sample rate, if so."""
        return misfits_of(self.options.descriptors, chunks)

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return that there are fewer than two recordings, if so."""
        if len(unlabelled) >= 2:
            return []
        names = " and ".join(self.learns_from)
        return [f"projections need 2 {names} recordings at least, there are {len(unlabelled)}"]

    @property
    def learns_from(self) -> tuple[str, ...]:
        """Subsets whose audio it learns from."""
        both = ("unlabelled", "labelled")
        return both if self.options.fit_on == "train" else both[:1]

    def project(self, values: np.ndarray, blocks: list[int], seed: int) -> Projection:
        """Choose a projection of unlabelled descriptors, which come in blocks."""
        raise NotImplementedError

    def fit(self, inputs: Inputs) -> None:
        """Fit the projection to the recordings of `learns_from`; write `models`.

        Raises
        ------
        SplitError
            If there are fewer than two of them.
        """
        rows = inputs.of_subset(*self.learns_from)
        for problem in self.unlearnable(rows):
            raise SplitError(f"{inputs.name}: {problem}")
        values = _described(self.options, inputs, rows)
        blocks = [len(names_of(block, inputs.sample_rate)) for block in self.options.descriptors]
        projection = self.project(values, blocks, inputs.seed)
        projection.save(inputs.folder / "projection.npz")
        if "health.json" in self.models:
            words = "training" if self.options.fit_on == "train" else "unlabelled"
            write_json(inputs.folder / "health.json", health(projection, values, words))

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Project the labelled and test recordings: columns recording, chunk, code_00, ..."""
        rows = inputs.scored()
        projection = Projection.load(inputs.folder / "projection.npz")
        codes = projection.apply(_described(self.options, inputs, rows))
        return feature_table(rows, codes, numbered("code", self.options.dimensions))


class Components(Projected[ComponentsType]):
    """A kind made of principal components of descriptors."""

    models = ("projection.npz", "health.json")

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the descriptors themselves, and a random projection in place of components."""
        kinds: dict[Control, str] = {"descriptors": "descriptors", "random": "random_projection"}
        return {control: like(self.options, kind) for control, kind in kinds.items()}

    def project(self, values: np.ndarray, blocks: list[int], seed: int) -> Projection:
        """Fit principal components."""
        options = self.options
        return principal_components(
            values, blocks, options.components, options.dimensions, options.rotate, seed
        )


def health(
    projection: Projection, values: np.ndarray, of_which: str = "unlabelled"
) -> dict[str, object]:
    """Judge a projection by the recordings that it was fitted to."""
    codes = projection.apply(values)
    standard = (values - projection.mean) / projection.scale
    # recordings that are all alike have no variance to explain: a share of 0, not of NaN
    share = float(projection.variances.sum() / max(standard.var(axis=0).sum(), 1e-300))
    rank, collapsed = effective_rank(codes - codes.mean(axis=0)), not codes.std(axis=0).any()
    verdict = (
        f"{len(projection.variances)} components explain {share:.0%} of the variance of "
        f"{len(values)} {of_which} recordings; the codes vary along about {rank:.1f} directions"
    )
    return {
        "recordings": len(values),
        "latent_dim": codes.shape[1],
        "explained": share,
        "effective_rank": rank,
        "collapsed": collapsed,
        "verdict": "collapsed: all recordings get the same code" if collapsed else verdict,
    }


def _described(options: ProjectionOptions, inputs: Inputs, rows: pd.DataFrame) -> np.ndarray:
    values = describe(inputs, rows, options.descriptors, options.frames)
    return normalised(options, rows, values)
