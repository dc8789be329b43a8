"""Keras layers whose initial weights are drawn by a seed: dense ones, and an LSTM with pooling."""

from typing import TYPE_CHECKING, Literal

from semisup.networks.backend import import_keras

if TYPE_CHECKING:
    from keras import KerasTensor, Layer

Pooling = Literal["last", "mean", "attention"]
#: Name of the layer whose outputs are an LSTM's states, (n, time, units).
STATES = "states"
#: Name of the layer that gives each state its weight, (n, time, 1).
WEIGHTS = "frame_weights"


def dense(units: int, seed: int, name: str, activation: str | None = None) -> "Layer":
    """Return a dense layer."""
    keras = import_keras()
    initial = keras.initializers.GlorotUniform(seed=seed)
    return keras.layers.Dense(units, activation, kernel_initializer=initial, name=name)


def lstm(
    over_time: "KerasTensor", units: int, kernel_seed: int, recurrent_seed: int
) -> "KerasTensor":
    """Return the hidden states of an LSTM over axis 1.

    Parameters
    ----------
    over_time : KerasTensor of shape (n, time, channels)
    units : int
        Size of a hidden state.
    kernel_seed, recurrent_seed : int
        Of the weights of the input, and of those of the previous state.

    Returns
    -------
    KerasTensor of shape (n, time, units)

    References
    ----------
    S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997.
    https://doi.org/10.1162/neco.1997.9.8.1735
    """
    keras = import_keras()
    return keras.layers.LSTM(
        units,
        return_sequences=True,
        kernel_initializer=keras.initializers.GlorotUniform(kernel_seed),
        recurrent_initializer=keras.initializers.Orthogonal(seed=recurrent_seed),
        name=STATES,
    )(over_time)


def pooled(states: "KerasTensor", pooling: Pooling, seed: int = 0) -> "KerasTensor":
    """Return one state for all states of a row.

    Parameters
    ----------
    states : KerasTensor of shape (n, time, units)
    pooling : {"last", "mean", "attention"}
        The last state, the mean of the states, or their mean weighted by a softmax over time of
        learned scores.
    seed : int
        Of the weights of these scores.

    Returns
    -------
    KerasTensor of shape (n, units)
    """
    layers = import_keras().layers
    if pooling == "last":
        return states[:, -1]
    if pooling == "mean":
        return layers.GlobalAveragePooling1D(name="mean")(states)
    scores = dense(1, seed, "frame_scores")(states)
    weights = layers.Softmax(axis=1, name=WEIGHTS)(scores)
    return layers.Flatten(name="attention")(layers.Dot(axes=1)([weights, states]))
