"""HEAR module of an LSTM over MFCC: its hidden states, and their mean or the last one.

In: ``encoder.keras`` of a representation of kind `lstm`, a Keras model from (n, frames,
coefficients) to (n, frames, units) that scales its input itself, and TensorFlow tensors of audio.
Its name says sample rate and hop, 22.05 kHz and 512 samples if it does not. Out: embeddings.
"""

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from semisup.errors import SemisupError, SpecError
from semisup.hear.foreign import SAMPLE_RATES
from semisup.hear.serving import encoded, read_network, rows_of, tensor, with_timestamps, wrap
from semisup.signals.mfcc import BANDS, HOP_LENGTH, mfcc

if TYPE_CHECKING:
    from keras import Model

SAMPLE_RATE = 22050
#: Name of a model that says what it was trained on.
_NAME = re.compile(r"lstm_(\d+)_hz_hop_(\d+)")
#: Frames in one forward pass, of as many sounds as that holds, one at least.
FRAMES = 32768
Scene = Literal["mean", "last"]


def load_model(model_file_path: str = "", scene: Scene = "mean") -> Any:
    """Read an LSTM, ``encoder.keras`` of a representation of kind `lstm`.

    Parameters
    ----------
    model_file_path : str
        The model.
    scene : {"mean", "last"}
        What a scene embedding is: the mean of the hidden states, or the last.

    Raises
    ------
    SemisupError
        If no file is named, or it is not a model from MFCC to hidden states.
    """
    if scene not in ("mean", "last"):
        raise SpecError(f"scene must be 'mean' or 'last', got {scene!r}")
    network = read_network(model_file_path, __name__, "encoder.keras")
    coefficients, units = _sizes(network, model_file_path)
    named = _NAME.fullmatch(network.name)
    sample_rate, hop = (int(named[1]), int(named[2])) if named else (SAMPLE_RATE, HOP_LENGTH)
    if sample_rate not in SAMPLE_RATES:
        raise SemisupError(
            f"{model_file_path} is an LSTM over audio at {sample_rate} Hz; HEAR knows "
            f"{', '.join(map(str, SAMPLE_RATES))} Hz"
        )
    return wrap(
        "semisup_lstm",
        sample_rate,
        units,
        units,
        network=network,
        coefficients=coefficients,
        scene=scene,
        hop_length=hop,
    )


def get_timestamp_embeddings(audio: Any, model: Any) -> tuple[Any, Any]:
    """Return the hidden states after each frame, 23 ms apart unless the model is of another hop.

    Parameters
    ----------
    audio : tf.Tensor of shape (n_sounds, n_samples)
        In [-1, 1], at the model's sample rate.
    model : tf.Module
        As `load_model` gives it.

    Returns
    -------
    embeddings : tf.Tensor of shape (n_sounds, n_timestamps, units), float32
    timestamps : tf.Tensor of shape (n_sounds, n_timestamps), float32
        Centres of the frames in milliseconds.
    """
    return with_timestamps(_states(audio, model), model.hop_length / model.sample_rate)


def get_scene_embeddings(audio: Any, model: Any) -> Any:
    """Return the mean or the last of a sound's hidden states, (n_sounds, units), float32."""
    states = _states(audio, model)
    # summed in float64, as a long sound has very many states
    return tensor(states[:, -1] if model.scene == "last" else states.mean(axis=1, dtype=float))


def _states(audio: Any, model: Any) -> np.ndarray:
    """Return the hidden states, (n_sounds, n_frames, units)."""
    rows = rows_of(audio)
    hop, rate = model.hop_length, model.sample_rate
    n_frames = 1 + rows.shape[1] // hop
    stream = (mfcc(row, rate, model.coefficients, hop_length=hop) for row in rows)
    return encoded(model.network, stream, max(1, FRAMES // n_frames))


def _sizes(network: "Model", path: str) -> tuple[int, int]:
    """Return how many coefficients go in and how many units come out."""
    inputs, outputs = network.input_shape[1:], network.output_shape[1:]
    two_axes = len(inputs) == len(outputs) == 2
    if not two_axes or inputs[0] is not None or inputs[1] not in range(1, BANDS + 1):
        raise SemisupError(
            f"{path} is not an LSTM over MFCC: it maps {inputs} to {outputs}, not "
            f"(any frames, 1 to {BANDS} coefficients) to (frames, units)"
        )
    return int(inputs[1]), int(outputs[1])
