"""Kinds that learn from unlabelled pieces of raw audio: pieces in, models and codes out.

A kind brings an objective, a method that trains a network on unlabelled pieces.
"""

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.artefacts import fingerprint, write_json, write_table
from semisup.errors import SplitError
from semisup.features.contract import Ends, Grid, PreparedRows, Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import numbered
from semisup.networks.health import as_control, judge
from semisup.networks.held_out import too_few_speakers, validation_speakers
from semisup.networks.models import encode, encoder_of, load_encoder, load_model, save_model
from semisup.networks.scaling import Standardisation
from semisup.representations._controls import is_untrained, like, untrained
from semisup.representations._piece_network import PieceNetwork, decoder_of, scaling_of
from semisup.representations._pieces import piece_table, read_pieces
from semisup.study.controls import Control
from semisup.study.spec import RepresentationSpec

if TYPE_CHECKING:
    from keras import Model

#: What the verdict of the health calls a row, and the reconstruction that it is compared with.
PIECES = ("piece", "mean piece")


class UnlabelledOptions(PieceNetwork):
    """Keys of kinds that learn from the unlabelled pieces alone."""

    validation_share: float = Field(0.3, gt=0, lt=1, description="of the unlabelled recordings")


class Task(NamedTuple):
    """What an objective works on: unlabelled pieces (n, numbers) as they are, and their scaling."""

    training: np.ndarray
    validation: np.ndarray
    scaling: Standardisation
    seed: int
    checkpoint: Path
    label: str


OptionsType = TypeVar("OptionsType", bound=UnlabelledOptions)


class PieceCodes(Representation[OptionsType]):
    """A kind that learns codes of pieces; `learn` is its objective."""

    level = "chunk"
    models = ("encoder.keras", "autoencoder.keras", "history.csv", "health.json")
    encoder = "encoder.keras"
    interpolates = True

    def grid(self) -> Grid:
        """Return at which times pieces start."""
        return self.options.grid()

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return that there are too few speakers to hold some out, if so."""
        problem = too_few_speakers(unlabelled.set_index("recording")["speaker"])
        return [problem] if problem else []

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the untrained network, the pieces themselves, and a projection of them."""
        options = self.options
        return {"untrained": untrained(options), **controls_of_pieces(options)}

    def learn(self, task: Task) -> tuple["Model", pd.DataFrame]:
        """Train on unlabelled pieces; return the autoencoder and the history."""
        raise NotImplementedError

    def examine(self, codes: np.ndarray) -> dict[str, object]:
        """Return what else the health should say of the codes of the training pieces."""
        return {}

    def fit(self, inputs: Inputs) -> None:
        """Train on the unlabelled pieces, and write `models`.

        Raises
        ------
        SplitError
            If the unlabelled recordings are of fewer than two speakers.
        """
        task, folder = _task(self.options, inputs), inputs.folder
        autoencoder, history = self.learn(task)
        encoder = encoder_of(autoencoder)
        save_model(folder / "encoder.keras", encoder)
        save_model(folder / "autoencoder.keras", autoencoder)
        write_table(folder / "history.csv", history)
        mean = task.scaling.apply(task.training).mean(axis=0, dtype=float)
        judged = judge(autoencoder, task.training, task.validation, mean, PIECES)
        health = {**judged, **self.examine(encode(encoder, task.training))}
        write_json(
            folder / "health.json", as_control(health) if is_untrained(self.options) else health
        )
        shutil.rmtree(task.checkpoint.parent, ignore_errors=True)

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Encode the pieces of the recordings asked for: columns recording, chunk, code_00, ..."""
        rows = self.encoder_rows(inputs)
        codes = encode(load_encoder(inputs.folder / "encoder.keras"), rows.x)
        return piece_table(rows, codes, numbered("code", self.options.latent_dim))

    def encoder_rows(self, inputs: Inputs) -> PreparedRows:
        """Return the pieces of the recordings asked for."""
        return read_pieces(self.options, inputs, inputs.scored())

    def ends(self, inputs: Inputs) -> Ends:
        """Return encoder, decoder and two pieces between whose codes a figure interpolates.

        The pieces are the loudest of the first and the last unlabelled recording.
        """
        autoencoder = load_model(inputs.folder / "autoencoder.keras")
        recordings = inputs.of_subset("unlabelled")
        # all recordings, not two: these parts the fit has written already
        rows = read_pieces(self.options, inputs, recordings)
        names = recordings["recording"].iloc[[0, -1]]
        pieces = [rows.x[(rows.index["recording"] == name).to_numpy()] for name in names]
        first, second = (x[np.square(x, dtype=float).sum(axis=1).argmax()] for x in pieces)
        encoder = load_encoder(inputs.folder / "encoder.keras")
        step_seconds = self.options.pooled_by / self.options.sample_rate
        return Ends(encoder, decoder_of(autoencoder), first, second, step_seconds)


def controls_of_pieces(options: PieceNetwork) -> dict[Control, RepresentationSpec]:
    """Return the pieces that a network reads, and a random projection of them."""
    random = like(options, "random_pieces", dimensions=options.latent_dim)
    return {"descriptors": like(options, "pooled_waveform"), "random": random}


def _task(options: UnlabelledOptions, inputs: Inputs) -> Task:
    recordings = inputs.of_subset("unlabelled")
    if not len(recordings):
        raise SplitError(f"{inputs.name}: there are no unlabelled recordings to learn from")
    speakers = recordings.set_index("recording")["speaker"]
    chosen = validation_speakers(speakers, options.validation_share, inputs.seed)
    rows = read_pieces(options, inputs, recordings)
    watches = rows.index["recording"].isin(speakers.index[chosen]).to_numpy()
    training, validation = rows.x[~watches], rows.x[watches]
    # named by all that training depends on: a checkpoint of other pieces is not gone on with
    hashes = [hashlib.sha256(pieces.tobytes()).hexdigest() for pieces in (training, validation)]
    name = fingerprint(options.model_dump(), inputs.seed, hashes)
    checkpoint = inputs.folder / ".checkpoint" / f"{name}.npz"
    return Task(training, validation, scaling_of(training), inputs.seed, checkpoint, inputs.name)
