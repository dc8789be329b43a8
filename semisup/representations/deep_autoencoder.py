"""Codes of a dense autoencoder on pieces of raw audio, trained on the unlabelled subset alone."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from semisup.engine.parallel import batches
from semisup.networks.models import scaled_part
from semisup.networks.training import Batch
from semisup.representations._piece_codes import (
    PieceCodes,
    Task,
    UnlabelledOptions,
)
from semisup.representations._piece_network import dense_autoencoder
from semisup.representations._sequence_training import train_network

if TYPE_CHECKING:
    from keras import Model


class Options(UnlabelledOptions):
    """Keys of a representation of this kind."""

    kind: Literal["deep_autoencoder"]


class DeepAutoencoder(PieceCodes[Options]):
    """Codes of a dense autoencoder."""

    Options = Options

    def learn(self, task: Task) -> tuple["Model", pd.DataFrame]:
        """Train on unlabelled pieces; return the autoencoder and the history."""
        return _learn(self.options, task)


def _learn(options: Options, task: Task) -> tuple["Model", pd.DataFrame]:
    autoencoder = dense_autoencoder(options.numbers, options, task.scaling, task.seed)
    history = train_network(
        scaled_part(autoencoder),
        "mean_squared_error",
        options,
        len(task.training),
        partial(_batches, task.scaling.apply(task.training), options.batch_size, True),
        partial(_batches, task.scaling.apply(task.validation), options.batch_size, False),
        task.seed,
        task.checkpoint,
        task.label,
    )
    return autoencoder, history


def _batches(x: np.ndarray, size: int, shuffle: bool, rng: np.random.Generator) -> Iterator[Batch]:
    order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
    for rows in batches(order, size):
        yield Batch(x[rows], x[rows])
