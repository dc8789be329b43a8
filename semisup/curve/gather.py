"""From the files of finished tasks to tables: scores, losses, histories, predictions, seconds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup.curve.cells import HISTORY
from semisup.curve.plan import Experiment
from semisup.curve.task import Task
from semisup.metrics import scores

#: What tells cells apart, and what a network's history has of each epoch.
CELL = ("representation", "classifier", "percentage", "draw")
HISTORY_COLUMNS = (
    *("head", "phase", "epoch", "loss", "val_loss"),
    *("accuracy", "val_accuracy", "learning_rate"),
)
_HISTORY_TYPES = {
    **dict.fromkeys(("representation", "classifier", "head", "phase"), "str"),
    **dict.fromkeys(("draw", "epoch"), "int32"),
}


def gather_scores(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the scores of all tasks into one table, in the study's order."""
    return _gather(
        experiment,
        parts,
        lambda task, part: {
            "representation": task.system.representation,
            "classifier": task.system.classifier,
            "percentage": part["percentage"],
            "n_recordings": part["n_recordings"],
            "n_rows": part["n_rows"],
            "draw": task.draw,
            "unit": task.rules.unit,
            **scores(part["confusion"]),
        },
    )


def gather_timings(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the seconds of all cells into one table."""
    return _gather(
        experiment,
        parts,
        lambda task, part: {"stage": "curve", **_cell_keys(task, part), "seconds": part["seconds"]},
    )


def gather_losses(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the log losses of all cells whose classifier gives probabilities.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, draw, log_loss: the mean of -ln(probability of the
        true class) over the scored units, in nats.
    """
    table = _gather(
        experiment,
        parts,
        lambda task, part: {**_cell_keys(task, part), "log_loss": part["log_loss"]},
    )
    return table.dropna().reset_index(drop=True)


def gather_histories(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the histories of all networks.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, draw, head and phase ("" but for transfer learning),
        epoch (from 1), loss, val_loss, accuracy, val_accuracy, learning_rate; one row an epoch.
    """
    tables = []
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as part:
            columns = {
                name: part[HISTORY + name]
                for name in ("percentage", *HISTORY_COLUMNS)
                if HISTORY + name in part
            }
        if columns:
            keys = _cell_keys(task, columns)
            tables.append(pd.DataFrame({**keys, "head": "", "phase": "", **columns}))
    names = [*CELL, *HISTORY_COLUMNS]
    joined = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names)
    types = {name: _HISTORY_TYPES.get(name, "float64") for name in names}
    return joined[names].astype(types)


def _gather(
    experiment: Experiment, parts: list[Path], columns: Callable[[Task, Any], dict[str, Any]]
) -> pd.DataFrame:
    """Join one table a task, in the study's order; `columns` makes it from the task's file."""
    tables = []
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as part:
            tables.append(pd.DataFrame(columns(task, part)))
    return pd.concat(tables, ignore_index=True)


def _cell_keys(task: Task, part: Any) -> dict[str, Any]:
    return {
        "representation": task.system.representation,
        "classifier": task.system.classifier,
        "percentage": part["percentage"],
        "draw": task.draw,
    }


def gather_predictions(experiment: Experiment, parts: list[Path]) -> Iterator[pd.DataFrame]:
    """Yield the predictions of one task after the other.

    Yields
    ------
    DataFrame
        representation, classifier, percentage, draw, recording, chunk (-1 for a recording),
        predicted (int8, the place of the class in the sorted class names), probability (float32, of
        that class; NaN where the classifier has none).
    """
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as part:
            predicted, percentages = part["predicted"], part["percentage"]
            probability = part["probability"]
        rows = experiment.test_rows(task)
        yield pd.DataFrame(
            {
                "representation": task.system.representation,
                "classifier": task.system.classifier,
                "percentage": np.repeat(percentages, len(rows)),
                "draw": np.int32(task.draw),
                "recording": np.tile(rows["recording"].to_numpy(), len(percentages)),
                "chunk": np.tile(rows["chunk"].to_numpy(), len(percentages)),
                "predicted": predicted.ravel(),
                "probability": probability.ravel(),
            }
        )
