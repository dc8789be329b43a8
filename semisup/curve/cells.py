"""Cells of the learning curve: one fit on a label budget of a draw, one test on the whole test set.

Cells that share representation, classifier and draw are one task: computed and saved together.
"""

import gc
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup import registry
from semisup.classifiers import Choice, at_point, build_classifier, classifier, n_points
from semisup.curve.balance import oversampled, treatment
from semisup.curve.choices import choice_columns
from semisup.curve.fit import Fit, LabelledRows, fit
from semisup.curve.search import choose
from semisup.curve.sources import Features, Source
from semisup.curve.task import Task, budget, cell_seed
from semisup.engine import outside
from semisup.metrics import confusion, probability_scores
from semisup.study.spec import ClassifierSpec

#: In front of the names of a history's columns in the file of a task.
HISTORY = "history_"


class Cell(NamedTuple):
    """What one fit and its test give; most are columns of the task's file, as `run_task` says."""

    n_recordings: int
    n_rows: int
    confusion: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    of_probabilities: np.ndarray
    seconds: float
    history: pd.DataFrame | None
    choice: Choice | None


def run_task(task: Task, path: Path) -> None:
    """Compute the cells of one task, all budgets of one draw, and write them.

    Parameters
    ----------
    task : Task
    path : Path
        An ``.npz`` file with one row a budget: percentage, n_recordings, n_rows, confusion,
        predicted, probability (of the predicted class) and of_probabilities (the scores by
        `PROBABILITY_METRICS`; both NaN where the classifier has no probabilities), seconds. Of
        networks also what `history_columns` gives, of searched classifiers what `choice_columns`
        gives.
    """
    cells = [_run_cell(task, number) for number in range(len(task.budgets))]
    fields = dict(zip(Cell._fields, zip(*cells, strict=True), strict=True))
    histories, choices = fields.pop("history"), fields.pop("choice")
    columns: dict[str, Any] = {name: np.array(values) for name, values in fields.items()}
    columns |= history_columns(task.budgets, histories) | choice_columns(choices)
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
    if not n_points(system.spec):
        return _fit(task, system.spec, state, source, rows)
    trial = partial(_held_out, task, state, source)
    choice = choose(system.spec, task.labelled, rows, state, trial)
    spec = at_point(system.spec, choice.parameters)
    return _fit(task, spec, state, source, rows)._replace(choice=choice)


def _fit(task: Task, spec: ClassifierSpec, state: int, source: Source, rows: np.ndarray) -> Fit:
    """Fit a classifier to some labelled rows, a mask; classes are treated as the rules say."""
    known, numbers, entry = task.labelled, np.flatnonzero(rows), classifier(spec.kind)
    how = treatment(entry, spec.parameters, task.rules.balance)
    if how == "oversample":
        numbers = numbers[oversampled(known.classes[known.owner[numbers]], state)]
    owner = known.owner[numbers]
    labelled = LabelledRows(source.labelled(numbers), known.classes[owner], owner)
    estimator = build_classifier(spec, state)
    return fit(entry, estimator, labelled, source, task.rules.scale, weighted=how == "weights")


def _held_out(
    task: Task,
    state: int,
    source: Source,
    spec: ClassifierSpec,
    inside: np.ndarray,
    outside: np.ndarray,
) -> np.ndarray:
    """Count the answers about labelled rows that are held out, as those about test rows are."""
    fitted = _fit(task, spec, state, source, inside)
    asked = task._replace(test=task.labelled.only(outside))
    predicted, _ = _predict(fitted, asked, source.labelled(np.flatnonzero(outside)))
    return confusion(asked.truth, predicted, task.rules.n_classes)


def _run_cell(task: Task, number: int) -> Cell:
    began = time.perf_counter()
    percentage, source = task.budgets[number], task.source.at(number)
    recordings = budget(task.order, task.labelled.classes, percentage)
    with outside.guarded(registry.classifiers.reference(task.system.spec.kind)):
        fitted = fit_cell(task, percentage, source)
        predicted, weights = _predict(fitted, task, source.test())
    history, choice = fitted.history, fitted.choice
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
        choice=choice,
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
        by_row = decisions(fitted, task, test)
    if by_row is None:
        by_row = votes(fitted, task, test)
    by_recording = np.zeros((len(task.test.classes), n_classes))
    # not `by_recording[owner] += by_row`, which counts one row of each recording only
    np.add.at(by_recording, task.test.owner, by_row)
    # The sum over a recording's chunks has its largest value where the mean has it. Rounding to
    # twelve digits makes ties ties: equal sums go to the class that comes first.
    return by_recording.round(12).argmax(axis=1), by_recording if has_probabilities else None


def decisions(fitted: Fit, task: Task, rows: Features) -> np.ndarray | None:
    """Return decision values (n_rows, n_classes), by which few chunks seldom tie, if there are any.

    None too where no test recording has several rows: there the classifier's `predict` decides.
    """
    several = len(task.test.owner) > len(np.unique(task.test.owner))
    return fitted.decisions(rows, task.rules.n_classes) if several else None


def votes(fitted: Fit, task: Task, rows: Features) -> np.ndarray:
    """Return 1 for the class that each row is predicted to be of, (n_rows, n_classes)."""
    return np.eye(task.rules.n_classes)[fitted.predict(rows)]


def _share(weights: np.ndarray | None, classes: np.ndarray) -> np.ndarray:
    """Return the share that each unit's weights give to a class, NaN without probabilities."""
    if weights is None:
        return np.full(len(classes), np.nan)
    # the weights of a recording are sums over its chunks, so they do not add up to 1
    return weights[np.arange(len(classes)), classes] / weights.sum(axis=1)
