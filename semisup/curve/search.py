"""The search of a classifier's parameters inside a cell, by the recordings of its budget alone.

Points of the grid are scored by a cross-validation that is stratified by class and keeps speakers
whole, so that a choice is made as the test will be: on speakers that were not heard.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from semisup.classifiers import Choice, at_point, points
from semisup.curve.target import Target
from semisup.curve.task import Known
from semisup.errors import SemisupError
from semisup.metrics import scores, scores_of_numbers
from semisup.study.spec import ClassifierSpec

#: A classifier, the rows it is fitted to and those it is asked about (masks), to the confusion
#: matrix of its answers.
Trial = Callable[[ClassifierSpec, np.ndarray, np.ndarray], np.ndarray]


class Folds(NamedTuple):
    """A cross-validation inside a budget.

    Parameters
    ----------
    grouped_by : str
        What is whole in a fold: "speaker" or "recording"; "" without folds.
    inside, outside : list of ndarray of bool
        Of each fold, which labelled rows are fitted to and which are held out.
    """

    grouped_by: str
    inside: list[np.ndarray]
    outside: list[np.ndarray]


def choose(
    spec: ClassifierSpec,
    labelled: Known,
    rows: np.ndarray,
    seed: int,
    trial: Trial,
    target: Target | None = None,
) -> Choice:
    """Choose the point of the grid with the largest unweighted average recall; of numbers the CCC.

    The answers about all held-out rows make one confusion matrix, as a fold of a small budget has
    too few of each class for a score of its own. Of equally good points the first is taken; one
    that cannot be fitted to so few rows is none.

    Parameters
    ----------
    spec : ClassifierSpec
    labelled : Known
    rows : ndarray of bool
        The labelled rows of the budget.
    seed : int
        Of folds and of a random search: that of the cell.
    trial : callable
        Fits and tests on rows of the budget.
    target : Target, optional
        What is predicted; classes if left out.
    """
    is_of_numbers = target is not None and target.task == "regression"
    folds = inner_folds(labelled, rows, spec.inner_folds, seed)
    best = Choice({})
    for point in points(spec, seed) if folds.outside else []:
        uar = _score(at_point(spec, point), folds, trial, is_of_numbers)
        # not a number is above nothing, and anything above it
        if uar > best.uar or (math.isnan(best.uar) and not math.isnan(uar)):
            best = Choice(point, uar, len(folds.outside), folds.grouped_by)
    return best


def inner_folds(labelled: Known, rows: np.ndarray, most: int, seed: int) -> Folds:
    """Deal the recordings of a budget into folds.

    Parameters
    ----------
    labelled : Known
    rows : ndarray of bool
        The labelled rows of the budget.
    most : int
        Folds at most: no more than the smallest class has recordings.
    seed : int
        Of the order in which they are dealt.

    Returns
    -------
    Folds
        Of whole speakers where each class is left in all of the rest, else of whole recordings;
        none where a class has fewer than two.
    """
    recordings = np.unique(labelled.owner[rows])
    classes = labelled.classes[recordings]
    smallest = int(np.bincount(classes)[np.unique(classes)].min())
    for grouped_by, groups in (
        ("speaker", labelled.speakers[recordings]),
        ("recording", recordings),
    ):
        for n in range(min(most, smallest, len(np.unique(groups))), 1, -1):
            outside = _dealt(classes, groups, n, seed)
            if _keep_all_classes(classes, outside):
                masks = [rows & np.isin(labelled.owner, recordings[fold]) for fold in outside]
                return Folds(grouped_by, [rows & ~mask for mask in masks], masks)
    return Folds("", [], [])


def _dealt(classes: np.ndarray, groups: np.ndarray, n: int, seed: int) -> list[np.ndarray]:
    from sklearn.model_selection import StratifiedGroupKFold

    dealer = StratifiedGroupKFold(n, shuffle=True, random_state=seed)
    folds = [held_out for _, held_out in dealer.split(classes, classes, groups)]
    return [fold for fold in folds if len(fold)]


def _keep_all_classes(classes: np.ndarray, outside: list[np.ndarray]) -> bool:
    """Tell whether every class is left when a fold is held out."""
    n_classes = len(np.unique(classes))
    return all(len(np.unique(np.delete(classes, fold))) == n_classes for fold in outside)


def _score(spec: ClassifierSpec, folds: Folds, trial: Trial, is_of_numbers: bool) -> float:
    """Return the score of a point, NaN where it cannot be fitted."""
    try:
        counts = sum(trial(spec, *fold) for fold in zip(folds.inside, folds.outside, strict=True))
    except SemisupError:
        raise
    # such as more neighbours than rows; that it can be fitted to enough of them is known before
    except ValueError:
        return math.nan
    # rounded, so that equal recalls in another order are equal
    if is_of_numbers:
        return round(float(scores_of_numbers(np.asarray(counts))["ccc"]), 12)
    return round(float(scores(np.asarray(counts))["uar"]), 12)
