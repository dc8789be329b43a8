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
from semisup.metrics import METRICS, confusion, scores_of_hits
from semisup.metrics import scores as score

DUMMIES = ("most_frequent", "stratified")
#: So many are held at once (64 MiB), however many recordings and permutations there are.
MOST_INDICATORS = 2**24


def chance(labels: ArrayLike, metric: str) -> float:
    r"""Give the level that a classifier reaches which has not heard the recording.

    With C classes and :math:`p_c` the share of class c among the test labels it is
    :math:`\max p_c` of the accuracy (naming the most frequent class), :math:`\sum p_c^2` of the
    weighted F1 (drawing classes in the proportions of the test set) and :math:`1 / C` of the
    others; `METRICS` says why.

    Parameters
    ----------
    labels : array_like of shape (n,)
        The labels of the test set.
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
        dummy ("most_frequent", "stratified": scikit-learn's `DummyClassifier`), percentage, draw,
        and the metrics on the task's test set.
    """
    return pd.DataFrame(row for task in tasks for row in _dummy_rows(task))


def _dummy_rows(task: Task) -> Iterator[dict[str, object]]:
    from sklearn.dummy import DummyClassifier

    truth, classes = task.truth, task.labelled.classes
    for percentage in task.budgets:
        labels = classes[budget(task.order, classes, percentage)]
        for name in DUMMIES:
            state = cell_seed(task.rules.seed, "dummy", name, percentage, task.draw)
            guesser = DummyClassifier(strategy=name, random_state=state)
            # features of nothing: a dummy looks at the classes alone
            guesser.fit(np.zeros((len(labels), 1)), labels)
            guessed = guesser.predict(np.zeros((len(truth), 1)))
            scores = score(confusion(truth, guessed, task.rules.n_classes))
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
    most = max(MOST_INDICATORS // (system.n_classes * len(groups)), 1)
    sizes = [min(most, permutations - done) for done in range(0, permutations, most)]
    blocks = [_scored(system, _shuffled(system.truth, groups, size, rng)) for size in sizes]
    return {name: np.concatenate([block[name] for block in blocks]) for name in METRICS}


def _scored(system: System, truths: np.ndarray) -> dict[str, np.ndarray]:
    """Score predictions against labels, shape (n, n_units), that are permutations of the true ones.

    Returns
    -------
    dict of ndarray of shape (n, n_budgets)
    """
    wanted = _indicators(truths, system.n_classes).transpose(0, 2, 1)
    # a permutation moves neither margin of a confusion matrix: only its diagonal is counted
    actual = np.bincount(system.truth, minlength=system.n_classes).astype(float)
    by_metric: dict[str, list[np.ndarray]] = {name: [] for name in METRICS}
    for predicted in system.predicted:
        named = _indicators(predicted, system.n_classes)
        # Of all draws and permutations: one product of indicators for each class.
        hits = (named @ wanted).astype(float)
        margins = np.broadcast_to(actual[:, None, None], hits.shape), named.sum(axis=-1)[..., None]
        # classes go last, as `scores_of_hits` wants them
        classes_last = (np.moveaxis(counts, 0, -1) for counts in (hits, *margins))
        for name, values in scores_of_hits(*classes_last).items():
            by_metric[name].append(values.mean(axis=0))
    return {name: np.stack(columns, axis=1) for name, columns in by_metric.items()}


def _indicators(classes: np.ndarray, n_classes: int) -> np.ndarray:
    """Return which class each is: shape (n_classes, *classes.shape), float32."""
    return (classes == np.arange(n_classes).reshape(-1, *[1] * classes.ndim)).astype(np.float32)


def _shuffled(
    truth: np.ndarray, groups: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Permute the true classes within groups, n times."""
    shuffled = np.empty((n, len(truth)), truth.dtype)
    # sorted by group and, within one, by random numbers below 1: all are permuted in one sort
    order = np.argsort(groups + rng.random(shuffled.shape), axis=1)
    shuffled[:, np.argsort(groups, kind="stable")] = truth[order]
    return shuffled
