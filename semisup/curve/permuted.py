"""Test rows with some of their features permuted, predicted by a fit of a cell.

In: a task of the curve, a label budget, groups of features. Out: predicted classes as the cell has
them, and after each permutation. The fit is the very one of the cell; test rows alone are permuted.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from semisup import registry
from semisup.curve.answers import Answers
from semisup.curve.cells import fit_cell, predict
from semisup.curve.fit import Fit
from semisup.curve.task import Known, Task
from semisup.engine import outside
from semisup.engine.artefacts import fingerprint
from semisup.features.families import Group

#: Numbers of the permuted copies that are predicted at once: 64 MiB.
_AT_ONCE = 2**23


class Permuting(NamedTuple):
    """Everything that the predictions of one draw of one system depend on.

    Parameters
    ----------
    task : Task
    percentage : float
        One of the task's budgets.
    groups : list of Group
        Features that are permuted together.
    permutations : int
        Of each group.
    """

    task: Task
    percentage: float
    groups: list[Group]
    permutations: int


def run_permuting(asked: Permuting, path: Path) -> None:
    """Write an ``.npz`` file: predicted, the scored units as they are first, and seconds.

    `predicted` has the shape (1 + n_groups * permutations, n_units), groups one after the other.
    """
    began = time.perf_counter()
    task = asked.task
    source = task.source.at(task.budgets.index(asked.percentage))
    with outside.guarded(registry.classifiers.reference(task.system.spec.kind)):
        fitted = fit_cell(task, asked.percentage, source)
        test = source.test()
        # the checks of a study refuse arrays, which have no features
        assert isinstance(test, np.ndarray)
        predicted = _predicted(fitted, asked, test)
    np.savez(path, predicted=predicted, seconds=time.perf_counter() - began)


def donors(owner: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return for each row the row that gives it values: recordings are permuted, not their rows.

    The rows of a recording take those of another, in their order and from the first again where
    it has fewer: permuted one by one they would take the other's sound for half of the votes only.

    Parameters
    ----------
    owner : ndarray of shape (n_rows,), int
        Recording of each row.
    rng : Generator

    Returns
    -------
    ndarray of shape (n_rows,), int
    """
    order = np.argsort(owner, kind="stable")
    _, firsts, number, counts = np.unique(
        owner[order], return_index=True, return_inverse=True, return_counts=True
    )
    place = np.arange(len(owner)) - firsts[number]
    donor = rng.permutation(len(firsts))[number]
    rows = np.empty(len(owner), dtype=np.int64)
    rows[order] = order[firsts[donor] + place % counts[donor]]
    return rows


def _predicted(fitted: Fit, asked: Permuting, test: np.ndarray) -> np.ndarray:
    """Predict copies of the test rows, as many at once as there is room for."""
    task, turns = asked.task, range(asked.permutations)
    asked_for = [(group, turn) for group in asked.groups for turn in turns]
    size = max(1, _AT_ONCE // test.size)
    predicted = [_of_copies(fitted, task, [test])]
    for start in range(0, len(asked_for), size):
        copies = [
            _permuted(task, test, group, turn) for group, turn in asked_for[start : start + size]
        ]
        predicted.append(_of_copies(fitted, task, copies))
    return np.concatenate(predicted).astype(np.int8)


def _permuted(task: Task, test: np.ndarray, group: Group, turn: int) -> np.ndarray:
    # not by the classifier: all of a representation lose the same, so that they can be compared
    names = task.system.representation, group.name, group.columns.tolist(), task.draw, turn
    rng = np.random.default_rng(int(fingerprint("permuted", task.rules.seed, *names), 16))
    rows = donors(task.test.owner, rng)
    copy = test.copy()
    copy[:, group.columns] = test[np.ix_(rows, group.columns)]
    return copy


def _of_copies(fitted: Fit, task: Task, copies: Sequence[np.ndarray]) -> np.ndarray:
    """Predict some copies of the test rows in one go, (n_copies, n_units)."""
    many, known = len(copies), task.test
    shift = np.repeat(np.arange(many) * len(known.classes), len(known.owner))
    stacked = Known(
        np.tile(known.owner, many) + shift,
        np.tile(known.chunk, many),
        np.tile(known.classes, many),
        np.tile(known.speakers, many),
    )
    answers = Answers(fitted, np.concatenate(copies), task.rules.n_classes)
    predicted, _ = predict(answers, task._replace(test=stacked))
    return predicted.reshape(many, -1)
