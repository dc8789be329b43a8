"""The 136 hand-crafted mid-term features of pyAudioAnalysis, of the whole recording or chunks."""

from collections.abc import Iterator
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.features.inputs import Inputs
from semisup.recordings.kept import Maker
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.spec import ChunkSpec

Engine = Literal["vectorised", "pyaudioanalysis"]
#: In Hz: below it pyAudioAnalysis's mel filters reach past its spectrum.
LOWEST_RATE = 6854
#: Recordings whose frames are worked on together: their number must not depend on the jobs.
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


class Handcrafted(SpeakerNormalised[Options]):
    """The features of pyAudioAnalysis."""

    Options = Options

    @property
    def libraries(self) -> tuple[str, ...]:
        """The library itself, where it is asked for."""
        return ("pyAudioAnalysis",) if self.options.engine == "pyaudioanalysis" else ()

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why the features are not defined at the study's sample rate, if so."""
        rate = self.options.sample_rate or chunks.sample_rate
        if rate >= LOWEST_RATE:
            return []
        return [f"the features need a sample rate of at least {LOWEST_RATE} Hz, got {rate}"]

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of 136 features for every recording wanted (docs/CONCEPTS.md)."""
        from semisup.signals.handcrafted import FEATURE_NAMES

        rate = self.options.sample_rate or inputs.sample_rate
        rows, label = inputs.scored(), f"features of {inputs.name}"
        features_of = partial(_features, self.options)
        key = ["handcrafted", self.options.engine, self.options.cover_seconds]
        values = inputs.made_by(Maker(features_of, key, rate, BATCH), rows, label)
        return normalised_table(self.options, rows, np.stack(values), list(FEATURE_NAMES))


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


def _features(options: Options, signals: Iterator[np.ndarray], sample_rate: int) -> np.ndarray:
    """Return the features of each signal, or their means over chunks that cover it, (n, 136)."""
    if options.cover_seconds is None:
        return _features_of(list(signals), sample_rate, options.engine)
    length = round(options.cover_seconds * sample_rate)
    chunks = [covering(signal, length) for signal in signals]
    # all chunks of the batch together: the engine is fast on many signals at once
    every = [chunk for of_signal in chunks for chunk in of_signal]
    values = _features_of(every, sample_rate, options.engine)
    # sums of each recording's rows, which lie side by side, then divided by their number
    firsts = np.cumsum([0, *map(len, chunks[:-1])])
    return np.add.reduceat(values, firsts) / [[len(of_signal)] for of_signal in chunks]


def _features_of(signals: list[np.ndarray], sample_rate: int, engine: Engine) -> np.ndarray:
    from semisup.signals.handcrafted import handcrafted_batch, handcrafted_features

    if engine == "vectorised":
        return handcrafted_batch(signals, sample_rate)
    return np.stack([handcrafted_features(signal, sample_rate, engine) for signal in signals])
