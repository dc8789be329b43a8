"""Descriptors of whole recordings: audio in, one row of numbers a recording out, no label needed.

Blocks of descriptors: `logmel`, 576 statistics of the log-mel spectrogram (64 bands x 9);
`prosody`, 52 statistics of pitch, level, tilt and pace; `contours`, mean and deviation over time of
the 66 contours that small networks read; `spectra`, mean and deviation over time of the log
magnitude of each bin, every 50 ms.
"""

from functools import cache, partial
from typing import Literal

import numpy as np
import pandas as pd

from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.networks.scaling import FLOOR
from semisup.representations._contours import contours_of, mean_and_deviation
from semisup.signals.chunk_spectrogram import chunk_shape, whole_spectrogram
from semisup.signals.log_mel import (
    BANDS,
    log_mel,
    mel_filters,
    speech_frames,
    statistics,
    statistics_names,
)
from semisup.signals.prosody import PROSODY_NAMES, prosody
from semisup.study.spec import ChunkSpec

Block = Literal["logmel", "prosody", "contours", "spectra"]
Frames = Literal["all", "speech"]
_NAMES: dict[str, list[str]] = {
    "logmel": statistics_names([f"band{number:02d}" for number in range(BANDS)]),
    "prosody": list(PROSODY_NAMES),
    "contours": [
        f"{name}_{statistic}"
        for statistic in ("mean", "deviation")
        for name in [*(f"band{number:02d}" for number in range(BANDS)), "pitch", "voicing"]
    ],
}


def names_of(block: Block, sample_rate: int) -> list[str]:
    """Return the names of a block's descriptors.

    Examples
    --------
    >>> len(names_of("logmel", 8000)), names_of("spectra", 8000)[:2]
    (576, ['bin000_mean', 'bin001_mean'])
    """
    if block != "spectra":
        return _NAMES[block]
    bins = [f"bin{number:03d}" for number in range(chunk_shape(sample_rate, sample_rate)[1])]
    return [f"{name}_{statistic}" for statistic in ("mean", "deviation") for name in bins]


def misfits_of(blocks: tuple[Block, ...], chunks: ChunkSpec) -> list[str]:
    """Return why a block can't be made at the study's sample rate, if so."""
    return log_mel_misfits(chunks) if set(blocks) - {"spectra"} else []


def log_mel_misfits(chunks: ChunkSpec) -> list[str]:
    """Return why there is no log-mel spectrogram at the study's sample rate, if so."""
    try:
        mel_filters(chunks.sample_rate)
    except SpecError as error:
        return [str(error)]
    return []


def describe(
    inputs: Inputs, recordings: pd.DataFrame, blocks: tuple[Block, ...], frames: Frames
) -> np.ndarray:
    """Compute the descriptors of recordings, in parallel.

    Parameters
    ----------
    inputs : Inputs
        For its sample rate, workers and folder of parts.
    recordings : DataFrame
        Some rows of ``inputs.recordings``.
    blocks : tuple of str
        Which descriptors, in this order.
    frames : {"all", "speech"}
        Whether log-mel statistics take in pauses.

    Returns
    -------
    ndarray of shape (n, n_descriptors), float64
        In the order of the recordings; columns are named by `names_of`.
    """
    values_of = partial(described, blocks=blocks, frames=frames)
    label = f"descriptors of {inputs.name}"
    values = inputs.of_signals(values_of, recordings, inputs.sample_rate, label)
    # not np.stack, which needs one recording at least
    count = sum(len(names_of(block, inputs.sample_rate)) for block in blocks)
    return np.reshape(values, (len(recordings), count))


def described(
    signal: np.ndarray, sample_rate: int, blocks: tuple[Block, ...], frames: Frames
) -> np.ndarray:
    """Compute the descriptors of one signal; see `describe`."""
    power = cache(partial(log_mel, signal, sample_rate))

    def chosen() -> np.ndarray:
        return power()[speech_frames(power())] if frames == "speech" else power()

    # prosody and contours get all frames: the share of voiced ones is among their numbers
    compute = {
        "logmel": lambda: statistics(chosen()),
        "prosody": lambda: prosody(signal, sample_rate, power()),
        "contours": lambda: mean_and_deviation(contours_of(signal, sample_rate)),
        "spectra": lambda: mean_and_deviation(
            np.log10(whole_spectrogram(signal, sample_rate) + FLOOR)
        ),
    }
    return np.concatenate([compute[block]() for block in blocks])
