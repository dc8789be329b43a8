"""HEAR module of an LSTM over MFCC: its hidden states, and their mean or the last one.

In: `lstm.keras`, a Keras model from (n, frames, coefficients) to (n, frames, units) that scales its
input itself, and TensorFlow tensors of audio at 22.05 kHz. Out: embeddings.
"""

from typing import Any, Literal

import numpy as np

from semisup.errors import SemisupError, SpecError
from semisup.hear._module import encoded, read_network, rows_of, tensor, with_timestamps, wrap
from semisup.mfcc import BANDS, HOP_LENGTH, mfcc

SAMPLE_RATE = 22050
#: Frames in one forward pass, of as many sounds as that holds, one at least.
FRAMES = 32768
Scene = Literal["mean", "last"]


def load_model(model_file_path: str = "", scene: Scene = "mean") -> Any:
    """Read an LSTM, ``lstm.keras``.

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
    network = read_network(model_file_path, __name__, "lstm.keras")
    coefficients, units = _sizes(network, model_file_path)
    own = {"network": network, "coefficients": coefficients, "scene": scene}
    return wrap("semisup_lstm", SAMPLE_RATE, units, units, **own)


def get_timestamp_embeddings(audio: Any, model: Any) -> tuple[Any, Any]:
    """Return the hidden states after frames 23 ms apart.

    Parameters
    ----------
    audio : tf.Tensor of shape (n_sounds, n_samples)
        In [-1, 1], at 22.05 kHz.
    model : tf.Module
        As `load_model` gives it.

    Returns
    -------
    embeddings : tf.Tensor of shape (n_sounds, n_timestamps, units), float32
    timestamps : tf.Tensor of shape (n_sounds, n_timestamps), float32
        Centres of the frames in milliseconds.
    """
    return with_timestamps(_states(audio, model), HOP_LENGTH / SAMPLE_RATE)


def get_scene_embeddings(audio: Any, model: Any) -> Any:
    """Return the mean or the last of a sound's hidden states, (n_sounds, units), float32."""
    states = _states(audio, model)
    return tensor(states[:, -1] if model.scene == "last" else states.mean(axis=1, dtype=float))


def _states(audio: Any, model: Any) -> np.ndarray:
    """Return the hidden states, (n_sounds, n_frames, units)."""
    rows = rows_of(audio)
    n_frames = 1 + rows.shape[1] // HOP_LENGTH
    stream = (mfcc(row, SAMPLE_RATE, model.coefficients) for row in rows)
    return encoded(model.network, stream, max(1, FRAMES // n_frames))


def _sizes(network: Any, path: str) -> tuple[int, int]:
    """Return how many coefficients go in and how many units come out."""
    given, made = network.input_shape[1:], network.output_shape[1:]
    fits = len(given) == len(made) == 2 and given[0] is None and given[1] in range(1, BANDS + 1)
    if not fits:
        raise SemisupError(
            f"{path} is not an LSTM over MFCC: it maps {given} to {made}, not "
            f"(any frames, 1 to {BANDS} coefficients) to (frames, units)"
        )
    return int(given[1]), int(made[1])
