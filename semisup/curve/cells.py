"""Cells of the learning curve: one fit on a label budget of a draw, one test on the whole test set.

Cells that share representation, classifier and draw are one task: computed and saved together.
"""

import gc
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup import registry
from semisup.classifiers import at_point, build_classifier, classifier, n_points
from semisup.curve.answers import Answers
from semisup.curve.balance import oversampled, treatment
from semisup.curve.choices import choice_columns
from semisup.curve.fit import Fit, LabelledRows, fit, fit_numbers
from semisup.curve.queries import (
    drawn_after,
    first_recordings,
    next_recordings,
    query_column,
)
from semisup.curve.search import choose
from semisup.curve.shared import Cell, SharedCells
from semisup.curve.sources import Source
from semisup.curve.task import Known, Task, budget, cell_seed
from semisup.engine import outside
from semisup.metrics import probability_scores
from semisup.study.spec import ClassifierSpec

#: In front of the names of a history's columns in the file of a task.
HISTORY = "history_"


def run_task(task: Task, path: Path) -> None:
    """Compute the cells of one task, all budgets of one draw, and write them.

    Parameters
    ----------
    task : Task
    path : Path
        An ``.npz`` file with one row a budget: percentage, n_recordings, n_rows, confusion (what
        the target counts: of classes a matrix, of numbers their sums), predicted, probability (of
        the predicted class) and of_probabilities (the scores by `PROBABILITY_METRICS`; both NaN
        where the classifier has no probabilities), seconds. Of networks also what
        `history_columns` gives, of searched classifiers what `choice_columns` gives, of those with
        a query what `query_column` gives, for fusions weights (n_budgets, n_units, n_classes).
    """
    cells, recordings = [], [first_recordings(task)]
    shared = SharedCells(task, path.parent)
    for number in range(len(task.budgets)):
        cell, following = shared.get(recordings[-1]), drawn_after(task, number)
        if cell is None:
            cell, following = _run_cell(task, number, recordings[-1])
            shared.keep(recordings[-1], cell)
        cells.append(cell)
        recordings.append(following)
    fields = dict(zip(Cell._fields, zip(*cells, strict=True), strict=True))
    histories, choices, weights = (fields.pop(name) for name in ("history", "choice", "weights"))
    columns: dict[str, Any] = {name: np.array(values) for name, values in fields.items()}
    columns |= history_columns(task.budgets, histories) | choice_columns(choices)
    columns |= query_column(task, recordings[:-1])
    columns |= {"weights": np.array(weights)} if task.rules.keeps_weights else {}
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


def fit_cell(
    task: Task, percentage: float, source: Source, recordings: np.ndarray | None = None
) -> Fit:
    """Fit the classifier of a task to the rows of a label budget.

    Parameters
    ----------
    task : Task
    percentage : float
        The budget, which the random state depends on too.
    source : Source
        Of the features at this budget.
    recordings : ndarray of int, optional
        Of the budget; those of the draw if left out.
    """
    system, state = task.system, _state(task, percentage)
    if recordings is None:
        recordings = budget(task.order, task.labelled.classes, percentage)
    rows = np.isin(task.labelled.owner, recordings)
    if not n_points(system.spec):
        return _fit(task, system.spec, state, source, rows)
    trial = partial(_held_out, task, state, source)
    choice = choose(system.spec, task.labelled, rows, state, trial, task.rules.target)
    spec = at_point(system.spec, choice.parameters)
    return _fit(task, spec, state, source, rows)._replace(choice=choice)


def _state(task: Task, percentage: float) -> int:
    system = task.system
    # by names, not by places in the study: another classifier beside it changes no score. One that
    # asks has the state of the one that does not: on the same recordings both are the same fit.
    names = system.representation, system.drawn or system.classifier
    return cell_seed(task.rules.seed, *names, percentage, task.draw)


def _fit(task: Task, spec: ClassifierSpec, state: int, source: Source, rows: np.ndarray) -> Fit:
    """Fit a classifier to some labelled rows, a mask; classes are treated as the rules say."""
    known, numbers, entry = task.labelled, np.flatnonzero(rows), classifier(spec.kind)
    if known.numbers is not None:
        owner = known.owner[numbers]
        labelled = LabelledRows(source.labelled(numbers), known.numbers[owner], owner)
        regressor = build_classifier(spec, state, "regression", task.rules.accelerate)
        return fit_numbers(entry, regressor, labelled, task.rules.scale)
    how = treatment(entry, spec.parameters, task.rules.balance)
    if how == "oversample":
        numbers = numbers[oversampled(known.classes[known.owner[numbers]], state)]
    owner = known.owner[numbers]
    labelled = LabelledRows(source.labelled(numbers), known.classes[owner], owner)
    estimator = build_classifier(spec, state, accelerate=task.rules.accelerate)
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
    rows = source.labelled(np.flatnonzero(outside))
    predicted, _ = predict(Answers(fitted, rows, task.rules.n_classes), asked)
    return task.rules.target.counted(asked.truth, predicted)


