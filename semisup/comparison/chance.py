"""Levels of chance: closed forms, scikit-learn's dummies on the same cells, permuted labels.

In: the labels of the test set, the cells' training labels, or predictions. Out: levels and bands
that a system has to beat.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from semisup.comparison.predictions import System
from semisup.comparison.summary import require_metric
from semisup.curve.task import Task, budget, cell_seed
from semisup.errors import TableError
from semisup.metrics import NUMBER_METRICS

DUMMIES = ("most_frequent", "stratified")
#: Where numbers are predicted.
MEAN_DUMMY = "mean"
#: So many are held at once (64 MiB), however many recordings and permutations there are.
MOST_INDICATORS = 2**24


def chance(labels: ArrayLike, metric: str) -> float:
    r"""Give the level that a classifier reaches which has not heard the recording.

    With C classes and :math:`p_c` the share of class c among the test labels it is
    :math:`\max p_c` of the accuracy (naming the most frequent class), :math:`\sum p_c^2` of the
    weighted F1 (drawing classes in the proportions of the test set) and :math:`1 / C` of the
    others; of numbers, that of naming their mean: a CCC of 0. `METRICS` says why.

    Parameters
    ----------
    labels : array_like of shape (n,)
        The labels of the test set; numbers for a metric of numbers.
    metric : str
        A name of `METRICS`.

    Raises
    ------
    UnknownNameError
        If there is no such metric.
    TableError
        If there are no labels.

    Examples
    --------
    >>> chance(["negative", "neutral", "positive", "positive"], "accuracy")
    0.5
    """
    level = require_metric(metric).chance
    values = np.asarray(labels)
    if values.size == 0:  # shares of nothing would be NaN without a word
        raise TableError("The level of chance needs the labels of the test set, found none")
    if metric in NUMBER_METRICS:
        return level(values.astype(float))
    shares = np.unique(values, return_counts=True)[1] / values.size
    return level(shares)


def dummies(tasks: list[Task]) -> pd.DataFrame:
    """Score the guessers that know the classes of the label budget and nothing else.

    Parameters
    ----------
    tasks : list of Task
        Of one representation and classifier: one a draw.

    Returns
    -------
    DataFrame
        dummy ("most_frequent", "stratified": scikit-learn's `DummyClassifier`; of numbers "mean"),
        percentage, draw, and the metrics on the task's test set.
    """
    return pd.DataFrame(row for task in tasks for row in _dummy_rows(task))


def _dummy_rows(task: Task) -> Iterator[dict[str, object]]:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    truth, classes = task.truth, task.labelled.classes
    is_of_numbers = task.labelled.numbers is not None
    for percentage in task.budgets:
        labels = task.labelled.wanted[budget(task.order, classes, percentage)]
        for name in (MEAN_DUMMY,) if is_of_numbers else DUMMIES:
            state = cell_seed(task.rules.seed, "dummy", name, percentage, task.draw)
            guesser = (
                DummyRegressor()
                if is_of_numbers
                else DummyClassifier(strategy=name, random_state=state)
            )
            # features of nothing: a dummy looks at the classes alone
            guesser.fit(np.zeros((len(labels), 1)), labels)
            guessed = guesser.predict(np.zeros((len(truth), 1)))
            scores = task.rules.target.scores(task.rules.target.counted(truth, guessed))
            keys = {"dummy": name, "percentage": percentage, "draw": task.draw}
            yield keys | {metric: float(value) for metric, value in scores.items()}


def permuted(system: System, permutations: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Score the predictions of a system against permuted test labels.

    Labels change places among the recordings of a speaker, so that a speaker keeps its classes;
    where most speakers have one class only, among all recordings.

    Parameters
    ----------
    system : System
    permutations : int
    rng : Generator

    Returns
    -------
    dict of ndarray of shape (permutations, n_budgets)
        By metric: the mean over the draws.
    """
    groups = system.speaker if system.classes_vary_within_speakers() else 0 * system.speaker
    most = max(MOST_INDICATORS // (system.target.indicators * len(groups)), 1)
    sizes = [min(most, permutations - done) for done in range(0, permutations, most)]
    blocks = [_scored(system, _shuffled(system.truth, groups, size, rng)) for size in sizes]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _scored(system: System, truths: np.ndarray) -> dict[str, np.ndarray]:
    """Score predictions against labels, shape (n, n_units), that are permutations of the true ones.

    Returns
    -------
    dict of ndarray of shape (n, n_budgets)
    """
    target = system.target
    budgets = [target.permuted(system.truth, truths, rows) for rows in system.predicted]
    return {name: np.stack([one[name] for one in budgets], axis=1) for name in budgets[0]}


def _shuffled(
    truth: np.ndarray, groups: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Permute the true classes within groups, n times."""
    shuffled = np.empty((n, len(truth)), truth.dtype)
    # sorted by group and, within one, by random numbers below 1: all are permuted in one sort
    order = np.argsort(groups + rng.random(shuffled.shape), axis=1)
    shuffled[:, np.argsort(groups, kind="stable")] = truth[order]
    return shuffled
