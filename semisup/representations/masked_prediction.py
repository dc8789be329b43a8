"""Codes learned by masked prediction: clusters of hidden frames told from those around them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from semisup.engine.parallel import batches
from semisup.networks.backend import import_keras
from semisup.networks.seeded_layers import dense
from semisup.networks.training import Batch
from semisup.representations._contours import CONTOURS, WINDOW, crop
from semisup.representations._network_codes import (
    TRAINED,
    NetworkCodes,
    Task,
    TrainedOptions,
)
from semisup.representations._sequence_training import train_network

#: Frames that k-means is fitted to, drawn evenly over the training recordings.
CLUSTERED = 50_000
#: Pitch and voicing count for as much as so many mel bands each.
PITCH_WEIGHT = 4.0


class Options(TrainedOptions):
    """Keys of a representation of this kind."""

    kind: Literal["masked_prediction"]
    clusters: int = Field(64, ge=2, description="k-means clusters of frames")
    mask_frames: int = Field(10, ge=1, le=WINDOW, description="length of a masked span, 20 ms each")
    mask_share: float = Field(0.5, gt=0, lt=1, description="of a window's frames, about")


class MaskedPrediction(NetworkCodes[Options]):
    """Codes learned by predicting what a mask hides.

    References
    ----------
    W.-N. Hsu et al., "HuBERT: Self-Supervised Speech Representation Learning by Masked Prediction
    of Hidden Units", IEEE/ACM TASLP 29, 2021. https://doi.org/10.1109/TASLP.2021.3122291
    """

    Options = Options
    models = TRAINED

    def learn(self, task: Task) -> pd.DataFrame:
        """Train the encoder on unlabelled contours; return the history."""
        return _learn(self.options, task)


def masks(n: int, share: float, length: int, rng: np.random.Generator) -> np.ndarray:
    """Draw masks of spans that may overlap.

    Returns
    -------
    ndarray of shape (n, 128), bool
        True where a frame is hidden; each frame with a probability of about `share`.
    """
    # a frame is free if none of the `length` starts before it is drawn
    starts = rng.random((n, WINDOW + length - 1)) < 1 - (1 - share) ** (1 / length)
    hidden: np.ndarray = np.lib.stride_tricks.sliding_window_view(starts, length, axis=1)
    return hidden.max(axis=2)


def _learn(options: Options, task: Task) -> pd.DataFrame:
    from sklearn.cluster import MiniBatchKMeans

    frames = np.concatenate(task.training)
    step = max(1, len(frames) // CLUSTERED)
    # k-means refuses more clusters than there are frames
    clusters = MiniBatchKMeans(
        min(options.clusters, len(frames)), random_state=task.seed, n_init=1, batch_size=1024
    ).fit(_weighted(frames[::step]))
    keras = import_keras()
    logits = dense(options.clusters, task.seed + 1, "clusters")(task.encoder.output)
    return train_network(
        keras.Model(task.encoder.input, logits),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        options,
        len(task.training),
        partial(_batches, options, task.training, clusters.predict, True),
        partial(_batches, options, task.validation, clusters.predict, False),
        task.seed,
        task.checkpoint,
        task.label,
    )


def _batches(
    options: Options,
    contours: list[np.ndarray],
    clusters_of: Callable[[np.ndarray], np.ndarray],
    shuffle: bool,
    rng: np.random.Generator,
) -> Iterator[Batch]:
    order = rng.permutation(len(contours)) if shuffle else np.arange(len(contours))
    for rows in batches(order, options.batch_size):
        windows = np.stack([crop(contours[row], rng) for row in rows])
        hidden = masks(len(rows), options.mask_share, options.mask_frames, rng)
        targets = clusters_of(_weighted(windows.reshape(-1, CONTOURS))).reshape(hidden.shape)
        # 0 is the mean of every contour; the loss counts hidden frames alone
        seen = np.where(hidden[:, :, None], np.float32(0), windows)
        yield Batch(seen, targets, hidden.astype(np.float32))


def _weighted(frames: np.ndarray) -> np.ndarray:
    scale = np.r_[np.ones(CONTOURS - 2), np.full(2, PITCH_WEIGHT)].astype(np.float32)
    return np.ascontiguousarray(frames * scale)
