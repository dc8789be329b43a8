"""The 136 hand-crafted mid-term features of pyAudioAnalysis, of the whole recording or chunks."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.artefacts import write_table
from semisup.engine.parallel import batches, map_to_parts
from semisup.features.contract import Inputs
from semisup.recordings.audio import load
from semisup.recordings.manifest import excerpt
from semisup.representations._speakers import BySpeaker, by_speaker
from semisup.study.spec import ChunkSpec

LEVEL = "recording"
NEEDS = "audio"
Engine = Literal["vectorised", "pyaudioanalysis"]
MODELS: tuple[str, ...] = ()
#: In Hz: below it pyAudioAnalysis's mel filters reach past its spectrum.
LOWEST_RATE = 6854
#: Recordings a batch: always the same ones together, whatever the number of jobs.
BATCH = 64
#: Chunks over which features of `cover_seconds` are averaged.
COVERING = 3


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["handcrafted"]
    engine: Engine = Field(
        "vectorised", description="the library itself gives the same numbers, many times slower"
    )
    sample_rate: int | None = Field(None, ge=1000, description="Hz; the study's if left out")
    cover_seconds: float | None = Field(
        None, gt=0.05, description="average over three chunks this long that span the recording"
    )


def misfits(options: Options, chunks: ChunkSpec) -> list[str]:
    """Return why the features are not defined at the study's sample rate, if so."""
    rate = options.sample_rate or chunks.sample_rate
    if rate >= LOWEST_RATE:
        return []
    return [f"the features need a sample rate of at least {LOWEST_RATE} Hz, got {rate}"]


def extract(options: Options, inputs: Inputs) -> pd.DataFrame:
    """Return one row of 136 features for every labelled and test recording."""
    rate = options.sample_rate or inputs.sample_rate
    rows = inputs.scored()[["recording", "path", "start", "end"]]
    items = [(part, rate, options) for part in batches(rows, BATCH)]
    label = f"features of {inputs.name}"
    paths = map_to_parts(_features_part, items, inputs.parts, ".parquet", inputs.workers, label)
    table = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    if options.speaker_normalisation != "none":
        features = table.columns[2:]
        speakers = inputs.speakers.loc[table["recording"]]
        values = table[features].to_numpy()
        table[features] = by_speaker(values, speakers, options.speaker_normalisation)
    return table


def covering(signal: np.ndarray, chunk_samples: int) -> list[np.ndarray]:
    """Return three chunks spread evenly from the first sample to the last, or all of a short one.

    Examples
    --------
    >>> [chunk.tolist() for chunk in covering(np.arange(6), 4)]
    [[0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5]]
    """
    if len(signal) <= chunk_samples:
        return [signal]
    starts = np.linspace(0, len(signal) - chunk_samples, COVERING).astype(int)
    return [signal[start : start + chunk_samples] for start in starts]


def _features_part(item: tuple[pd.DataFrame, int, Options], path: Path) -> None:
    """Write the features of one batch of recordings."""
    from semisup.signals.handcrafted import FEATURE_NAMES

    rows, rate, options = item
    signals = [load(row.path, rate, *excerpt(row.start, row.end))[0] for row in rows.itertuples()]
    if options.cover_seconds is None:
        values = _features(signals, rate, options.engine)
    else:
        length = round(options.cover_seconds * rate)
        chunks = [covering(signal, length) for signal in signals]
        of_chunks = _features([chunk for some in chunks for chunk in some], rate, options.engine)
        firsts = np.cumsum([0, *map(len, chunks[:-1])])
        values = np.add.reduceat(of_chunks, firsts) / [[len(some)] for some in chunks]
    table = pd.DataFrame(values, columns=list(FEATURE_NAMES))
    table.insert(0, "recording", rows["recording"].to_numpy())
    table.insert(1, "chunk", np.int32(-1))
    write_table(path, table)


def _features(signals: list[np.ndarray], rate: int, engine: Engine) -> np.ndarray:
    from semisup.signals.handcrafted import handcrafted_batch, handcrafted_features

    if engine == "vectorised":
        return handcrafted_batch(signals, rate)
    return np.stack([handcrafted_features(signal, rate, engine) for signal in signals])
