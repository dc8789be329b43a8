"""An LSTM over frames: standardised frames in, hidden states and scores of the classes out.

Axis 1 is time in everything that goes in and comes out.
"""

from typing import TYPE_CHECKING

import numpy as np

from semisup.networks.backend import import_keras
from semisup.networks.scaling import Moments, varying
from semisup.networks.seeded_layers import Pooling, dense, lstm, pooled

if TYPE_CHECKING:
    from keras import KerasTensor, Model

#: Names of the network's outputs; "attention" only where it pools by attention.
STATES, ATTENTION, LOGITS = "timestamps", "attention", "logits"
#: Frames in one forward pass, of as many recordings as that holds, one at least.
FRAMES = 32768


def frame_moments(frames: np.ndarray) -> Moments:
    """Measure the coefficients of frames (n, n_frames, coefficients)."""
    mean = frames.mean(axis=(0, 1), dtype=float)
    return Moments(mean, varying(np.square(frames - mean).mean(axis=(0, 1))))


def build_network(
    inputs: "KerasTensor",
    units: int,
    pooling: Pooling,
    n_classes: int,
    seed: int = 0,
    scaling: Moments | None = None,
) -> "Model":
    """Build an LSTM and a linear classifier on what is pooled of its hidden states.

    Parameters
    ----------
    inputs : KerasTensor of shape (n, n_frames, coefficients)
        What goes in; n and n_frames may be unknown.
    units : int
        Size of a hidden state.
    pooling : {"last", "mean", "attention"}
        See `semisup.networks.seeded_layers.pooled`.
    n_classes : int
    seed : int
        Of the initial weights.
    scaling : Moments, optional
        That the network does itself; it has the same weights without.

    Returns
    -------
    keras.Model
        To a dict: "timestamps" (n, n_frames, units), "logits" (n, n_classes), and "attention"
        (n, units) where it pools by it.
    """
    keras = import_keras()
    # one a layer's weights, drawn together: the classifier's do not depend on how states are pooled
    seeds = [int(state) for state in np.random.SeedSequence(seed).generate_state(4)]
    frames = inputs
    if scaling is not None:
        frames = keras.layers.Normalization(**scaling._asdict(), name="scaled")(frames)
    states = lstm(frames, units, seeds[0], seeds[1])
    state = pooled(states, pooling, seeds[2])
    outputs = {STATES: states, LOGITS: dense(n_classes, seeds[3], LOGITS)(state)}
    if pooling == "attention":
        outputs[ATTENTION] = state
    return keras.Model(inputs, outputs, name="lstm")


def part_of(network: "Model", output: str, name: str | None = None) -> "Model":
    """Return the network with one of its outputs alone, sharing its layers."""
    return import_keras().Model(network.input, network.output[output], name=name or output)


def encode_frames(network: "Model", frames: np.ndarray) -> dict[str, np.ndarray]:
    """Run recordings through the network.

    Parameters
    ----------
    network : keras.Model
        As `build_network` gives it.
    frames : ndarray of shape (n, n_frames, coefficients)

    Returns
    -------
    dict of ndarray, float32
        All hidden states side by side as "timestamps" (n, n_frames * units), the "last" and the
        "mean" one (n, units), and the network's other outputs.
    """
    size = max(1, FRAMES // frames.shape[1])
    # one pass even over no recordings: it tells the shapes of the outputs
    starts = range(0, max(len(frames), 1), size)
    passes = [_encode_batch(network, frames[start : start + size]) for start in starts]
    return {name: np.concatenate([outputs[name] for outputs in passes]) for name in passes[0]}


def _encode_batch(network: "Model", frames: np.ndarray) -> dict[str, np.ndarray]:
    outputs = network.predict_on_batch(frames)
    states = outputs.pop(STATES)
    scenes = {"last": states[:, -1], "mean": states.mean(axis=1, dtype=float)}
    flat = states.reshape(len(states), states.shape[1] * states.shape[2])
    embeddings = {STATES: flat, **scenes, **outputs}
    return {name: values.astype(np.float32, copy=False) for name, values in embeddings.items()}
