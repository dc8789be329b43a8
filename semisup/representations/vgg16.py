"""Outputs of VGG16, or another frozen network of keras.applications, for pictures of windows."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from semisup.engine.artefacts import file_hash
from semisup.engine.parallel import Workers, batches
from semisup.features.contract import KERAS, Grid, Representation
from semisup.features.inputs import Inputs
from semisup.features.tables import index_of, numbered
from semisup.networks.pretrained import (
    NAMED,
    Base,
    check_application,
    load_base,
    missing_weights,
    smallest_side,
)
from semisup.recordings.kept import Maker
from semisup.representations._pictures import Pictures, mel_misfits_of, pictures_of
from semisup.representations._transforms import transformed
from semisup.study.paths import expand, find_path
from semisup.study.spec import ChunkSpec

#: Recordings a part: always the same ones together.
PART = 32
#: What outputs are pooled by, all of which is kept.
POOLINGS = ("mean", "max")
#: Pictures in one forward pass: the first layers of VGG16 take 33 MB a picture of 180 x 180.
BATCH = 8


class Options(Pictures):
    """Keys of a representation of this kind."""

    kind: Literal["vgg16"]
    application: str = Field("VGG16", description="a network of keras.applications")
    weights: str = Field(
        "imagenet", description="`imagenet`, `random`, or a file of weights without top layers"
    )
    pooling: Literal["mean", "max"] = Field("mean", description="of the outputs over the picture")

    @field_validator("application")
    @classmethod
    def _is_an_application(cls, name: str) -> str:
        # the one that is known to be there is not worth the seconds that Keras takes to come up
        if name != cls.model_fields["application"].default:
            check_application(name)
        return name

    @model_validator(mode="after")
    def _pictures_are_large_enough(self) -> Self:
        least = smallest_side(self.application)
        if self.size < least:
            raise ValueError(
                f"size must be at least {least} for {self.application}, got {self.size}"
            )
        return self


class Vgg16(Representation[Options]):
    """Outputs of a frozen network."""

    Options = Options
    level = "chunk"
    takes_pictures = True
    uses = KERAS

    def misfits(self, chunks: ChunkSpec) -> list[str]:
        """Return why there are no such mel bands, if so."""
        return mel_misfits_of(self.options)

    def grid(self) -> Grid:
        """Return at which times windows start."""
        return self.options.grid()

    def watched(self, base: Path) -> list[Path]:
        """Return the file of weights, if there is one."""
        named = expand(self.options.weights) in NAMED
        return [] if named else [find_path(self.options.weights, base)]

    def unmet(self, base: Path) -> list[str]:
        """Return that there is no file of weights, if so."""
        return [why for path in self.watched(base) if (why := missing_weights(str(path)))]

    def extract(self, inputs: Inputs) -> pd.DataFrame:
        """Return one row of pooled outputs for every window of the recordings wanted.

        Raises
        ------
        SpecError
            If the network cannot be built for these pictures or with these weights.
        """
        rows = inputs.scored()
        weights = next(iter(self.watched(inputs.base)), expand(self.options.weights))
        shape = (self.options.size, self.options.size, 3)
        # not built yet: where all parts are there, nothing waits for Keras
        base = partial(load_base, self.options.application, weights, shape, inputs.seed)
        # the network stays in this process, where its library sees to all processors
        maker = Maker(
            partial(_outputs, self.options, base),
            self._made_by(inputs),
            self.options.sample_rate,
            PART,
            alone=False,
            picture_size=self.options.picture_size,
        )
        outputs = inputs.made_by(maker, rows, f"outputs of {inputs.name}", Workers())
        index = index_of(rows, [len(array) for array in outputs])
        values = np.concatenate(outputs)[:, POOLINGS.index(self.options.pooling)]
        return pd.concat([index, pd.DataFrame(values, columns=names(values.shape[1]))], axis=1)

    def _made_by(self, inputs: Inputs) -> list[object]:
        """Return all that outputs depend on; pooling comes later."""
        files = [file_hash(path) for path in self.watched(inputs.base)]
        return ["vgg16", self.options.without("pooling"), files, inputs.seed]


def names(n_columns: int) -> list[str]:
    """Name the columns, as in vgg_000."""
    return numbered("vgg", n_columns)


def pooled_outputs(base: Base, pictures: np.ndarray) -> np.ndarray:
    """Run pictures through a frozen network and pool what comes out over height and width.

    Parameters
    ----------
    base : Base
    pictures : ndarray of shape (n, size, size, 3)
        Red, green and blue, 0 to 255; preprocessed here as the application asks for.

    Returns
    -------
    ndarray of shape (n, 2, n_channels), float32
        In the order of `POOLINGS`.
    """
    # passes of one size: an output must not hang on how many pictures go with it
    filled = np.resize(pictures, (BATCH, *pictures.shape[1:]))
    outputs = base.upper_outputs(base.lower_outputs(filled))[: len(pictures)]
    pooled = outputs.mean(axis=(1, 2), dtype=float), outputs.max(axis=(1, 2))
    return np.stack(pooled, axis=1).astype(np.float32)


def _outputs(
    options: Options, base: Callable[[], Base], signals: Iterator[np.ndarray], sample_rate: int
) -> list[np.ndarray]:
    """Return the pooled outputs of each recording, (n_windows, 2, n_channels)."""
    from joblib import cpu_count
    from threadpoolctl import threadpool_limits

    counts: list[int] = []
    # parts are made on one thread for the sake of BLAS's sums, which would cripple PyTorch
    with threadpool_limits(cpu_count()):
        values = [
            # not built anew for each pass: `load_base` keeps the last that it built
            pooled_outputs(base(), pictures)
            for pictures in _passes(signals, options, counts)
        ]
    return np.split(np.concatenate(values), np.cumsum(counts)[:-1])


def _passes(
    signals: Iterator[np.ndarray], options: Options, counts: list[int]
) -> Iterator[np.ndarray]:
    """Yield pictures of all windows, so many at a time, and note how many each recording has."""
    waiting = np.empty((0, options.size, options.size, 3), np.float32)
    transform = partial(pictures_of, options)
    for signal in signals:
        counts.append(0)
        for pictures in transformed(signal, options, transform):
            counts[-1] += len(pictures)
            *whole, waiting = _dealt(np.concatenate([waiting, pictures]))
            yield from whole
    if len(waiting):
        yield waiting


def _dealt(pictures: np.ndarray) -> list[np.ndarray]:
    """Cut pictures into passes; what is left, perhaps nothing, is the last."""
    whole = len(pictures) // BATCH * BATCH
    return [*batches(pictures[:whole], BATCH), pictures[whole:]]
