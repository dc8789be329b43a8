"""Codes of whole recordings by a small network that pools over time, trained by contrast.

Convolutions over time read all bins of a spectrogram of any length; mean and deviation over time
make one code of it. The network learns to find the other crop of the same recording among crops of
other recordings, through noise and hidden bins.
"""

import shutil
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.artefacts import write_json, write_table
from semisup.errors import SplitError
from semisup.features.contract import PreparedRows
from semisup.features.inputs import Inputs
from semisup.features.tables import feature_table, numbered
from semisup.networks.health import as_control, code_figures, collapsed_verdict
from semisup.networks.held_out import too_few_speakers, validation_speakers
from semisup.networks.models import load_encoder, save_model
from semisup.networks.scaling import FLOOR, Moments, spectra_moments
from semisup.representations._contrast import Contrast, Found, Task, train_contrast
from semisup.representations._controls import is_untrained, like, untrained
from semisup.representations._pool_network import build_network, encode, filled_up, scaled_network
from semisup.representations._sequence_training import checkpoint_of
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised
from semisup.signals.chunk_spectrogram import whole_spectrogram
from semisup.study.controls import Control
from semisup.study.spec import RepresentationSpec

#: Recordings whose codes tell how the encoder is.
JUDGED = 2048


class Options(Contrast, BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["conv_pool"]
    latent_dim: int = Field(64, ge=1, description="numbers of a code")
    channels: int = Field(128, ge=1, description="of each of the three convolutions")
    validation_share: float = Field(0.3, gt=0, lt=1, description="of the unlabelled recordings")


class ConvPool(SpeakerNormalised[Options]):
    """Codes of recordings, pooled over time."""

    Options = Options
    models = ("encoder.keras", "history.csv", "health.json")
    encoder = "encoder.keras"

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the untrained network, what it reads pooled over time, and that projected."""
        options, read = self.options, ("spectra",)
        return {
            "untrained": untrained(options),
            "descriptors": like(options, "descriptors", descriptors=read),
            "random": like(
                options, "random_projection", descriptors=read, dimensions=options.latent_dim
            ),
        }

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return that there are too few speakers to hold some out, if so."""
        problem = too_few_speakers(unlabelled.set_index("recording")["speaker"])
        return [problem] if problem else []

    def fit(self, inputs: Inputs) -> None:
        """Train on the unlabelled recordings; write `models`.

        Raises
        ------
        SplitError
            If they are of fewer than two speakers.
        """
        options, folder, rows = self.options, inputs.folder, inputs.of_subset("unlabelled")
        for problem in self.unlearnable(rows):
            raise SplitError(f"{inputs.name}: {problem}")
        spectra = _spectra(inputs, rows)
        speakers = rows.set_index("recording")["speaker"]
        watched = validation_speakers(speakers, options.validation_share, inputs.seed)
        scaling = spectra_moments(_where(spectra, ~watched))
        network = build_network(
            spectra[0].shape[1], options.channels, options.latent_dim, inputs.seed
        )
        task = _task(options, inputs, spectra, watched, scaling)
        history, found = train_contrast(network, options, task)
        encoder = scaled_network(network, scaling)
        save_model(folder / "encoder.keras", encoder)
        write_table(folder / "history.csv", history)
        judged = health(encode(encoder, spectra[:: -(-len(spectra) // JUDGED)]), found)
        write_json(folder / "health.json", as_control(judged) if is_untrained(options) else judged)
        shutil.rmtree(task.checkpoint.parent, ignore_errors=True)

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Encode the labelled and test recordings: columns recording, chunk, code_00, ..."""
        rows = inputs.scored()
        encoder = load_encoder(inputs.folder / "encoder.keras")
        codes = normalised(self.options, rows, encode(encoder, _spectra(inputs, rows)))
        return feature_table(rows, codes, numbered("code", self.options.latent_dim))

    def encoder_rows(self, inputs: Inputs) -> PreparedRows:
        """Return the spectra of the recordings asked for, filled up to the longest."""
        rows = inputs.scored()
        index = rows[["recording"]].assign(chunk=np.int32(-1)).reset_index(drop=True)
        return PreparedRows(index, filled_up(_spectra(inputs, rows)))


def health(codes: np.ndarray, found: Found) -> dict:
    """Judge an encoder by its codes of unlabelled recordings, and by how it tells them apart."""
    figures = {"recordings": len(codes), **code_figures(codes), **found._asdict()}
    if figures["collapsed"]:
        verdict = collapsed_verdict(figures, "recording")
    else:
        verdict = (
            f"{'healthy' if found.share > found.by_chance else 'weak'}: of the crops of speakers "
            f"held out, {found.share:.0%} are nearest to the other one of their recording "
            f"({found.by_chance:.0%} by chance); the codes vary along about "
            f"{figures['effective_rank']:.1f} of {figures['latent_dim']} directions"
        )
    return {**figures, "verdict": verdict}


def _spectra(inputs: Inputs, rows: pd.DataFrame) -> list[np.ndarray]:
    label = f"spectra of {inputs.name}"
    return inputs.of_signals(whole_spectrogram, rows, inputs.sample_rate, label)


def _where(spectra: list[np.ndarray], wanted: np.ndarray) -> list[np.ndarray]:
    return [frames for frames, is_wanted in zip(spectra, wanted, strict=True) if is_wanted]


def _task(
    options: Options,
    inputs: Inputs,
    spectra: list[np.ndarray],
    watched: np.ndarray,
    scaling: Moments,
) -> Task:
    scale = scaling.standardisation().apply
    standard = [scale(np.log10(frames + FLOOR)) for frames in spectra]
    training, validation = _where(standard, ~watched), _where(standard, watched)
    checkpoint = checkpoint_of(options, inputs, training, validation)
    return Task(training, validation, inputs.seed, checkpoint, inputs.name)
