"""Rows of recordings by an encoder of waveforms: resumable, and with bounded memory."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.encoders.contract import WaveformEncoder
from semisup.encoders.pooling import KEPT, Moments, Pooling, column_names, from_kept
from semisup.encoders.windows import batched, windows_of
from semisup.engine.parallel import Workers
from semisup.features.inputs import Inputs
from semisup.recordings.kept import Maker

#: Recordings a part: always the same ones together.
PART = 16


class Encoded(NamedTuple):
    """What an encoder makes of recordings.

    Parameters
    ----------
    recordings : DataFrame
        Rows of the manifest, in the study's order.
    values : ndarray of shape (n, n_columns), float32
    names : list of str
        Of the columns.
    """

    recordings: pd.DataFrame
    values: np.ndarray
    names: list[str]


def encoded(
    encoder: WaveformEncoder,
    inputs: Inputs,
    prefixes: list[str],
    pooling: Pooling,
    batch_size: int,
    key: object = None,
) -> Encoded:
    """Encode the recordings wanted.

    Parameters
    ----------
    encoder : WaveformEncoder
    inputs : Inputs
    prefixes : list of str
        What the names of columns begin with, a layer each.
    pooling : {"mean", "mean_std", "max"}
        Of frames over time.
    batch_size : int
        Windows given to the encoder at once.
    key : object
        All that frames depend on besides recordings, rate and `batch_size`, as JSON can have it.
    """
    recordings = inputs.scored().reset_index(drop=True)
    # lengths side by side, so that windows that share a batch are alike
    rows = recordings.sort_values("seconds", kind="stable")
    maker = Maker(
        partial(_vectors, encoder, batch_size),
        ["encoded", key, batch_size],
        encoder.sample_rate,
        PART,
        alone=False,
        streamed=True,
    )
    # the model stays in this process, where its library sees to all processors
    vectors = inputs.made_by(maker, rows, f"embeddings of {inputs.name}", Workers())
    # back to the study's order
    kept = np.stack(vectors)[np.argsort(rows.index)]
    sizes = layer_sizes(encoder) if len(prefixes) > 1 else [kept.shape[1] // 3]
    return Encoded(recordings, from_kept(kept, sizes, pooling), _names(prefixes, sizes, pooling))


def layer_sizes(encoder: WaveformEncoder) -> list[int]:
    """Return how many numbers a frame of each layer has, by a second of silence."""
    silence = np.zeros(min(encoder.sample_rate, encoder.window), np.float32)
    return [frames.shape[1] for frames in encoder.frames([silence])[0]]


def _names(prefixes: list[str], sizes: list[int], pooling: Pooling) -> list[str]:
    return [
        name
        for prefix, size in zip(prefixes, sizes, strict=True)
        for name in column_names(prefix, size, pooling)
    ]


def _vectors(
    encoder: WaveformEncoder,
    batch_size: int,
    streams: Iterator[Iterable[np.ndarray]],
    sample_rate: int,
) -> list[np.ndarray]:
    """Return all statistics of each recording, its layers one after the other; see `from_kept`."""
    from joblib import cpu_count
    from threadpoolctl import threadpool_limits

    moments: list[list[Moments]] = []
    # parts are made on one thread for the sake of BLAS's sums, which would cripple PyTorch
    with threadpool_limits(cpu_count()):
        parts = windows_of(streams, encoder.window)
        for batch in batched(parts, batch_size, encoder.stretch):
            frames = encoder.frames([part.samples for part in batch])
            for part, layers in zip(batch, frames, strict=True):
                _add(moments, part.owner, [Moments.of(layer) for layer in layers])
    pooled = [
        np.concatenate([layer.pooled(pooling) for layer in each for pooling in KEPT])
        for each in moments
    ]
    return [row.astype(np.float32) for row in pooled]


def _add(moments: list[list[Moments]], owner: int, layers: list[Moments]) -> None:
    """Add a window's layers to those of its recording; windows come in the order of recordings."""
    if owner == len(moments):
        moments.append(layers)
        return
    moments[owner] = [
        before.with_more(more) for before, more in zip(moments[owner], layers, strict=True)
    ]
