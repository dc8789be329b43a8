"""Dense networks on pieces of raw audio: 500 numbers in, a code and the restored piece out."""

from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from semisup.networks import seeded_layers
from semisup.networks.backend import import_keras
from semisup.networks.models import CODES, SCALED
from semisup.networks.scaling import Standardisation
from semisup.representations._pieces import Pieces
from semisup.representations._sequence_training import SequenceTraining
from semisup.study.spec import RepresentationSpec
from semisup.study.table import Table

if TYPE_CHECKING:
    from keras import Layer, Model

#: Name of the layer after the codes that drops some of them while training.
DROPPED_CODES = "dropped_codes"


class Layers(Table):
    """Keys that say what the network is."""

    latent_dim: int = Field(64, ge=1, description="numbers of a code")
    hidden: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (128,), description="units of the tanh layers before the code, mirrored after it"
    )


class PieceNetwork(SequenceTraining, Layers, Pieces, RepresentationSpec):
    """Keys of every kind made of a dense network on pieces."""

    batch_size: int = Field(128, ge=2)
    epochs: int = Field(100, ge=0, description="at most; 0 leaves the network untrained")


def scaling_of(x: np.ndarray) -> Standardisation:
    """Measure pieces: one mean and one deviation of all numbers of all pieces.

    Not one a number: a piece starts anywhere, so its numbers are all alike, and those at the end of
    zero-padded pieces would be blown up. Those that are all the same get the deviation 1.
    """
    return Standardisation(float(x.mean(dtype=float)), float(x.std(dtype=float)) or 1.0)


def dense_autoencoder(
    numbers: int, layers: Layers, scaling: Standardisation, seed: int, dropout: float = 0.0
) -> "Model":
    """Build an untrained autoencoder; tanh layers, linear code, linear output.

    A linear code can be any projection that principal components give; tanh would bound it.

    Parameters
    ----------
    numbers : int
        Of a piece.
    layers : Layers
        Their sizes.
    scaling : Standardisation
        Of the training pieces.
    seed : int
        Of initial weights and dropout.
    dropout : float
        Rate after every tanh layer and after the code.

    Returns
    -------
    keras.Model
        (n, numbers) pieces to (n, numbers) standardised pieces restored.
    """
    keras, seeds = import_keras(), np.random.default_rng(seed)
    inputs = keras.Input((numbers,), name="pieces")
    deviation = scaling.deviation
    x = keras.layers.Rescaling(1 / deviation, -scaling.mean / deviation, name=SCALED)(inputs)
    for place, units in enumerate(layers.hidden, start=1):
        x = dense(units, f"hidden_{place}", seeds, "tanh")(x)
        # at rate 0 too: it takes a seed, so that later weights do not depend on the rate
        x = _dropout(dropout, f"dropout_{place}", seeds)(x)
    x = dense(layers.latent_dim, CODES, seeds)(x)
    x = _dropout(dropout, DROPPED_CODES, seeds)(x)
    for place, units in reversed(list(enumerate(layers.hidden, start=1))):
        x = dense(units, f"restore_hidden_{place}", seeds, "tanh")(x)
        x = _dropout(dropout, f"restore_dropout_{place}", seeds)(x)
    return keras.Model(inputs, dense(numbers, "restored", seeds)(x), name="autoencoder")


def dense(
    units: int, name: str, seeds: np.random.Generator, activation: str | None = None
) -> "Layer":
    """Return a dense layer whose initial weights are drawn by the next seed."""
    return seeded_layers.dense(units, int(seeds.integers(2**31)), name, activation)


def restoring_part(autoencoder: "Model") -> "Model":
    """Return the part after the code, sharing its layers: codes to standardised pieces."""
    keras = import_keras()
    return keras.Model(
        autoencoder.get_layer(CODES).output, autoencoder.outputs[0], name="restoring"
    )


def decoder_of(autoencoder: "Model") -> "Model":
    """Return the decoder half, sharing the autoencoder's layers.

    Returns
    -------
    keras.Model
        (n, latent_dim) codes to (n, numbers) pieces, on the scale of the audio.
    """
    # the constants are in the model: a decoder needs nothing beside the file
    keras, scaled = import_keras(), autoencoder.get_layer(SCALED)
    audio = keras.layers.Rescaling(1 / scaled.scale, -scaled.offset / scaled.scale, name="audio")
    codes = autoencoder.get_layer(CODES).output
    # a model that was loaded has a list for its output
    return keras.Model(codes, audio(autoencoder.outputs[0]), name="decoder")


def _dropout(rate: float, name: str, seeds: np.random.Generator) -> "Layer":
    layers = import_keras().layers
    return layers.Dropout(rate, seed=int(seeds.integers(2**31)), name=name)
