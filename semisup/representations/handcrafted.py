"""The 136 hand-crafted mid-term features of pyAudioAnalysis, of the whole recording."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.artefacts import write_table
from semisup.audio import load
from semisup.manifest import excerpt
from semisup.parallel import batches, map_to_parts
from semisup.representations._inputs import Inputs
from semisup.spec import ChunkSpec, RepresentationSpec

LEVEL = "recording"
NEEDS = "audio"
Engine = Literal["vectorised", "pyaudioanalysis"]
MODELS: tuple[str, ...] = ()
#: In Hz: below it pyAudioAnalysis's mel filters reach past its spectrum.
LOWEST_RATE = 6854
#: Recordings a batch: always the same ones together, whatever the number of jobs.
BATCH = 64


class Options(RepresentationSpec):
    """Keys of a representation of this kind."""

    kind: Literal["handcrafted"]
    engine: Engine = Field(
        "vectorised", description="the library itself gives the same numbers, many times slower"
    )
    sample_rate: int | None = Field(None, ge=1000, description="Hz; the study's if left out")


def misfits(options: Options, chunks: ChunkSpec) -> list[str]:
    """Return why the features are not defined at the study's sample rate, if so."""
    rate = options.sample_rate or chunks.sample_rate
    if rate >= LOWEST_RATE:
        return []
    return [f"the features need a sample rate of at least {LOWEST_RATE} Hz, got {rate}"]


def extract(options: Options, inputs: Inputs) -> pd.DataFrame:
    """Return one row of 136 features for every labelled and test recording (DESIGN 5.3)."""
    rate = options.sample_rate or inputs.sample_rate
    rows = inputs.scored()[["recording", "path", "start", "end"]]
    items = [(part, rate, options.engine) for part in batches(rows, BATCH)]
    label = f"features of {inputs.name}"
    paths = map_to_parts(_features_part, items, inputs.parts, ".parquet", inputs.workers, label)
    return pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)


def _features_part(item: tuple[pd.DataFrame, int, Engine], path: Path) -> None:
    """Write the features of one batch of recordings."""
    from semisup.shortterm import FEATURE_NAMES, handcrafted_batch, handcrafted_features

    rows, rate, engine = item
    signals = [load(row.path, rate, *excerpt(row.start, row.end))[0] for row in rows.itertuples()]
    if engine == "vectorised":
        values = handcrafted_batch(signals, rate)
    else:
        values = np.stack([handcrafted_features(signal, rate, engine) for signal in signals])
    table = pd.DataFrame(values, columns=list(FEATURE_NAMES))
    table.insert(0, "recording", rows["recording"].to_numpy())
    table.insert(1, "chunk", np.int32(-1))
    write_table(path, table)
