"""Cells that a task need not fit: the same rows give a classifier without chance the same answers.

With all labels every order of them is the same set, and where recordings are few two budgets can
be. In: a task and the folder of its part. Out: the finished cell of such a set, if there is one.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.classifiers import Choice, classifier, n_points
from semisup.curve.balance import treatment
from semisup.curve.task import Task
from semisup.engine.artefacts import fingerprint, write_whole


class Cell(NamedTuple):
    """What one fit and its test give; most are columns of the task's file."""

    n_recordings: int
    n_rows: int
    confusion: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    of_probabilities: np.ndarray
    seconds: float
    history: pd.DataFrame | None
    choice: Choice | None
    weights: np.ndarray | None


class SharedCells:
    """The cells of a task whose fits others have done: the budget before, or another draw.

    Parameters
    ----------
    task : Task
    folder : Path
        Of the parts of all draws: what one writes of all labels the others read.
    """

    def __init__(self, task: Task, folder: Path) -> None:
        self.task, self.is_possible = task, is_without_chance(task)
        key = task.source.key
        names = task.system.representation, task.system.classifier, key
        self.of_all = folder / f"all-{fingerprint('all', *names)}.npz" if key else None
        self.before: tuple[np.ndarray, Cell] | None = None

    def get(self, recordings: np.ndarray) -> Cell | None:
        """Return the cell of some recordings, sorted, if it is there already."""
        began = time.perf_counter()
        cell = self._get(recordings) if self.is_possible else None
        return cell and cell._replace(seconds=time.perf_counter() - began)

    def _get(self, recordings: np.ndarray) -> Cell | None:
        if self.before is not None and np.array_equal(self.before[0], recordings):
            return self.before[1]
        if not (self._are_all(recordings) and self.of_all and self.of_all.exists()):
            return None
        with np.load(self.of_all) as columns:
            return _cell(columns)

    def keep(self, recordings: np.ndarray, cell: Cell) -> None:
        """Keep a cell for the next budget, and that of all labels for the other draws."""
        self.before = recordings, cell
        if self.is_possible and self._are_all(recordings) and self.of_all:
            # two draws that write at once write the same
            columns = {name: value for name, value in cell._asdict().items() if value is not None}
            write_whole(self.of_all, lambda path: np.savez(path, **columns))

    def _are_all(self, recordings: np.ndarray) -> bool:
        return len(recordings) == len(self.task.order)


def is_without_chance(task: Task) -> bool:
    """Tell whether the cells of a task depend on their rows alone, and not on their random state.

    A search deals its folds, and a query and copies of rows choose, by the state of the cell.
    """
    spec, rules = task.system.spec, task.rules
    entry = classifier(spec.kind)
    return (
        entry.chance is not None
        and not set(entry.chance) & set(spec.parameters)
        and not n_points(spec)
        and spec.query is None
        and treatment(entry, spec.parameters, rules.balance) != "oversample"
    )


def _cell(columns: Mapping[str, np.ndarray]) -> Cell:
    """Return the cell of a file: single numbers as they were, what was None as None."""
    values: dict[str, Any] = dict.fromkeys(Cell._fields)
    for name in columns:
        array = columns[name]
        values[name] = array if array.ndim else array.item()
    return Cell(**values)
