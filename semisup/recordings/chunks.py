"""Chunk spectrograms of a study: recordings in, `chunks.zarr` and `chunks.parquet` out.

Batches of recordings are turned into spectrograms in parallel, each batch a file of its own; then
the files are joined one by one. Memory holds one batch a worker, whatever the corpus.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.engine.artefacts import write_table, write_whole
from semisup.engine.parallel import Workers, batches, map_to_parts
from semisup.recordings.signals import named, signals_of
from semisup.signals.chunk_spectrogram import chunk_shape, chunk_spectrograms, chunk_starts
from semisup.study.spec import ChunkSpec

if TYPE_CHECKING:
    from zarr import Array

INDEX_COLUMNS = ("recording", "chunk", "start_sample", "subset")
#: Recordings a batch: about 100 chunks, 6 MB, enough to keep a worker busy for half a second.
BATCH = 64


@dataclass(frozen=True)
class ChunkStore:
    """Spectrograms and what they are of: row i of `index` describes ``spectrograms[i]``."""

    spectrograms: "Array"  # (n_chunks, n_frames, n_bins), float32
    index: pd.DataFrame


def build(
    recordings: pd.DataFrame, spec: ChunkSpec, parts: Path, target: Path, workers: Workers
) -> pd.DataFrame:
    """Write the spectrograms of all chunks of all recordings.

    Parameters
    ----------
    recordings : DataFrame
        Rows of the manifest, with `subset`.
    spec : ChunkSpec
        Chunk length, rate and what becomes of short recordings and tails.
    parts : Path
        Folder for the batches; an interrupted run goes on from those that are there.
    target : Path
        Folder that gets `chunks.zarr` and `chunks.parquet`.

    Returns
    -------
    DataFrame
        The recordings that gave no chunk: recording, path, reason.
    """
    rows = recordings[["recording", "path", "start", "end", "subset"]]
    items = [(batch, spec) for batch in batches(rows, BATCH)]
    sizes = [len(batch) for batch, _ in items]
    paths = map_to_parts(
        _spectrogram_part,
        items,
        parts,
        ".npz",
        workers,
        "chunk spectrograms",
        "recordings",
        sizes,
        [named("chunks", batch["path"]) for batch, _ in items],
    )
    index = pd.concat([_index_of(path) for path in paths], ignore_index=True)
    write_whole(target / "chunks.zarr", lambda folder: _join(paths, len(index), spec, folder))
    write_table(target / "chunks.parquet", index)
    return _without_chunks(recordings, index, spec)


def open_store(folder: Path) -> ChunkStore:
    """Open the chunk store of a study's folder for reading."""
    import zarr

    return ChunkStore(
        zarr.open_array(folder / "chunks.zarr", mode="r"),
        pd.read_parquet(folder / "chunks.parquet"),
    )


def _spectrogram_part(item: tuple[pd.DataFrame, ChunkSpec], path: Path) -> None:
    """Write the spectrograms and the index rows of one batch of recordings."""
    rows, spec = item
    signals = list(signals_of(rows, spec.sample_rate))
    starts = [chunk_starts(signal.size, spec) for signal in signals]
    spectrograms = [
        chunk_spectrograms(
            signal, spec.chunk_samples, spec.sample_rate, short=spec.short, tail=spec.tail
        )
        for signal in signals
    ]
    counts = [len(start) for start in starts]
    np.savez(
        path,
        spectrograms=np.concatenate(spectrograms),
        recording=np.repeat(rows["recording"].to_numpy(dtype=str), counts),
        chunk=np.concatenate([np.arange(count) for count in counts]),
        start_sample=np.concatenate(starts),
        subset=np.repeat(rows["subset"].to_numpy(dtype=str), counts),
    )


def _index_of(path: Path) -> pd.DataFrame:
    with np.load(path) as arrays:
        return pd.DataFrame({name: arrays[name] for name in INDEX_COLUMNS}).astype(
            {"chunk": np.int32, "start_sample": np.int64}
        )


def _join(paths: list[Path], total: int, spec: ChunkSpec, folder: Path) -> None:
    """Copy the batches into one Zarr array, one batch in memory at a time."""
    import zarr

    shape = chunk_shape(spec.sample_rate, spec.chunk_samples)
    store = zarr.create_array(
        folder, shape=(total, *shape), chunks=(min(max(total, 1), 128), *shape), dtype="float32"
    )
    done = 0
    for path in paths:
        with np.load(path) as arrays:
            spectrograms = arrays["spectrograms"]
        store[done : done + len(spectrograms)] = spectrograms
        done += len(spectrograms)


def _without_chunks(recordings: pd.DataFrame, index: pd.DataFrame, spec: ChunkSpec) -> pd.DataFrame:
    short = recordings[~recordings["recording"].isin(index["recording"])]
    reason = (
        f"shorter than one chunk of {spec.chunk_samples} samples at {spec.sample_rate} Hz "
        f"({spec.chunk_samples / spec.sample_rate:g} s)"
    )
    return short[["recording", "path"]].assign(reason=reason).reset_index(drop=True)
