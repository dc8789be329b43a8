"""Embeddings of any module with the HEAR 2021 interface, TensorFlow's or PyTorch's."""

from collections.abc import Iterator
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.hear.foreign import HearModule, load_module, missing_module, own_file
from semisup.recordings.signals import map_batches
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.paths import find_path, instead_of

#: Recordings a part: always the same ones together.
PART = 64


class Options(BySpeaker):
    """Keys of a representation of this kind."""

    kind: Literal["hear"]
    module: str = Field(
        pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$",
        description="Python module, installed or beside the study file",
    )
    weights: str = Field("", description="file or folder that its load_model takes")
    embedding: Literal["scene", "timestamps"] = "scene"
    pooling: Literal["mean", "mean_std"] = Field(
        "mean", description="timestamps: their mean over time, or mean and deviation"
    )
    batch_size: int = Field(8, ge=1, description="recordings of equal length given at once")


class Hear(SpeakerNormalised[Options]):
    """Embeddings of a module that the user names."""

    Options = Options

    def unmet(self, base: Path) -> list[str]:
        """Return that there are no such weights, or no such module, if so."""
        options, problems = self.options, []
        if options.weights and not (path := find_path(options.weights, base)).exists():
            problems.append(_no_weights(options.module, path))
        if missing_module(options.module, base):
            problems.append(
                f"There is no Python module '{options.module}' to import, nor a file "
                f"{options.module}.py beside the study file"
            )
        return problems

    def watched(self, base: Path) -> list[Path]:
        """Return the weights and the module beside the study file, where there are any."""
        weights = [find_path(self.options.weights, base)] if self.options.weights else []
        module = own_file(self.options.module, base)
        return [*weights, module] if module else weights

    @property
    def outside_code(self) -> str:
        """The module, which may be any."""
        return self.options.module

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of embeddings for every labelled and test recording.

        Raises
        ------
        SpecError
            If the module cannot be used, or does not do what the HEAR API asks for.
        """
        weights = _weights(self.options, inputs.base)
        module = load_module(
            self.options.module, weights, inputs.base, _function_name(self.options)
        )
        # equal lengths side by side, so that they share a batch
        rows = inputs.scored().reset_index(drop=True).sort_values("seconds", kind="stable")
        embeddings_of, rate = partial(_embeddings, module, self.options), module.sample_rate
        label = f"embeddings of {inputs.name}"
        # the model stays in this process, where its library sees to all processors
        values = map_batches(embeddings_of, rows, rate, inputs.parts, Workers(), label, PART)
        columns = names(self.options, len(values[0]))
        table = normalised_table(self.options, rows, np.stack(values), columns)
        # back to the study's order
        return table.set_index(rows.index).sort_index().reset_index(drop=True)


def names(options: Options, n_columns: int) -> list[str]:
    """Name the columns: dimensions, their means before their deviations."""
    statistics = ("_mean", "_std") if _pooling(options) == "mean_std" else ("",)
    size = n_columns // len(statistics)
    width = max(3, len(str(size - 1)))
    return [f"hear_{k:0{width}d}{statistic}" for statistic in statistics for k in range(size)]


def _function_name(options: Options) -> str:
    return f"get_{options.embedding.removesuffix('s')}_embeddings"


def _pooling(options: Options) -> str:
    return options.pooling if options.embedding == "timestamps" else "none"


def _weights(options: Options, base: Path) -> str:
    if not options.weights:
        return ""
    path = find_path(options.weights, base)
    if not path.exists():
        raise SpecError(_no_weights(options.module, path))
    return str(path)


def _no_weights(module: str, path: Path) -> str:
    return f"weights of the HEAR module '{module}': there is no {path}; {instead_of(path)}"


def _embeddings(
    module: HearModule, options: Options, signals: Iterator[np.ndarray], sample_rate: int
) -> np.ndarray:
    """Return the embeddings of some recordings, (n, n_columns), float32."""
    from joblib import cpu_count
    from threadpoolctl import threadpool_limits

    # parts are made on one thread for the sake of BLAS's sums, which would cripple PyTorch
    with threadpool_limits(cpu_count()):
        audio = _equal_lengths(signals, options.batch_size)
        return np.concatenate([_embedded(module, batch, options) for batch in audio])


def _equal_lengths(signals: Iterator[np.ndarray], most: int) -> Iterator[np.ndarray]:
    """Yield runs of signals of equal length, (n, n_samples), float32: none is padded."""
    # neighbours only, which is all there is: the rows come sorted by their length
    for _, run in groupby(signals, len):
        while batch := list(islice(run, most)):
            yield np.stack(batch).astype(np.float32)


def _embedded(module: HearModule, audio: np.ndarray, options: Options) -> np.ndarray:
    if options.embedding == "scene":
        return module.scenes(audio)
    embeddings = module.timestamps(audio)
    mean = embeddings.mean(axis=1, dtype=float)
    deviations = [] if options.pooling == "mean" else [embeddings.std(axis=1, dtype=float)]
    return np.concatenate([mean, *deviations], axis=1).astype(np.float32)
