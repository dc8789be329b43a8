"""Embeddings of any module with the HEAR 2021 interface, TensorFlow's or PyTorch's."""

from collections.abc import Iterator
from functools import cache, partial
from importlib.util import find_spec
from itertools import groupby, islice
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.encoders.pooling import STATISTICS, Pooling, column_names
from semisup.engine.artefacts import file_hash
from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.features.inputs import Inputs
from semisup.hear.foreign import HearModule, load_module, missing_module, own_file
from semisup.hear.packaged import packaged_weights
from semisup.recordings.kept import Maker
from semisup.representations._speakers import BySpeaker, SpeakerNormalised, normalised_table
from semisup.study.paths import find_path, instead_of

#: Recordings a part: always the same ones together.
PART = 64


class Place(NamedTuple):
    """Where a module is, its weights, and which of its functions is called."""

    module: str
    weights: str
    base: Path
    function: str


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
        """Return that there are no such weights, no such module, or no package with its weights."""
        options, problems = self.options, []
        if options.weights and not (path := find_path(options.weights, base)).exists():
            problems.append(_no_weights(options.module, path))
        if missing_module(options.module, base):
            problems.append(
                f"There is no Python module '{options.module}' to import, nor a file "
                f"{options.module}.py beside the study file"
            )
        packaged = packaged_weights(options.module)
        return [*problems, *(packaged.unmet(options.module) if packaged else [])]

    def watched(self, base: Path) -> list[Path]:
        """Return the weights, a package's too, and the module beside the study file, if any."""
        weights = [find_path(self.options.weights, base)] if self.options.weights else []
        module = own_file(self.options.module, base)
        packaged = packaged_weights(self.options.module)
        weights += packaged.paths() if packaged else []
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
        # absolute: workers of a cluster have working directories of their own
        place = Place(
            self.options.module, weights, inputs.base.absolute(), _function_name(self.options)
        )
        module = load_module(*place)
        # equal lengths side by side, so that they share a batch
        rows = inputs.scored().reset_index(drop=True).sort_values("seconds", kind="stable")
        rate, label = module.sample_rate, f"embeddings of {inputs.name}"
        # here the model stays in this process, where its library sees to all processors
        out = inputs.workers.scheduler is not None
        embeddings_of = partial(_embeddings_out, place) if out else partial(_embeddings, module)
        maker = Maker(
            partial(embeddings_of, self.options),
            self._extracted_by(inputs.base),
            rate,
            PART,
            alone=False,
            apart=out,
        )
        workers = inputs.workers if out else Workers()
        values = pooled(self.options, np.stack(inputs.made_by(maker, rows, label, workers)))
        columns = names(self.options, values.shape[1])
        table = normalised_table(self.options, rows, values, columns)
        # back to the study's order
        return table.set_index(rows.index).sort_index().reset_index(drop=True)

    def _extracted_by(self, base: Path) -> list[object]:
        """Return all that embeddings depend on; pooling comes later."""
        options, spec = self.options, find_spec(self.options.module)
        code = [Path(spec.origin)] if spec and spec.origin else []
        files = [file_hash(path) for path in (*code, *self.watched(base))]
        return ["hear", options.module, options.embedding, options.batch_size, files]


def pooled(options: Options, values: np.ndarray) -> np.ndarray:
    """Return means and deviations (n, 2 * size) as `pooling` asks for; scenes are as they are."""
    if options.embedding == "scene" or options.pooling == "mean_std":
        return values
    return values[:, : values.shape[1] // 2]


def names(options: Options, n_columns: int) -> list[str]:
    """Name the columns: dimensions, their means before their deviations."""
    pooling: Pooling = options.pooling if options.embedding == "timestamps" else "mean"
    return column_names("hear", n_columns // len(STATISTICS[pooling]), pooling)


def _function_name(options: Options) -> str:
    return f"get_{options.embedding.removesuffix('s')}_embeddings"


def _weights(options: Options, base: Path) -> str:
    if not options.weights:
        return ""
    path = find_path(options.weights, base)
    if not path.exists():
        raise SpecError(_no_weights(options.module, path))
    return str(path)


def _no_weights(module: str, path: Path) -> str:
    return f"weights of the HEAR module '{module}': there is no {path}; {instead_of(path)}"


def _embeddings_out(
    place: Place,
    options: Options,
    signals: Iterator[np.ndarray],
    sample_rate: int,
) -> np.ndarray:
    """Return the embeddings where the module is not loaded yet: on a worker of a cluster."""
    return _embeddings(_loaded(place), options, signals, sample_rate)


@cache
def _loaded(place: Place) -> HearModule:
    return load_module(*place)


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
    return np.concatenate([mean, embeddings.std(axis=1, dtype=float)], axis=1).astype(np.float32)
