"""One trial: a slot of a search in, its trained model on disk and its result out."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.autoencoders import build_autoencoder
from semisup.engine.artefacts import write_json, write_text
from semisup.engine.progress import say
from semisup.networks.autoencoding import plan_of
from semisup.networks.backend import import_keras
from semisup.networks.loop import best_epoch
from semisup.networks.models import Rows, encode, load_encoder, load_model
from semisup.representations.autoencoder import Autoencoder, Options
from semisup.tuning.choice import mean_and_error
from semisup.tuning.measures import chunk_losses, relative_errors
from semisup.tuning.probe import probe
from semisup.tuning.pruning import RESULT, Before, Curve, curve_of, pruned_after
from semisup.tuning.search import Search

if TYPE_CHECKING:
    from keras import Model

#: Seconds; a shorter epoch was not trained but reported again after a resumption.
_SHORTEST_EPOCH = 0.001


class _DivergedError(Exception):
    """The first epoch gave a loss that is not finite."""


class Todo(NamedTuple):
    """A trial to be trained, by whichever process.

    Parameters
    ----------
    architecture, name : str
        `name` is that of its folder.
    point : dict
        The values to try.
    before : Before or None
        The trials that may end it, if any may.
    label : str
        What the person knows it by.
    """

    architecture: str
    name: str
    point: dict[str, Any]
    before: Before | None
    label: str


def train_trial(search: Search, todo: Todo) -> dict[str, Any]:
    """Train one trial, or go on with it; return its row of the table, with `val_losses`.

    The row is in the trial's folder, too: one that is there with its files is not trained again.
    """
    folder = search.folder / todo.name
    if (kept := _kept(folder)) is not None:
        return kept
    say(f"  {todo.label}: {describe(todo.architecture, todo.point)}")
    options = search.trial_options(todo.architecture, todo.point)
    watch = _Watch(todo, options, plan_of(options, len(search.rows[0])).stop.epochs)
    # nothing of the trial before is kept, in memory either
    import_keras().utils.clear_session()
    result = {
        "trial": todo.name,
        "architecture": todo.architecture,
        "values": todo.point,
        "loss_function": options.loss,
        "input_scaling": options.input_scaling,
        "parameters": _parameters(search, options),
        "files": [],
        "epochs_at_most": watch.epochs,
        **_outcome(search, options, folder, watch),
    }
    write_json(folder / RESULT, result)
    return result


def _outcome(search: Search, options: Options, folder: Path, watch: "_Watch") -> dict[str, Any]:
    """Train; return what became of it."""
    label = f"{search.inputs.name} {watch.todo.label}"
    try:
        Autoencoder(options).fit(replace(search.inputs, folder=folder, name=label), watch)
    except _DivergedError:
        say(f"  {watch.todo.label}: diverged in its first epoch")
        return {"state": "diverged", "epochs": 1, "collapsed": False, "val_losses": []}
    result = {
        "seconds": watch.times[-1] - watch.times[0],
        "seconds_per_epoch": watch.seconds_per_epoch(),
        "val_losses": watch.val_losses,
    }
    if watch.pruned_after is not None:
        return result | _cut(folder, watch.pruned_after)
    measures = _of_history(folder) | _measured(search, options, folder)
    return result | measures | {"state": "complete", "files": [*Autoencoder.models]}


def settled(search: Search, result: dict[str, Any], before: Sequence[Curve]) -> dict[str, Any]:
    """Return the result as if all trials before it had ended before it began."""
    curve = curve_of(result, result["val_losses"])
    epochs = pruned_after(curve, before) if curve else None
    if epochs is None:
        return result
    known = ("trial", "architecture", "values", "loss_function", "input_scaling", "parameters")
    times = ("epochs_at_most", "seconds", "seconds_per_epoch")
    kept = {name: result[name] for name in (*known, *times)}
    losses = result["val_losses"][:epochs]
    cut = kept | {"val_losses": losses} | _cut(search.folder / result["trial"], epochs)
    write_json(search.folder / result["trial"] / RESULT, cut)
    say(f"  {result['trial']}: pruned after {epochs} epochs")
    return cut


def _cut(folder: Path, epochs: int) -> dict[str, Any]:
    """Leave a trial's history of so many epochs, and no model; return its result."""
    lines = (folder / "history.csv").read_text().splitlines(keepends=True)
    write_text(folder / "history.csv", "".join(lines[: epochs + 1]))
    for path in (*folder.glob("*.keras"), folder / "health.json"):
        path.unlink(missing_ok=True)
    pruned = {"state": "pruned", "collapsed": False, "files": ["history.csv"]}
    return _of_history(folder) | pruned


def _kept(folder: Path) -> dict[str, Any] | None:
    """Return the result of a trial that an earlier run trained, if its files are there."""
    if not (folder / RESULT).exists():
        return None
    result: dict[str, Any] = json.loads((folder / RESULT).read_text())
    return result if all((folder / name).exists() for name in result["files"]) else None


def describe(architecture: str, values: dict[str, Any]) -> str:
    """Write a trial's values in one line.

    Examples
    --------
    >>> describe("autoencoder_1", {"latent_dim": 64, "learning_rate": 0.001})
    'autoencoder_1, latent_dim 64, learning_rate 0.001'
    """
    shown = [
        f"{key} {v:.4g}" if isinstance(v, float) else f"{key} {v}" for key, v in values.items()
    ]
    return ", ".join([architecture, *shown])


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


def _of_history(folder: Path) -> dict[str, Any]:
    history = pd.read_csv(folder / "history.csv")
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
    """Keeps a trial's losses epoch by epoch, and prunes a trial that is worse than its rivals."""

    def __init__(self, todo: Todo, options: Options, epochs: int) -> None:
        self.todo = todo
        self.alike = (options.loss, options.input_scaling)
        self.epochs = epochs
        self.rivals: list[Curve] | None = None
        self.val_losses: list[float] = []
        self.times = [time.perf_counter()]
        self.pruned_after: int | None = None

    def __call__(self, epoch: int, loss: float, val_loss: float) -> bool:
        # before the training itself refuses such a loss, which would end the whole search
        if epoch == 0 and not np.isfinite(val_loss):
            raise _DivergedError
        self.times.append(time.perf_counter())
        self.val_losses.append(val_loss)
        if self.todo.before is not None and self.rivals is None:
            self.rivals = self.todo.before.rivals()
        if self.rivals is not None:
            so_far = Curve(self.todo.name, self.alike, self.val_losses, np.nan, np.nan, self.epochs)
            self.pruned_after = pruned_after(so_far, self.rivals)
        return self.pruned_after is None

    def seconds_per_epoch(self) -> float:
        spans = np.diff(self.times)
        trained = spans[spans >= _SHORTEST_EPOCH]
        return float(np.median(trained if trained.size else spans))
