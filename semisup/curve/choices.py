"""What cells chose of their grids: columns of a task's file, and the table `choices.csv`."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.classifiers import Choice
from semisup.curve.plan import Experiment

#: In front of the names of a choice's columns in the file of a task.
PREFIX = "choice_"
#: Of the table, after those that tell cells apart.
COLUMNS = ("parameters", "inner_uar", "inner_folds", "grouped_by")
#: Instead of parameters where a budget is too small to choose any.
DEFAULT = "default"


def choice_columns(choices: Sequence[Choice | None]) -> dict[str, np.ndarray]:
    """Return columns of the choices of a task's cells; none where nothing is searched."""
    rows = [_row(choice) for choice in choices if choice is not None]
    columns = zip(COLUMNS, zip(*rows, strict=True), strict=True) if rows else ()
    return {PREFIX + name: np.array(values) for name, values in columns}


def gather_choices(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the choices of all cells that chose.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, draw, parameters (a JSON object, or "default" where
        the budget was too small), inner_uar (NaN there), inner_folds (0 there), grouped_by
        ("speaker", "recording" or "").
    """
    tables = []
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as cells:
            if PREFIX + COLUMNS[0] not in cells:
                continue
            keys = task.keys(cells["percentage"])
            chosen = {name: cells[PREFIX + name] for name in COLUMNS}
            tables.append(pd.DataFrame(keys | chosen))
    return pd.concat(tables, ignore_index=True)


def _row(choice: Choice) -> tuple[str, float, int, str]:
    chosen = json.dumps(choice.parameters, ensure_ascii=False) if choice.folds else DEFAULT
    return chosen, choice.uar, choice.folds, choice.grouped_by
