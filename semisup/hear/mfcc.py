"""HEAR module of 64 MFCC: those of a frame are a timestamp's embedding, their mean a scene's.

In: TensorFlow tensors of audio at 22.05 kHz. Out: embeddings; there is nothing to load.
"""

from typing import Any

import numpy as np

from semisup.hear.serving import rows_of, tensor, with_timestamps, wrap
from semisup.signals.mfcc import HOP_LENGTH, mfcc

SAMPLE_RATE = 22050
COEFFICIENTS = 64


def load_model(model_file_path: str = "") -> Any:
    """Return the module; no file is read."""
    return wrap("semisup_mfcc", SAMPLE_RATE, COEFFICIENTS, COEFFICIENTS)


def get_timestamp_embeddings(audio: Any, model: Any) -> tuple[Any, Any]:
    """Return the coefficients of frames 23 ms apart.

    Parameters
    ----------
    audio : tf.Tensor of shape (n_sounds, n_samples)
        In [-1, 1], at 22.05 kHz.
    model : tf.Module
        As `load_model` gives it.

    Returns
    -------
    embeddings : tf.Tensor of shape (n_sounds, n_timestamps, 64), float32
    timestamps : tf.Tensor of shape (n_sounds, n_timestamps), float32
        Centres of the frames in milliseconds.
    """
    frames = [mfcc(row, SAMPLE_RATE, COEFFICIENTS) for row in rows_of(audio)]
    return with_timestamps(np.stack(frames), HOP_LENGTH / SAMPLE_RATE)


def get_scene_embeddings(audio: Any, model: Any) -> Any:
    """Return the mean over time of a sound's coefficients, (n_sounds, 64), float32."""
    frames = (mfcc(row, SAMPLE_RATE, COEFFICIENTS) for row in rows_of(audio))
    # one sound at a time: the frames of all would take far more memory than their means
    return tensor(np.stack([coefficients.mean(axis=0, dtype=float) for coefficients in frames]))
