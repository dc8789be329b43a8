"""Cells of the learning curve: one fit on a label budget of a draw, one test on the whole test set.

Cells that share representation, classifier and draw are one task: computed and saved together.
"""

import gc
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup import registry
from semisup.classifiers import build_classifier, classifier
from semisup.curve.fit import Fit, LabelledRows, fit
from semisup.curve.sources import Features, Source
from semisup.curve.task import Task, budget, cell_seed
from semisup.engine import outside
from semisup.metrics import confusion, probability_scores

#: In front of the names of a history's columns in the file of a task.
HISTORY = "history_"


class Cell(NamedTuple):
    """What one fit and its test give; all but the history is a column of the task's file."""

    n_recordings: int
    n_rows: int
    confusion: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    of_probabilities: np.ndarray
    seconds: float
    history: pd.DataFrame | None


def run_task(task: Task, path: Path) -> None:
    """Compute the cells of one task, all budgets of one draw, and write them.

    Parameters
    ----------
    task : Task
    path : Path
        An ``.npz`` file with one row a budget: percentage, n_recordings, n_rows, confusion,
        predicted, probability (of the predicted class) and of_probabilities (the scores by
        `PROBABILITY_METRICS`; both NaN where the classifier has no probabilities), seconds. Of
        networks also what `history_columns` gives.
    """
    cells = [_run_cell(task, number) for number in range(len(task.budgets))]
    fields = dict(zip(Cell._fields, zip(*cells, strict=True), strict=True))
    histories = fields.pop("history")
    columns: dict[str, Any] = {name: np.array(values) for name, values in fields.items()}
    columns |= history_columns(task.budgets, histories)
    np.savez(path, percentage=np.array(task.budgets), **columns)


def history_columns(
    budgets: list[float], histories: Sequence[pd.DataFrame | None]
) -> dict[str, np.ndarray]:
    """Join the histories of a task's fits to columns, `HISTORY` in front of their names."""
    by_budget = {
        budget: history
        for budget, history in zip(budgets, histories, strict=True)
        if history is not None
    }
    if not by_budget:
        return {}
    table = pd.concat(by_budget, names=["percentage"]).reset_index("percentage")
    # text must not be objects, which would be pickled
    return {
        HISTORY + str(name): table[name].to_numpy(str if name in ("head", "phase") else float)
        for name in table
    }


def fit_cell(task: Task, percentage: float, source: Source) -> Fit:
    """Fit the classifier of a task to the rows of a label budget.

    Parameters
    ----------
    task : Task
    percentage : float
        The budget, which the random state depends on too.
    source : Source
        Of the features at this budget.
    """
    system, rules, owner = task.system, task.rules, task.labelled.owner
    # by names, not by places in the study: another classifier beside it changes no score
    state = cell_seed(rules.seed, system.representation, system.classifier, percentage, task.draw)
    rows = np.isin(owner, budget(task.order, task.labelled.classes, percentage))
    labelled = LabelledRows(source.labelled(rows), task.labelled.classes[owner[rows]], owner[rows])
    entry = classifier(system.spec.kind)
    return fit(entry, build_classifier(system.spec, state), labelled, source, rules.scale)


def _run_cell(task: Task, number: int) -> Cell:
    began = time.perf_counter()
    percentage, source = task.budgets[number], task.source.at(number)
    recordings = budget(task.order, task.labelled.classes, percentage)
    with outside.guarded(registry.classifiers.reference(task.system.spec.kind)):
        fitted = fit_cell(task, percentage, source)
        predicted, weights = _predict(fitted, task, source.test())
    history = fitted.history
    if history is not None:
        del fitted
        gc.collect()  # a Keras model is a circle of references: hundreds of them add up
    return Cell(
        n_recordings=len(recordings),
        n_rows=int(np.isin(task.labelled.owner, recordings).sum()),
        confusion=confusion(task.truth, predicted, task.rules.n_classes),
        predicted=predicted.astype(np.int8),
        probability=_share(weights, predicted).astype(np.float32),
        of_probabilities=probability_scores(weights, task.truth),
        seconds=time.perf_counter() - began,
        history=history,
    )


def _predict(fitted: Fit, task: Task, test: Features) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the predicted class of each scored unit, and the weights of all classes if known."""
    n_classes = task.rules.n_classes
    by_row = fitted.probabilities(test, n_classes)
    if task.rules.unit == "chunk":
        if by_row is not None and fitted.history is not None:
            return by_row.argmax(
                axis=1
            ), by_row  # as a network's `predict`, without running it again
        return fitted.predict(test), by_row
    has_probabilities = by_row is not None
    if by_row is None:
        # one vote a row, as for an SVM
        by_row = np.zeros((len(test), n_classes))
        by_row[np.arange(len(test)), fitted.predict(test)] = 1
    by_recording = np.zeros((len(task.test.classes), n_classes))
    # not `by_recording[owner] += by_row`, which counts one row of each recording only
    np.add.at(by_recording, task.test.owner, by_row)
    # The sum over a recording's chunks has its largest value where the mean has it. Rounding to
    # twelve digits makes ties ties: equal votes go to the class that comes first.
    return by_recording.round(12).argmax(axis=1), by_recording if has_probabilities else None


def _share(weights: np.ndarray | None, classes: np.ndarray) -> np.ndarray:
    """Return the share that each unit's weights give to a class, NaN without probabilities."""
    if weights is None:
        return np.full(len(classes), np.nan)
    # the weights of a recording are sums over its chunks, so they do not add up to 1
    return weights[np.arange(len(classes)), classes] / weights.sum(axis=1)
