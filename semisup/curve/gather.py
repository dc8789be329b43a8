"""Tables of a finished learning curve: scores, losses, histories, predictions and seconds."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.curve.cells import HISTORY
from semisup.curve.plan import Experiment
from semisup.curve.task import Task
from semisup.metrics import PROBABILITY_METRICS

#: What tells cells apart, and what a network's history has of each epoch.
CELL = ("representation", "classifier", "percentage", "draw")
HISTORY_COLUMNS = (
    "head",
    "phase",
    "epoch",
    "loss",
    "val_loss",
    "accuracy",
    "val_accuracy",
    "learning_rate",
)
#: All others are float64; without a history there are still columns, and of these types.
_HISTORY_TYPES = {
    **dict.fromkeys(("representation", "classifier", "head", "phase"), "str"),
    **dict.fromkeys(("draw", "epoch"), "int32"),
}


def gather_scores(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the scores of all tasks into one table, in the study's order."""
    return _gather(
        experiment,
        parts,
        lambda task, cells: {
            "representation": task.system.representation,
            "classifier": task.system.classifier,
            "percentage": cells["percentage"],
            "n_recordings": cells["n_recordings"],
            "n_rows": cells["n_rows"],
            "draw": task.draw,
            "unit": task.rules.unit,
            **task.rules.target.scores(cells["confusion"]),
        },
    )


def gather_timings(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the seconds of all cells into one table."""
    return _gather(
        experiment,
        parts,
        lambda task, cells: {
            "stage": "curve",
            **task.keys(cells["percentage"]),
            "seconds": cells["seconds"],
        },
    )


def gather_losses(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the scores of the probabilities of all cells whose classifier gives them.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, draw, and those of `PROBABILITY_METRICS`: log_loss,
        the mean of -ln(probability of the true class) over the scored units, in nats, and others.
    """
    table = _gather(
        experiment,
        parts,
        lambda task, cells: {
            **task.keys(cells["percentage"]),
            **dict(zip(PROBABILITY_METRICS, cells["of_probabilities"].T, strict=True)),
        },
    )
    # NaN where the classifier has no probabilities
    return table.dropna(subset=["log_loss"]).reset_index(drop=True)


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
        with np.load(path) as cells:
            columns = {
                name: cells[HISTORY + name]
                for name in ("percentage", *HISTORY_COLUMNS)
                if HISTORY + name in cells
            }
        if columns:
            keys = task.keys(columns["percentage"])
            tables.append(pd.DataFrame({**keys, "head": "", "phase": "", **columns}))
    names = [*CELL, *HISTORY_COLUMNS]
    joined = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names)
    types = {name: _HISTORY_TYPES.get(name, "float64") for name in names}
    return joined[names].astype(types)


def _gather(
    experiment: Experiment,
    parts: list[Path],
    columns: Callable[[Task, Mapping[str, np.ndarray]], dict[str, object]],
) -> pd.DataFrame:
    """Join one table a task, in the study's order; `columns` makes it from the task's file."""
    tables = []
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as cells:
            tables.append(pd.DataFrame(columns(task, cells)))
    return pd.concat(tables, ignore_index=True)


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
        with np.load(path) as cells:
            predicted, percentages = cells["predicted"], cells["percentage"]
            probability = cells["probability"]
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
