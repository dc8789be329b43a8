"""HEAR module of Resemblyzer's speaker encoder: who speaks, 256 numbers a recording.

In: PyTorch tensors of audio at 16 kHz. Out: embeddings of length 1, of a whole sound or of 1.6 s
every 50 ms. The network [1]_ [2]_ and its weights are those of the package `resemblyzer`, of which
only the file of weights is used: its trimming of silence needs a library that must be compiled.

References
----------
.. [1] L. Wan et al., "Generalized End-to-End Loss for Speaker Verification", ICASSP 2018.
   https://doi.org/10.1109/ICASSP.2018.8462665
.. [2] https://github.com/resemble-ai/Resemblyzer
"""

from typing import Any

import numpy as np

from semisup.hear.packaged import Packaged
from semisup.hear.serving import blocks, rows_of
from semisup.signals.mfcc import mel_spectrogram

PACKAGED = Packaged(
    "resemblyzer",
    ("pretrained.pt",),
    "torch",
    "pip install torch && pip install --no-deps resemblyzer",
)
SAMPLE_RATE = 16000
#: Of the network; its last layer has as many units as the LSTM's.
BANDS, UNITS, LAYERS = 40, 256, 3
#: Of the mel spectrogram, in samples.
FRAME, HOP = 400, 160
#: Frames of a window, and between two windows of an utterance: 1.3 windows a second.
WINDOW, STEP = 160, 77
#: A last window that is not full counts, padded with zeros, if it is as full as this.
COVERAGE = 0.75
#: Frames between two timestamps.
TIMESTAMP_STEP = 5
#: Windows that the network takes at once.
BATCH = 64
#: Quieter sounds are made as loud as this, by their root mean square.
LOUDNESS = 10 ** (-30 / 20)


def load_model(model_file_path: str = "") -> Any:
    """Return the network with the package's weights.

    Raises
    ------
    SemisupError
        If the package or PyTorch is not installed, or weights are named.
    """
    [path] = PACKAGED.checked_paths(__name__, model_file_path)
    import torch

    network: Any = torch.nn.ModuleDict(
        {
            "lstm": torch.nn.LSTM(BANDS, UNITS, LAYERS, batch_first=True),
            "linear": torch.nn.Linear(UNITS, UNITS),
        }
    )
    state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
    network.load_state_dict({key: state[key] for key in network.state_dict()})
    network.sample_rate = SAMPLE_RATE
    network.scene_embedding_size = network.timestamp_embedding_size = UNITS
    return network.eval()


def get_scene_embeddings(audio: Any, model: Any) -> Any:
    """Return an embedding a sound: of its windows of 1.6 s the mean, its length made 1 again.

    Parameters
    ----------
    audio : torch.Tensor of shape (n_sounds, n_samples)
        In [-1, 1], at 16 kHz.
    model : torch.nn.Module
        As `load_model` gives it.

    Returns
    -------
    torch.Tensor of shape (n_sounds, 256), float32
    """
    from torch.nn.functional import normalize

    starts = _window_starts(audio.shape[1])
    samples = max(audio.shape[1], (starts[-1] + WINDOW) * HOP)
    embeddings = _embeddings(_loud_rows(audio), (0, samples - audio.shape[1]), starts, model)
    return normalize(embeddings.mean(dim=1), dim=1)


def get_timestamp_embeddings(audio: Any, model: Any) -> tuple[Any, Any]:
    """Return an embedding every 50 ms, of the window centred there; zeros surround the sound.

    Parameters
    ----------
    audio, model
        As in `get_scene_embeddings`.

    Returns
    -------
    embeddings : torch.Tensor of shape (n_sounds, n_timestamps, 256), float32
    timestamps : torch.Tensor of shape (n_sounds, n_timestamps), float32
        Centres of the windows in milliseconds.
    """
    import torch

    starts = [*range(0, audio.shape[1] // HOP + 1, TIMESTAMP_STEP)]
    half = WINDOW * HOP // 2
    embeddings = _embeddings(_loud_rows(audio), (half, half), starts, model)
    milliseconds = torch.tensor(starts, dtype=torch.float32) * (1000 * HOP / SAMPLE_RATE)
    return embeddings, milliseconds.repeat(len(audio), 1)


def _window_starts(n_samples: int) -> list[int]:
    """Return the first frame of each window of an utterance, as the package places them."""
    frames = -(-(n_samples + 1) // HOP)
    starts = [*range(0, max(1, frames - WINDOW + STEP + 1), STEP)]
    full = (n_samples / HOP - starts[-1]) / WINDOW
    return starts[:-1] if len(starts) > 1 and full < COVERAGE else starts


def _loud_rows(audio: Any) -> np.ndarray:
    rows = rows_of(audio.cpu())
    loudness = np.sqrt((rows**2).mean(axis=1, keepdims=True))
    # silence stays silence
    return rows * np.maximum(1, LOUDNESS / np.where(loudness > 0, loudness, LOUDNESS))


def _embeddings(rows: np.ndarray, padding: tuple[int, int], starts: list[int], model: Any) -> Any:
    """Return the embedding of each window of each row, (n_sounds, n_windows, 256)."""
    import torch
    from threadpoolctl import threadpool_limits
    from torch.nn.functional import normalize, relu

    mels = (mel_spectrogram(np.pad(row, padding), SAMPLE_RATE, BANDS, FRAME, HOP) for row in rows)
    windows = (mel[start : start + WINDOW] for mel in mels for start in starts)
    device = next(model.parameters()).device
    embeddings = []
    # its steps are so small that threads would wait for each other most of the time
    with threadpool_limits(1):
        for block in blocks(windows, BATCH):
            _, (states, _) = model["lstm"](torch.from_numpy(block).to(device))
            embeddings.append(normalize(relu(model["linear"](states[-1])), dim=1))
    return torch.cat(embeddings).reshape(len(rows), len(starts), UNITS)
