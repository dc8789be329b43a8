"""HEAR module of Google's speech embedding: what is said, in 96 numbers a window of 0.78 s.

In: TensorFlow tensors of audio at 16 kHz. Out: embeddings of windows, or their mean over a sound.
The network [1]_, trained to spot words, and its mel spectrogram are ONNX files of the package
`openwakeword` [2]_, version 0.4; the package itself is not imported.

References
----------
.. [1] J. Lin et al., "Training Keyword Spotters with Limited and Synthesized Speech Data", ICASSP
   2020. https://doi.org/10.1109/ICASSP40776.2020.9053193
.. [2] https://github.com/dscripka/openWakeWord
"""

from typing import Any

import numpy as np

from semisup.hear.packaged import Packaged
from semisup.hear.serving import blocks, rows_of, tensor, with_timestamps, wrap

PACKAGED = Packaged(
    "openwakeword",
    ("resources/models/melspectrogram.onnx", "resources/models/embedding_model.onnx"),
    "onnxruntime",
    "pip install 'semisup[speech-embedding]'",
)
SAMPLE_RATE, SIZE = 16000, 96
#: Of the mel spectrogram, in samples.
FRAME, HOP = 512, 160
#: Frames of a window, and between two windows of a sound: 80 ms.
WINDOW, STEP = 76, 8
WINDOW_SAMPLES = FRAME + (WINDOW - 1) * HOP
#: Frames between two timestamps: 40 ms, as HEAR wants 50 at most.
TIMESTAMP_STEP = 4
#: Windows that the network takes at once.
BATCH = 64


def load_model(model_file_path: str = "") -> Any:
    """Return the two networks of the package.

    Raises
    ------
    SemisupError
        If the package or ONNX Runtime is not installed, or weights are named.
    """
    paths = PACKAGED.checked_paths(__name__, model_file_path)
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    # threads that wait busily would slow down whatever else runs
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    mel, embedding = (
        InferenceSession(str(path), options, providers=["CPUExecutionProvider"]) for path in paths
    )
    return wrap("semisup_speech_embedding", SAMPLE_RATE, SIZE, SIZE, mel=mel, embedding=embedding)


def get_scene_embeddings(audio: Any, model: Any) -> Any:
    """Return the mean embedding of the windows that lie in a sound, 80 ms apart.

    Parameters
    ----------
    audio : tf.Tensor of shape (n_sounds, n_samples)
        In [-1, 1], at 16 kHz; shorter than a window it is padded with zeros.
    model : tf.Module
        As `load_model` gives it.

    Returns
    -------
    tf.Tensor of shape (n_sounds, 96), float32
    """
    rows = rows_of(audio)
    padded = np.pad(rows, ((0, 0), (0, max(0, WINDOW_SAMPLES - rows.shape[1]))))
    means = [_embeddings(row, STEP, model).mean(axis=0, dtype=float) for row in padded]
    return tensor(np.stack(means))


def get_timestamp_embeddings(audio: Any, model: Any) -> tuple[Any, Any]:
    """Return an embedding every 40 ms, of the window centred there; zeros surround the sound.

    Parameters
    ----------
    audio, model
        As in `get_scene_embeddings`.

    Returns
    -------
    embeddings : tf.Tensor of shape (n_sounds, n_timestamps, 96), float32
    timestamps : tf.Tensor of shape (n_sounds, n_timestamps), float32
        Centres of the windows in milliseconds.
    """
    half = WINDOW_SAMPLES // 2
    padded = np.pad(rows_of(audio), ((0, 0), (half, half)))
    embeddings = [_embeddings(row, TIMESTAMP_STEP, model) for row in padded]
    return with_timestamps(np.stack(embeddings), TIMESTAMP_STEP * HOP / SAMPLE_RATE)


def _embeddings(row: np.ndarray, step: int, model: Any) -> np.ndarray:
    """Return the embeddings of a sound's windows, (n_windows, 96)."""
    # the networks were made for samples of 16 bits
    samples = np.clip(np.round(32768 * row), -32768, 32767).astype(np.float32)
    decibels = model.mel.run(None, {"input": samples[None]})[0].reshape(-1, 32)
    # the package's fit of these mel spectrograms to those that the network was trained on
    mel = decibels / 10 + 2
    starts = range(0, len(mel) - WINDOW + 1, step)
    windows = (mel[start : start + WINDOW, :, None] for start in starts)
    outputs = [model.embedding.run(None, {"input_1": block})[0] for block in blocks(windows, BATCH)]
    return np.concatenate(outputs).reshape(-1, SIZE)
