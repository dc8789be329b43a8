"""Codes of a convolutional autoencoder trained on the unlabelled subset alone.

In: chunks, and who speaks in them. Out: the trained models, their history and health (`fit`), and
one row of codes a chunk (`extract`). Chunks of other subsets are not read before `extract`.
"""

import hashlib
import shutil
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from semisup.autoencoders import Padding, architecture_of, build_autoencoder, layer_sizes
from semisup.engine.artefacts import fingerprint, write_json, write_table
from semisup.engine.progress import say
from semisup.errors import SpecError, SplitError, nearest
from semisup.features.contract import Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import numbered
from semisup.networks.autoencoding import PROBED, TrainingSpec, plan_of, train
from semisup.networks.health import as_control, is_collapsed, judge
from semisup.networks.held_out import too_few_speakers, validation_speakers
from semisup.networks.loop import AfterEpoch
from semisup.networks.models import (
    SCALED,
    Chunks,
    Rows,
    encode,
    encoder_of,
    evenly,
    in_batches,
    load_encoder,
    load_model,
    save_model,
)
from semisup.networks.scaling import FLOOR, Moments, chunk_moments
from semisup.networks.seen import ENOUGH, Seen, seen_by
from semisup.networks.streaming import Streamed, opened
from semisup.registry import architectures
from semisup.representations._controls import is_untrained, like, untrained
from semisup.signals.chunk_spectrogram import chunk_shape
from semisup.study.controls import Control
from semisup.study.spec import ChunkSpec, RepresentationSpec

if TYPE_CHECKING:
    from keras import Model

#: Chunks that the figure of reconstructions shows.
SHOWN = 4
#: By how much the batches of a second training are smaller, after one that left all codes the same.
SMALLER = 4
#: Folder of checkpoints below that of the models.
CHECKPOINTS = ".checkpoint"

Activation = Literal["relu", "elu", "gelu", "leaky_relu", "selu", "silu", "tanh"]


class Options(TrainingSpec, RepresentationSpec):
    """`[representations.<name>]` of kind "autoencoder"; defaults are the original study's."""

    kind: Literal["autoencoder"]
    architecture: str = "autoencoder_3"
    latent_dim: int = Field(64, ge=1)
    input_scaling: Literal["raw", "log"] = "raw"
    bottleneck_activation: Activation | Literal["linear", "sigmoid", "softmax"] | None = Field(
        None, description="the architecture's own if left out"
    )
    activation: Activation = "relu"
    dropout: float = Field(0.2, ge=0, lt=1)
    padding: Padding = Field(
        "cover",
        description='"cover": zeros after the last frames and bins, so that strides read all of '
        'them; "valid": codes do not depend on those that they do not reach',
    )
    validation_share: float = Field(0.3, gt=0, lt=1, description="of the unlabelled recordings")
    memory_gb: float = Field(
        2.0, gt=0, description="GiB: chunks that need more are streamed, in another order"
    )

    @field_validator("architecture")
    @classmethod
    def _exists(cls, name: str) -> str:
        names = architectures.names()
        if name not in names:
            raise ValueError(f"there is no architecture '{name}'; {nearest(name, names)}")
        return name

    @model_validator(mode="before")
    @classmethod
    def _log_means_squared_error(cls, keys: object) -> object:
        # before the fields are read, when it can still be told whether `loss` was given
        if isinstance(keys, dict) and keys.get("input_scaling") == "log":
            return {"loss": "mean_squared_error", **keys}
        return keys

    @model_validator(mode="after")
    def _loss_fits_scaling(self) -> "Options":
        if self.input_scaling == "log" and self.loss == "binary_crossentropy":
            raise ValueError(
                "loss 'binary_crossentropy' needs values from 0 to 1, which standardised log "
                "magnitudes are not; use loss = 'mean_squared_error' with input_scaling = 'log'"
            )
        return self


