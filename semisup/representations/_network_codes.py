"""Kinds made of a small network: contours in, encoder, projection and codes out.

A kind brings an objective, a method that trains the encoder on unlabelled contours. The encoder's
channels are pooled over a recording, mean and deviation, and projected on principal components.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from semisup.engine.artefacts import write_json, write_table, write_whole
from semisup.engine.npz import read_arrays
from semisup.errors import SplitError
from semisup.features.inputs import Inputs
from semisup.features.tables import feature_table, numbered
from semisup.networks.health import as_control
from semisup.networks.held_out import too_few_speakers, validation_speakers
from semisup.networks.models import load_encoder, save_model
from semisup.networks.scaling import Standardisation
from semisup.representations._components import health
from semisup.representations._contours import read_contours, scaling_of, standardised
from semisup.representations._controls import is_untrained, like, untrained
from semisup.representations._descriptors import log_mel_misfits
from semisup.representations._projection import Projection, principal_components
from semisup.representations._sequence_network import build_network, pooled
from semisup.representations._sequence_training import UpdateTraining, checkpoint_of
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised
from semisup.study.controls import Control
from semisup.study.spec import ChunkSpec, RepresentationSpec

if TYPE_CHECKING:
    from keras import Model

MODELS = ("encoder.keras", "scaling.npz", "projection.npz", "health.json")
TRAINED = (*MODELS, "history.csv")


class NetworkOptions(BySpeaker):
    """Keys of every kind made of a small network."""

    dimensions: int = Field(64, ge=1, description="numbers that come out")
    components: int = Field(64, ge=1, description="principal components in them")
    rotate: bool = Field(True, description="keeps classifiers from whitening the components")

    @model_validator(mode="after")
    def _components_fit(self) -> "NetworkOptions":
        if self.components > self.dimensions:
            raise ValueError(
                f"{self.components} components do not fit into {self.dimensions} dimensions"
            )
        return self


class TrainedOptions(UpdateTraining, NetworkOptions):
    """Keys of kinds whose network is trained."""

    validation_share: float = Field(0.3, gt=0, lt=1, description="of the unlabelled recordings")


class Task(NamedTuple):
    """What an objective works on: an untrained encoder and standardised unlabelled contours."""

    encoder: "Model"
    training: list[np.ndarray]
    validation: list[np.ndarray]
    seed: int
    checkpoint: Path
    label: str


OptionsType = TypeVar("OptionsType", bound=NetworkOptions)


class NetworkCodes(SpeakerNormalised[OptionsType]):
    """A kind made of a small network; `learn` is its objective, the default learns nothing."""

    models: ClassVar[tuple[str, ...]] = MODELS

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the untrained network, what it reads pooled over time, and that projected."""
        options, read = self.options, ("contours",)
        made: dict[Control, RepresentationSpec] = {}
        # its components are fitted to the unlabelled recordings all the same
        if isinstance(options, TrainedOptions):
            made["untrained"] = untrained(options)
        made["descriptors"] = like(options, "descriptors", descriptors=read)
        made["random"] = like(options, "random_projection", descriptors=read)
        return made

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there is no log-mel spectrogram at the study's sample rate, if so."""
        return log_mel_misfits(chunks)

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return that there are no recordings, or too few speakers to hold some out, if so."""
        if isinstance(self.options, TrainedOptions):
            problem = too_few_speakers(unlabelled.set_index("recording")["speaker"])
        else:
            problem = "" if len(unlabelled) else "there are no unlabelled recordings to learn from"
        return [problem] if problem else []

    def learn(self, task: Task) -> pd.DataFrame | None:
        """Train the encoder on unlabelled contours; return the history, None of no training."""
        return None

    def fit(self, inputs: Inputs) -> None:
        """Train the encoder by `learn` on the unlabelled subset; write the models.

        Raises
        ------
        SplitError
            If the unlabelled recordings are of fewer than two speakers.
        """
        options, folder, rows = self.options, inputs.folder, inputs.of_subset("unlabelled")
        if not len(rows):
            raise SplitError(f"{inputs.name}: there are no unlabelled recordings to learn from")
        raw = read_contours(inputs, rows)
        scaling = scaling_of(raw)
        contours = _standardised(options, raw, rows, scaling)
        encoder = build_network(inputs.seed)
        if isinstance(options, TrainedOptions):
            self._train(_task(options, inputs, encoder, contours, rows), folder)
        values = _pooled(options, encoder, contours, rows)
        projection = principal_components(
            values,
            [values.shape[1]],
            options.components,
            options.dimensions,
            options.rotate,
            inputs.seed,
        )
        save_model(folder / "encoder.keras", encoder)
        write_whole(folder / "scaling.npz", lambda path: np.savez(path, **scaling._asdict()))
        projection.save(folder / "projection.npz")
        judged = health(projection, values)
        write_json(folder / "health.json", as_control(judged) if is_untrained(options) else judged)

    def _train(self, task: Task, folder: Path) -> None:
        history = self.learn(task)
        if history is not None:
            write_table(folder / "history.csv", history)
        shutil.rmtree(task.checkpoint.parent, ignore_errors=True)

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Encode the labelled and test recordings: columns recording, chunk, code_00, ..."""
        rows = inputs.scored()
        encoder = load_encoder(inputs.folder / "encoder.keras")
        projection = Projection.load(inputs.folder / "projection.npz")
        scaling = Standardisation(
            **read_arrays(inputs.folder / "scaling.npz", Standardisation._fields)
        )
        contours = _standardised(self.options, read_contours(inputs, rows), rows, scaling)
        codes = projection.apply(_pooled(self.options, encoder, contours, rows))
        return feature_table(rows, codes, numbered("code", self.options.dimensions))


def _standardised(
    options: NetworkOptions,
    contours: list[np.ndarray],
    rows: pd.DataFrame,
    scaling: Standardisation,
) -> list[np.ndarray]:
    of_speaker = options.speaker_normalisation != "none"
    return standardised(contours, rows, scaling, of_speaker)


def _pooled(
    options: NetworkOptions, encoder: "Model", contours: list[np.ndarray], rows: pd.DataFrame
) -> np.ndarray:
    return normalised(options, rows, pooled(encoder, contours))


def _task(
    options: TrainedOptions,
    inputs: Inputs,
    encoder: "Model",
    contours: list[np.ndarray],
    rows: pd.DataFrame,
) -> Task:
    speakers = rows.set_index("recording")["speaker"]
    watches = validation_speakers(speakers, options.validation_share, inputs.seed)
    training, validation = (
        [frames for frames, watched in zip(contours, watches, strict=True) if watched == wanted]
        for wanted in (False, True)
    )
    checkpoint = checkpoint_of(options, inputs, training, validation)
    return Task(encoder, training, validation, inputs.seed, checkpoint, inputs.name)
