"""HEAR module of an encoder that a study trained: codes of its chunks as embeddings.

In: `encoder.keras` of a representation of kind autoencoder, and TensorFlow tensors of audio. Out:
a code every 50 ms, or the mean code of the chunks that cover a sound.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from semisup.errors import SemisupError
from semisup.hear.foreign import SAMPLE_RATES
from semisup.hear.serving import (
    encoded,
    read_network,
    rows_of,
    tensor,
    with_timestamps,
    wrap,
)
from semisup.signals.chunk_spectrogram import spectrogram, spectrograms
from semisup.signals.framing import FRAME_SECONDS
from semisup.signals.handcrafted_filters import frame_length
from semisup.study.spec import ChunkSpec

if TYPE_CHECKING:
    from keras import Model


def load_model(model_file_path: str = "") -> Any:
    """Read an encoder, ``encoder.keras``.

    The chunks that it was trained on follow from its input: twice as many samples a frame of 50 ms
    as bins, one frame more than it sees. Audio is resampled to their rate.

    Raises
    ------
    SemisupError
        If no file is named, or it is not an encoder of spectrograms.
    """
    network = read_network(model_file_path, __name__, "encoder.keras")
    spec = _chunks(network, model_file_path)
    size = int(network.output_shape[-1])
    # the lowest rate that HEAR allows and that holds all that the encoder hears
    rate = next(rate for rate in SAMPLE_RATES if rate >= spec.sample_rate)
    return wrap("semisup_encoder", rate, size, size, network=network, chunks=spec)


def get_timestamp_embeddings(audio: Any, model: Any) -> tuple[Any, Any]:
    """Return a code every 50 ms, of the chunk centred there; zeros surround the sound.

    Parameters
    ----------
    audio : tf.Tensor of shape (n_sounds, n_samples)
        In [-1, 1], at ``model.sample_rate``.
    model : tf.Module
        As `load_model` gives it.

    Returns
    -------
    embeddings : tf.Tensor of shape (n_sounds, n_timestamps, latent_dim), float32
    timestamps : tf.Tensor of shape (n_sounds, n_timestamps), float32
        Centres of the chunks in milliseconds.
    """
    rows = rows_of(audio)
    # whole numbers: 50 ms are 1102.5 samples at 22.05 kHz
    count = 1 + round(1 / FRAME_SECONDS) * rows.shape[1] // model.sample_rate
    signals = _resampled(rows, model)
    stream = (chunk for signal in signals for chunk in _centred(signal, model.chunks, count))
    codes = encoded(model.network, stream)
    return with_timestamps(codes.reshape(len(rows), count, -1), FRAME_SECONDS)


def get_scene_embeddings(audio: Any, model: Any) -> Any:
    """Return the mean code of the chunks that cover a sound, (n_sounds, latent_dim), float32."""
    rows = rows_of(audio)
    stream = (
        chunk for signal in _resampled(rows, model) for chunk in spectrograms(signal, model.chunks)
    )
    codes = encoded(model.network, stream)
    return tensor(codes.reshape(len(rows), -1, codes.shape[-1]).mean(axis=1, dtype=float))


def _centred(signal: np.ndarray, spec: ChunkSpec, count: int) -> Iterator[np.ndarray]:
    """Yield the spectrograms of chunks centred on every frame's first sample."""
    hop, length = frame_length(spec.sample_rate), spec.chunk_samples
    padded = np.zeros(max((count - 1) * hop + length, length // 2 + signal.size))
    padded[length // 2 : length // 2 + signal.size] = signal
    for start in range(0, count * hop, hop):
        yield spectrogram(padded[start : start + length], spec.sample_rate)


def _resampled(rows: np.ndarray, model: Any) -> Iterator[np.ndarray]:
    import soxr

    for row in rows:
        yield soxr.resample(row, model.sample_rate, model.chunks.sample_rate)


def _chunks(network: "Model", path: str) -> ChunkSpec:
    shape, codes = network.input_shape[1:], network.output_shape[1:]
    if len(shape) != 2 or len(codes) != 1 or not all(shape):
        raise SemisupError(
            f"{path} is not an encoder of spectrograms: it maps {shape} to {codes}, not "
            "(frames, bins) to (codes,)"
        )
    frames, bins = shape
    # half a frame's samples are bins, and the chunk's first frame is skipped
    rate = round(2 * bins / FRAME_SECONDS)
    samples = (frames + 1) * frame_length(rate)
    return ChunkSpec(sample_rate=rate, chunk_samples=samples, short="pad", tail="cover")