def _run_cell(task: Task, number: int, recordings: np.ndarray) -> tuple[Cell, np.ndarray]:
    """Fit and test on some recordings; return those of the next budget too."""
    began = time.perf_counter()
    percentage, source = task.budgets[number], task.source.at(number)
    with outside.guarded(registry.classifiers.reference(task.system.spec.kind)):
        fitted = fit_cell(task, percentage, source, recordings)
        answers = Answers(fitted, source.test(), task.rules.n_classes)
        predicted, weights = predict(answers, task)
        in_doubt = partial(_weights_of, fitted, task, source)
        kept = means(answers, task.test).astype(np.float32) if task.rules.keeps_weights else None
        following = next_recordings(
            task, number, recordings, in_doubt, source, _state(task, percentage)
        )
    # scored as they are stored: scores and comparison are of the same numbers
    predicted = predicted.astype(task.rules.target.stored)
    history, choice = fitted.history, fitted.choice
    if history is not None:
        del fitted, answers, in_doubt
        gc.collect()  # a Keras model is a circle of references: hundreds of them add up
    cell = Cell(
        n_recordings=len(recordings),
        n_rows=int(np.isin(task.labelled.owner, recordings).sum()),
        confusion=task.rules.target.counted(task.truth, predicted),
        predicted=predicted,
        probability=_share(weights, predicted).astype(np.float32),
        of_probabilities=probability_scores(weights, task.truth),
        seconds=time.perf_counter() - began,
        history=history,
        choice=choice,
        weights=kept,
    )
    return cell, following


def _weights_of(fitted: Fit, task: Task, source: Source, recordings: np.ndarray) -> np.ndarray:
    """Return what a fit makes of labelled recordings, sorted: (n, n_classes)."""
    rows = np.isin(task.labelled.owner, recordings)
    features = source.labelled(np.flatnonzero(rows))
    return means(Answers(fitted, features, task.rules.n_classes), task.labelled.only(rows))


def means(answers: Answers, known: Known) -> np.ndarray:
    """Return the mean of each recording's probabilities, else decision values, else votes."""
    by_row = answers.probabilities
    if by_row is None:
        by_row = answers.decisions
    if by_row is None:
        by_row = answers.votes
    # means, not sums: a recording of many rows is not surer for their number
    return _by_recording(by_row, known) / np.bincount(known.owner)[:, None]


def predict(answers: Answers, task: Task) -> tuple[np.ndarray, np.ndarray | None]:
    """Return what is predicted of each scored unit, and the weights of all classes if known."""
    if task.test.numbers is not None:
        return _numbers(answers, task), None
    by_row = answers.probabilities
    if task.rules.unit == "chunk":
        if by_row is not None and answers.fitted.history is not None:
            # as a network's `predict`, without running it again
            return by_row.argmax(axis=1), by_row
        return answers.classes, by_row
    has_probabilities = by_row is not None
    if by_row is None and _has_several_rows(task.test):
        by_row = answers.decisions
    if by_row is None:
        by_row = answers.votes
    by_recording = _by_recording(by_row, task.test)
    # The sum over a recording's chunks has its largest value where the mean has it. Rounding to
    # twelve digits makes ties ties: equal sums go to the class that comes first.
    return by_recording.round(12).argmax(axis=1), by_recording if has_probabilities else None


def _by_recording(by_row: np.ndarray, known: Known) -> np.ndarray:
    """Add up the weights of the rows of each recording."""
    by_recording = np.zeros((len(known.classes), by_row.shape[1]))
    # not `by_recording[owner] += by_row`, which counts one row of each recording only
    np.add.at(by_recording, known.owner, by_row)
    return by_recording


def _numbers(answers: Answers, task: Task) -> np.ndarray:
    """Return the number of each scored unit, of a recording the mean over its rows."""
    by_row = answers.fitted.numbers(answers.rows)
    if task.rules.unit == "chunk":
        return by_row
    owner, n = task.test.owner, len(task.test.classes)
    return np.bincount(owner, by_row, n) / np.bincount(owner, minlength=n)


def _has_several_rows(known: Known) -> bool:
    """Tell whether a recording has several: their decision values, unlike votes, seldom tie.

    Where none has, the classifier's `predict` decides.
    """
    return len(known.owner) > len(np.unique(known.owner))


def _share(weights: np.ndarray | None, classes: np.ndarray) -> np.ndarray:
    """Return the share that each unit's weights give to a class, NaN without probabilities."""
    if weights is None:
        return np.full(len(classes), np.nan)
    # the weights of a recording are sums over its chunks, so they do not add up to 1
    return weights[np.arange(len(classes)), classes] / weights.sum(axis=1)