class Autoencoder(Representation[Options]):
    """A convolutional autoencoder of spectrograms."""

    Options = Options
    level = "chunk"
    needs = "chunks"
    models = ("encoder.keras", "autoencoder.keras", "history.csv", "health.json")
    encoder = "encoder.keras"
    restores = True

    def controls(self) -> dict[Control, RepresentationSpec]:
        """Return the untrained network, and a projection of its input to as many numbers.

        Its input by itself is no control: classifiers would get 10,000 numbers a chunk.
        """
        random = like(self.options, "random_spectrogram", dimensions=self.options.latent_dim)
        return {"untrained": untrained(self.options), "random": random}

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why chunks of this length are too small for the architecture, if so."""
        name = self.options.architecture
        shape = chunk_shape(chunks.sample_rate, chunks.chunk_samples)
        try:
            layer_sizes(name, architecture_of(name).convolutions, shape, self.options.padding)
        except SpecError as error:
            return [str(error)]
        return []

    def unlearnable(self, unlabelled: pd.DataFrame) -> list[str]:
        """Return that there are too few speakers to hold some out, if so."""
        problem = too_few_speakers(unlabelled.set_index("recording")["speaker"])
        return [problem] if problem else []

    def fit(self, inputs: Inputs, after_epoch: AfterEpoch | None = None) -> None:
        """Train on the unlabelled chunks; write `models` into the folder.

        `after_epoch` is what `train` calls: a search prunes trials by it.

        Raises
        ------
        SplitError
            If the unlabelled subset has chunks of fewer than two speakers.
        SpecError
            If chunks are too small for the architecture.
        """
        options, folder = self.options, inputs.folder
        rows = rows_to_train_and_validate(options, inputs)
        # log magnitudes are scaled once before training, into a copy
        copies = 2 if options.input_scaling == "log" else 1
        training, validation = opened(inputs.chunks, rows, options.memory_gb, copies)
        streamed = isinstance(training, Streamed)
        if streamed:
            say(f"  {inputs.name}: chunks stay on disk, as memory_gb does not hold them")
        mean, scaling = chunk_moments(training, options.input_scaling)
        data = _Data(inputs, training, validation, scaling)
        autoencoder, history, tried = _trained(options, data, after_epoch)
        save_model(folder / "encoder.keras", encoder_of(autoencoder))
        save_model(folder / "autoencoder.keras", autoencoder)
        write_table(folder / "history.csv", history)
        judged = judge(autoencoder, training, validation, mean)
        if is_untrained(options):
            health = as_control(judged)
        else:
            health = completed(judged, seen_by(encoder_of(autoencoder), training), tried)
        write_json(folder / "health.json", {**health, "streamed": streamed})
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Compute the codes of the labelled and test chunks.

        Returns
        -------
        DataFrame
            Columns recording, chunk, code_00, code_01, ... (float32), in the order of the index.
        """
        encoder = load_encoder(inputs.folder / "encoder.keras")
        index = inputs.chunk_index
        rows = np.flatnonzero(index["subset"].isin(inputs.wanted))
        codes = encode(encoder, Rows(inputs.chunks, rows))
        names = numbered("code", self.options.latent_dim)
        keys = index.iloc[rows][["recording", "chunk"]].reset_index(drop=True)
        return pd.concat([keys, pd.DataFrame(codes, columns=names)], axis=1)

    def reconstructions(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
        """Set some validation chunks beside what the autoencoder makes of them.

        Returns
        -------
        originals, restored : ndarray of shape (n, frames, bins)
            Magnitudes, whichever space the autoencoder works in.
        """
        autoencoder = load_model(inputs.folder / "autoencoder.keras")
        _, rows = rows_to_train_and_validate(self.options, inputs)
        # spread over the validation chunks: neighbours are of one recording
        spread = np.unique(np.linspace(0, len(rows) - 1, SHOWN).astype(int))
        magnitudes = Rows(inputs.chunks, rows[spread])[np.arange(len(spread))]
        restored = autoencoder.predict_on_batch(magnitudes)
        if self.options.input_scaling == "raw":
            return magnitudes, restored
        scale = autoencoder.get_layer(SCALED)
        # what it restores is standardised log magnitudes: back the way they came
        logarithm = restored * np.sqrt(scale.input_variance) + np.asarray(scale.input_mean)
        return magnitudes, np.maximum(10**logarithm - FLOOR, 0)


class _Data(NamedTuple):
    """What a training is made with."""

    inputs: Inputs
    training: Chunks
    validation: Chunks
    scaling: Moments | None


def _trained(
    options: Options, data: _Data, after_epoch: AfterEpoch | None
) -> tuple["Model", pd.DataFrame, list[str]]:
    """Train; where all codes are the same after all updates, once more, with smaller batches.

    Returns
    -------
    autoencoder : keras.Model
    history : DataFrame
    tried : list of str
        What the trainings were, in words.
    """
    tried = []
    for again in (False, True):
        tries, seed = _again(options, data) if again else (options, data.inputs.seed)
        autoencoder = _build(tries, seed, data.inputs.chunks.shape[1:], data.scaling)
        name = _fingerprint(tries, seed, data.training, data.validation)
        history = train(
            autoencoder,
            tries,
            data.training,
            data.validation,
            seed,
            data.inputs.folder / CHECKPOINTS / f"{name}.npz",
            data.inputs.name + " again" * again,
            after_epoch=after_epoch,
        )
        plan = plan_of(tries, len(data.training))
        tried.append(f"{plan.stop.told(len(history))} of {plan.batch_size} chunks")
        # epochs mean what they say, and a search has no use for two trainings
        whole = options.epochs is None and after_epoch is None
        codes = encode(encoder_of(autoencoder), evenly(data.validation, PROBED))
        if not (whole and is_collapsed(codes)):
            break
    return autoencoder, history, tried


def _again(options: Options, data: _Data) -> tuple[Options, int]:
    """Return options and seed of the second training."""
    smaller = max(plan_of(options, len(data.training)).batch_size // SMALLER, 1)
    seed = int(fingerprint("again", data.inputs.seed)[:7], 16)
    return options.model_copy(update={"batch_size": smaller}), seed


def completed(judged: dict, seen: Seen, tried: list[str]) -> dict:
    """Add to the health of an encoder what it sees of its input, and how it was trained."""
    verdict, note = judged["verdict"], ""
    # nothing moves codes that are all the same
    if judged["collapsed"]:
        verdict += f"; tried: {', then '.join(tried)}"
    elif seen.share < ENOUGH:
        verdict += f"; it {seen.told()}"
        note = f"sees {seen.share:.0%} of its input"
    shares = {**seen._asdict(), "share_seen": seen.share}
    return {**judged, **shares, "tried": tried, "note": note, "verdict": verdict}


def rows_to_train_and_validate(options: Options, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the unlabelled chunks to train on, and of those to validate on."""
    rows = np.flatnonzero(inputs.chunk_index["subset"] == "unlabelled")
    recordings = inputs.chunk_index["recording"].iloc[rows]
    if not len(rows):
        raise SplitError("The unlabelled subset has no chunks to train an autoencoder on")
    speakers = inputs.speakers.loc[recordings.unique()]
    chosen = validation_speakers(speakers, options.validation_share, inputs.seed)
    validates = recordings.isin(speakers.index[chosen]).to_numpy()
    return rows[~validates], rows[validates]


def _build(options: Options, seed: int, shape: tuple[int, ...], scaling: Moments | None) -> "Model":
    autoencoder, _ = build_autoencoder(
        options.architecture,
        shape,
        options.latent_dim,
        input_scaling=options.input_scaling,
        bin_scaling=scaling,
        bottleneck_activation=options.bottleneck_activation,
        activation=options.activation,
        dropout=options.dropout,
        padding=options.padding,
        seed=seed,
    )
    return autoencoder


def _fingerprint(options: Options, seed: int, training: Chunks, validation: Chunks) -> str:
    """Fingerprint everything that a checkpoint must agree with."""
    streamed = isinstance(training, Streamed)
    # streamed chunks come in another order, so that a checkpoint of held ones is not gone on with
    hashes = [_hash(chunks) for chunks in (training, validation)]
    return fingerprint(options.model_dump(), seed, hashes, streamed)


def _hash(chunks: Chunks) -> str:
    sha = hashlib.sha256()
    for batch in in_batches(chunks):
        sha.update(np.ascontiguousarray(batch).data)
    return sha.hexdigest()
