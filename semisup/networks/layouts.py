"""Layouts of networks: shape, number of classes and options in, an untrained Keras model out.

All of them standardise their input themselves and end in one number a class, which a softmax turns
into probabilities. A waveform is (samples,), anything else is (bands, frames), bands first.

Layers are normalised row by row, and not by batch: averages over a batch are poor on the few rows
that a label budget begins with.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from semisup.errors import SpecError
from semisup.networks.backend import import_keras
from semisup.networks.seeded_layers import Pooling, lstm, pooled

#: Name of the layer that standardises the input.
STANDARDISED = "standardised"
#: Kernel and stride of a waveform's convolutions, which cost about the same each.
FRONT = ((64, 16), (8, 4), (8, 4), (8, 4))
#: Those in front of an LSTM: one state for each 512 samples.
LSTM_FRONT = ((64, 16), (8, 4), (8, 8))


class Layout(NamedTuple):
    """What a network is built from.

    Parameters
    ----------
    architecture : {"cnn_1d", "cnn_2d", "lstm_network", "encoder_classifier"}
    shape : tuple of int
        Of a row.
    n_classes : int
    batch_size : int or None
        Any, if None.
    width : int
        Channels of the first convolution, doubled by each further one, or units of the LSTM.
    depth : int
        Convolutions.
    dropout : float
    pooling : {"mean", "last"}
        What of an LSTM's states is classified.
    """

    architecture: str
    shape: tuple[int, ...]
    n_classes: int
    batch_size: int | None
    width: int = 16
    depth: int = 4
    dropout: float = 0.3
    pooling: Pooling = "mean"


def build_network(layout: Layout, seed: int) -> Any:
    """Build a network with seeded weights.

    Returns
    -------
    keras.Model
        (batch_size, *shape) to (batch_size, n_classes).

    Raises
    ------
    SpecError
        If rows of this shape are nothing that the architecture takes.
    """
    keras = import_keras()
    takes, body = ARCHITECTURES[layout.architecture]
    if len(layout.shape) not in takes:
        raise SpecError(
            f"The classifier '{layout.architecture}' takes {_called(takes)}; got rows of shape "
            f"{layout.shape}"
        )
    seeds = (int(state) >> 1 for state in np.random.SeedSequence(seed).generate_state(64))
    inputs = keras.Input(batch_shape=(layout.batch_size, *layout.shape), name="rows")
    features = body(_standardised(inputs), layout, seeds)
    dropped = keras.layers.Dropout(layout.dropout, seed=next(seeds))(features)
    first = keras.initializers.GlorotUniform(next(seeds))
    logits = keras.layers.Dense(layout.n_classes, kernel_initializer=first, name="logits")(dropped)
    return keras.Model(inputs, logits, name=layout.architecture)


def _called(takes: tuple[int, ...]) -> str:
    names = {1: "waveforms (n, samples)", 2: "transforms (n, bands, frames)"}
    return " or ".join(names[number] for number in takes)


def _standardised(inputs: Any) -> Any:
    """Standardise by band, or as a whole, with constants that are set as weights.

    A frozen batch normalisation is that and nothing else.
    """
    layers = import_keras().layers
    keys = {"center": False, "scale": False, "epsilon": 0.0, "trainable": False}
    normalise = layers.BatchNormalization(
        axis=1 if len(inputs.shape) == 3 else -1, name=STANDARDISED, **keys
    )
    if len(inputs.shape) == 3:
        return normalise(inputs)
    return normalise(layers.Reshape((inputs.shape[1], 1), name="samples")(inputs))


def _cnn_1d(rows: Any, layout: Layout, seeds: Iterator[int]) -> Any:
    layers = import_keras().layers
    over_time = _time_first(rows, layout)
    wave = len(layout.shape) == 1
    for number in range(layout.depth):
        size, stride = FRONT[min(number, len(FRONT) - 1)] if wave else (5, 1)
        over_time = _convolution_1d(
            over_time, layout.width * 2**number, size, stride, None if wave else 2, seeds
        )
    mean = layers.GlobalAveragePooling1D(name="mean")(over_time)
    return layers.Concatenate()([mean, layers.GlobalMaxPooling1D(name="max")(over_time)])


def _cnn_2d(rows: Any, layout: Layout, seeds: Iterator[int]) -> Any:
    """Convolve over bands and frames; the mean over time keeps the bands apart."""
    layers = import_keras().layers
    image = layers.Reshape((*layout.shape, 1), name="image")(rows)
    for number in range(layout.depth):
        size, stride = (5, 2) if number == 0 else (3, 1)
        first = import_keras().initializers.HeNormal(next(seeds))
        image = layers.Conv2D(
            *(layout.width * 2**number, size, stride), padding="same", kernel_initializer=first
        )(image)
        image = _active(layers.MaxPooling2D(2, padding="same")(image))
    bands = layers.Permute((2, 1, 3), name="time_first")(image)
    by_frame = layers.Reshape((bands.shape[1], bands.shape[2] * bands.shape[3]))(bands)
    return layers.GlobalAveragePooling1D(name="mean")(by_frame)


def _lstm(rows: Any, layout: Layout, seeds: Iterator[int]) -> Any:
    over_time = _time_first(rows, layout)
    if len(layout.shape) == 1:
        for number, (size, stride) in enumerate(LSTM_FRONT):
            over_time = _convolution_1d(over_time, 16 * 2**number, size, stride, None, seeds)
    states = lstm(over_time, layout.width, next(seeds), next(seeds))
    return pooled(states, layout.pooling)


def _time_first(rows: Any, layout: Layout) -> Any:
    """Turn (bands, frames) to (frames, bands): axis 1 is time in what Keras does over time."""
    if len(layout.shape) == 1:
        return rows
    return import_keras().layers.Permute((2, 1), name="time_first")(rows)


def _convolution_1d(
    x: Any, channels: int, size: int, stride: int, pool: int | None, seeds: Iterator[int]
) -> Any:
    keras = import_keras()
    first = keras.initializers.HeNormal(next(seeds))
    keys = {"padding": "same", "kernel_initializer": first}
    x = keras.layers.Conv1D(channels, size, stride, **keys)(x)
    return _active(x if pool is None else keras.layers.MaxPooling1D(pool, padding="same")(x))


def _active(x: Any) -> Any:
    """Normalise, then ReLU: after the pooling, where there are fewer values to do it for."""
    layers = import_keras().layers
    return layers.ReLU()(layers.GroupNormalization(1)(x))


def _layer(rows: Any, layout: Layout, seeds: Iterator[int]) -> Any:
    """Do nothing: a frozen encoder has done all but the classification."""
    return import_keras().layers.Flatten(name="features")(rows)


#: Numbers of axes of a row that each takes, and what it does between standardising and classifying.
ARCHITECTURES: dict[str, tuple[tuple[int, ...], Callable[..., Any]]] = {
    "cnn_1d": ((1, 2), _cnn_1d),
    "cnn_2d": ((2,), _cnn_2d),
    "lstm_network": ((1, 2), _lstm),
    "encoder_classifier": ((2,), _layer),
}
