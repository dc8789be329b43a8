"""One trial: a slot of a search in, its trained model on disk and its result out."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.autoencoders import build_autoencoder
from semisup.engine.progress import say
from semisup.networks.autoencoding import plan_of
from semisup.networks.backend import import_keras
from semisup.networks.loop import best_epoch
from semisup.networks.models import Rows, encode, load_encoder, load_model
from semisup.representations.autoencoder import Autoencoder, Options
from semisup.tuning.choice import is_pruned, mean_and_error
from semisup.tuning.ledger import Ledger, Slot
from semisup.tuning.measures import chunk_losses, relative_errors
from semisup.tuning.probe import probe
from semisup.tuning.search import Search

if TYPE_CHECKING:
    from keras import Model

#: Seconds; a shorter epoch was not trained but reported again after a resumption.
_SHORTEST_EPOCH = 0.001


class _DivergedError(Exception):
    """The first epoch gave a loss that is not finite."""


def train_trial(search: Search, ledger: Ledger, slot: Slot, label: str) -> dict[str, Any]:
    """Train one trial, or go on with it; return its row of the table of trials."""
    options = search.trial_options(ledger.architecture, slot.point)
    alike = {"loss_function": options.loss, "input_scaling": options.input_scaling}
    prunes = search.tuning.pruning and search.tuning.objective == "loss"
    rivals = ledger.rivals(slot.number, alike) if prunes else None
    watch = _Watch(slot, rivals, plan_of(options, len(search.rows[0])).stop.epochs)
    folder = search.folder / slot.name
    result: dict[str, Any] = {
        "trial": slot.name,
        "architecture": ledger.architecture,
        "values": slot.point,
    }
    result |= alike | {"parameters": _parameters(search, options), "files": []}
    # nothing of the trial before is kept, in memory either
    import_keras().utils.clear_session()
    try:
        Autoencoder(options).fit(replace(search.inputs, folder=folder, name=label), watch)
    except _DivergedError:
        say(f"  {label}: diverged in its first epoch")
        return result | {"state": "diverged", "epochs": 1, "collapsed": False}
    result |= _of_history(pd.read_csv(folder / "history.csv"))
    result |= {
        "seconds": watch.times[-1] - watch.times[0],
        "seconds_per_epoch": watch.seconds_per_epoch(),
    }
    if watch.pruned:
        say(f"  {label}: pruned after {result['epochs']} epochs")
        for path in folder.glob("*.keras"):
            path.unlink()
        return result | {"state": "pruned", "collapsed": False, "files": ["history.csv"]}
    return (
        result
        | _measured(search, options, folder)
        | {"state": "complete", "files": [*Autoencoder.models]}
    )


def _parameters(search: Search, options: Options) -> int:
    """Count the weights of the encoder."""
    shape = search.inputs.chunks.shape[1:]
    scaling = options.input_scaling
    _, encoder = build_autoencoder(
        options.architecture,
        shape,
        options.latent_dim,
        input_scaling=scaling,
        padding=options.padding,
    )
    return int(encoder.count_params())


def _of_history(history: pd.DataFrame) -> dict[str, Any]:
    best = best_epoch(history["val_loss"].tolist(), 0.0)
    losses = history[["loss", "val_loss"]].iloc[best]
    return {**{key: float(value) for key, value in losses.items()}, "epochs": len(history)}


def _measured(search: Search, options: Options, folder: Path) -> dict[str, Any]:
    """Measure a trained model on the validation chunks, and by a probe where that is asked for."""
    model = load_model(folder / "autoencoder.keras")
    encoder = load_encoder(folder / "encoder.keras")
    validation = Rows(search.inputs.chunks, search.rows[1])
    losses = chunk_losses(model, options.loss, validation)
    errors = relative_errors(model, validation, search.mean_logarithm)
    relative, relative_se = mean_and_error(errors, search.validation_speakers)
    measures = {
        "val_loss_se": mean_and_error(losses, search.validation_speakers)[1],
        "relative_error": relative,
        "relative_error_se": relative_se,
        "collapsed": json.loads((folder / "health.json").read_text())["collapsed"],
    }
    if search.labels is not None:
        measures["uar"], measures["uar_se"] = _probed(search, encoder, search.labels)
    return measures


def _probed(search: Search, encoder: "Model", labels: pd.Series) -> tuple[float, float]:
    """Probe the mean code of each labelled recording; no other subset is read."""
    index = search.inputs.chunk_index
    rows = np.flatnonzero(index["subset"] == "labelled")
    codes = pd.DataFrame(encode(encoder, Rows(search.inputs.chunks, rows)))
    means = codes.groupby(index["recording"].iloc[rows].to_numpy()).mean()
    # `groupby` sorts by recording: labels and speakers are put into the same order
    speakers = search.inputs.speakers.reindex(means.index).to_numpy(dtype=str)
    return probe(means.to_numpy(), labels.reindex(means.index).to_numpy(dtype=str), speakers)


class _Watch:
    """Reports a trial's losses epoch by epoch, and prunes a trial that is worse than its rivals."""

    def __init__(
        self, slot: Slot, rivals: tuple[list[list[float]], float] | None, epochs: int
    ) -> None:
        self.trial = slot.trial
        self.rivals = rivals
        self.epochs = epochs
        self.val_losses: list[float] = []
        self.times = [time.perf_counter()]
        self.pruned = False

    def __call__(self, epoch: int, loss: float, val_loss: float) -> bool:
        # before the training itself refuses such a loss, which would end the whole search
        if epoch == 0 and not np.isfinite(val_loss):
            raise _DivergedError
        self.times.append(time.perf_counter())
        self.val_losses.append(val_loss)
        if np.isfinite(val_loss):
            self.trial.report(val_loss, epoch + 1)
        # after its last epoch a trial is complete, whatever its loss
        if self.rivals is not None and len(self.val_losses) < self.epochs:
            self.pruned = is_pruned(self.val_losses, *self.rivals, self.epochs)
        return not self.pruned

    def seconds_per_epoch(self) -> float:
        spans = np.diff(self.times)
        trained = spans[spans >= _SHORTEST_EPOCH]
        return float(np.median(trained if trained.size else spans))
