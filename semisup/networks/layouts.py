"""Layouts of networks: shape, number of classes and options in, an untrained Keras model out.

All networks standardise their input themselves and end in one number a class, which a softmax turns
into probabilities. A waveform is (samples,), anything else is (bands, frames), bands first.

Layers are normalised row by row, and not by batch: averages over a batch are poor on the few rows
that a label budget begins with.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.errors import SpecError
from semisup.networks.backend import import_keras
from semisup.networks.seeded_layers import Pooling, lstm, pooled

if TYPE_CHECKING:
    from keras import KerasTensor, Model

#: Name of the layer that standardises the input.
STANDARDISED = "standardised"
#: Kernel and stride of a waveform's convolutions, each of which costs about the same.
FRONT = ((64, 16), (8, 4), (8, 4), (8, 4))
#: Those before an LSTM: one state for each 512 samples.
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


def build_network(layout: Layout, seed: int) -> "Model":
    """Build a network with seeded weights.

    Returns
    -------
    keras.Model
        (batch_size, *shape) to (batch_size, n_classes).

    Raises
    ------
    SpecError
        If the architecture does not take rows of this shape.
    """
    keras = import_keras()
    check_shape(layout.architecture, layout.shape)
    _, body = ARCHITECTURES[layout.architecture]
    # more than any layout has layers; 31 bits, as some backends keep a seed as a signed integer
    seeds = (int(state) >> 1 for state in np.random.SeedSequence(seed).generate_state(64))
    inputs = keras.Input(batch_shape=(layout.batch_size, *layout.shape), name="rows")
    features = body(_standardised(inputs), layout, seeds)
    dropped = keras.layers.Dropout(layout.dropout, seed=next(seeds))(features)
    initial = keras.initializers.GlorotUniform(next(seeds))
    logits = keras.layers.Dense(layout.n_classes, kernel_initializer=initial, name="logits")(
        dropped
    )
    return keras.Model(inputs, logits, name=layout.architecture)


def check_shape(architecture: str, shape: tuple[int, ...]) -> None:
    """Raise a `SpecError` where an architecture does not take rows of a shape."""
    axes, _ = ARCHITECTURES[architecture]
    if len(shape) not in axes:
        raise SpecError(
            f"The classifier '{architecture}' takes {_inputs_of(axes)}; got rows of shape {shape}"
        )


def _inputs_of(axes: tuple[int, ...]) -> str:
    names = {1: "waveforms (n, samples)", 2: "transforms (n, bands, frames)"}
    return " or ".join(names[number] for number in axes)


def _standardised(inputs: "KerasTensor") -> "KerasTensor":
    """Standardise by band, or as a whole, with constants that are set as weights.

    A frozen batch normalisation does just that.
    """
    layers = import_keras().layers
    keys = {"center": False, "scale": False, "epsilon": 0.0, "trainable": False}
    normalise = layers.BatchNormalization(
        axis=1 if len(inputs.shape) == 3 else -1, name=STANDARDISED, **keys
    )
    if len(inputs.shape) == 3:
        return normalise(inputs)
    return normalise(layers.Reshape((inputs.shape[1], 1), name="samples")(inputs))


def _cnn_1d(rows: "KerasTensor", layout: Layout, seeds: Iterator[int]) -> "KerasTensor":
    layers = import_keras().layers
    over_time = _time_first(rows, layout)
    is_waveform = len(layout.shape) == 1
    for number in range(layout.depth):
        channels = layout.width * 2**number
        # strides shorten a waveform, pooling the frames of a transform
        if is_waveform:
            size, stride = FRONT[min(number, len(FRONT) - 1)]
            over_time = _convolution_1d(over_time, channels, size, stride, None, seeds)
        else:
            over_time = _convolution_1d(over_time, channels, 5, 1, 2, seeds)
    mean = layers.GlobalAveragePooling1D(name="mean")(over_time)
    return layers.Concatenate()([mean, layers.GlobalMaxPooling1D(name="max")(over_time)])


def _cnn_2d(rows: "KerasTensor", layout: Layout, seeds: Iterator[int]) -> "KerasTensor":
    """Convolve over bands and frames; the mean over time keeps the bands apart."""
    layers = import_keras().layers
    image = layers.Reshape((*layout.shape, 1), name="image")(rows)
    for number in range(layout.depth):
        size, stride = (5, 2) if number == 0 else (3, 1)
        initial = import_keras().initializers.HeNormal(next(seeds))
        channels = layout.width * 2**number
        image = layers.Conv2D(channels, size, stride, padding="same", kernel_initializer=initial)(
            image
        )
        image = _active(layers.MaxPooling2D(2, padding="same")(image))
    bands = layers.Permute((2, 1, 3), name="time_first")(image)
    by_frame = layers.Reshape((bands.shape[1], bands.shape[2] * bands.shape[3]))(bands)
    return layers.GlobalAveragePooling1D(name="mean")(by_frame)


def _lstm(rows: "KerasTensor", layout: Layout, seeds: Iterator[int]) -> "KerasTensor":
    over_time = _time_first(rows, layout)
    if len(layout.shape) == 1:
        for number, (size, stride) in enumerate(LSTM_FRONT):
            over_time = _convolution_1d(over_time, 16 * 2**number, size, stride, None, seeds)
    states = lstm(over_time, layout.width, next(seeds), next(seeds))
    return pooled(states, layout.pooling)


def _time_first(rows: "KerasTensor", layout: Layout) -> "KerasTensor":
    """Turn (bands, frames) to (frames, bands): axis 1 is time in what Keras does over time."""
    if len(layout.shape) == 1:
        return rows
    return import_keras().layers.Permute((2, 1), name="time_first")(rows)


def _convolution_1d(
    x: "KerasTensor", channels: int, size: int, stride: int, pool: int | None, seeds: Iterator[int]
) -> "KerasTensor":
    keras = import_keras()
    initial = keras.initializers.HeNormal(next(seeds))
    keys = {"padding": "same", "kernel_initializer": initial}
    x = keras.layers.Conv1D(channels, size, stride, **keys)(x)
    return _active(x if pool is None else keras.layers.MaxPooling1D(pool, padding="same")(x))


def _active(x: "KerasTensor") -> "KerasTensor":
    """Normalise, then ReLU: after the pooling, where there are fewer values to do it for."""
    layers = import_keras().layers
    return layers.ReLU()(layers.GroupNormalization(1)(x))


def _layer(rows: "KerasTensor", layout: Layout, seeds: Iterator[int]) -> "KerasTensor":
    """Do nothing: a frozen encoder has done all but the classification."""
    return import_keras().layers.Flatten(name="features")(rows)


Body = Callable[["KerasTensor", Layout, Iterator[int]], "KerasTensor"]
#: Numbers of axes of a row that each takes, and what it does between standardising and classifying.
ARCHITECTURES: dict[str, tuple[tuple[int, ...], Body]] = {
    "cnn_1d": ((1, 2), _cnn_1d),
    "cnn_2d": ((2,), _cnn_2d),
    "lstm_network": ((1, 2), _lstm),
    "encoder_classifier": ((2,), _layer),
}
