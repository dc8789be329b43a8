"""What a guesser scores: closed forms, scikit-learn's dummies on the same cells, permuted labels.

In: the labels of the test set, the cells' training labels, or predictions. Out: levels and bands
that a system has to beat.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from semisup.comparison.predictions import System
from semisup.curve.task import Task, budget, cell_seed
from semisup.errors import TableError, UnknownNameError, nearest
from semisup.metrics import METRICS, confusion
from semisup.metrics import scores as score

DUMMIES = ("most_frequent", "stratified")


def chance(labels: ArrayLike, metric: str) -> float:
    r"""Give the level that a classifier reaches which has not heard the recording.

    With :math:`p_c` the share of class c among the test labels and C classes:

    ============ ================== ==================================================
    metric       chance             reached by
    ============ ================== ==================================================
    uar          :math:`1 / C`      any guesser
    accuracy     :math:`\max p_c`   naming the most frequent class, the best guess
    f1_weighted  :math:`\sum p_c^2` drawing classes in the proportions of the test set
    f1_macro     :math:`1 / C`      drawing classes in the proportions of the test set
    ============ ================== ==================================================

    A guesser that names class c at the rate :math:`p_c` has precision and recall :math:`p_c` for
    it, so its F1 is :math:`p_c`: the expectation for many recordings, lower by a term of order 1/n
    for n of them.

    Parameters
    ----------
    labels : array_like of shape (n,)
        The labels of the test set.
    metric : {"f1_weighted", "f1_macro", "uar", "accuracy"}
        A column of the scores.

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
    if metric not in METRICS:
        raise UnknownNameError(f"There is no metric '{metric}'; {nearest(metric, METRICS)}")
    values = np.asarray(labels)
    if values.size == 0:
        raise TableError("The level of chance needs the labels of the test set, found none")
    shares = np.unique(values, return_counts=True)[1] / values.size
    if metric == "accuracy":
        return float(shares.max())
    return float((shares**2).sum()) if metric == "f1_weighted" else 1 / len(shares)


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
        known = classes[budget(task.order, classes, percentage)]
        for name in DUMMIES:
            state = cell_seed(task.rules.seed, "dummy", name, percentage, task.draw)
            guesser = DummyClassifier(strategy=name, random_state=state)
            guesser.fit(np.zeros((len(known), 1)), known)
            guessed = guesser.predict(np.zeros((len(truth), 1)))
            found = score(confusion(truth, guessed, task.rules.n_classes))
            keys = {"dummy": name, "percentage": percentage, "draw": task.draw}
            yield keys | {metric: float(value) for metric, value in found.items()}


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
    n_classes, n_draws = system.n_classes, system.predicted.shape[1]
    groups = system.speaker if system.classes_vary_within_speakers() else 0 * system.speaker
    truths = np.stack([_shuffled(system.truth, groups, rng) for _ in range(permutations)])
    wanted = _indicators(truths, n_classes).reshape(-1, truths.shape[1]).T
    found: dict[str, list[np.ndarray]] = {name: [] for name in METRICS}
    for predicted in system.predicted:
        named = _indicators(predicted, n_classes)
        counts = (named.reshape(-1, truths.shape[1]) @ wanted).reshape(
            n_classes, n_draws, n_classes, permutations
        )
        for name, values in score(counts.transpose(1, 3, 2, 0)).items():
            found[name].append(values.mean(axis=0))
    return {name: np.stack(columns, axis=1) for name, columns in found.items()}


def _indicators(classes: np.ndarray, n_classes: int) -> np.ndarray:
    """Return which class each is: shape (n_classes, *classes.shape), float32."""
    return (classes == np.arange(n_classes).reshape(-1, *[1] * classes.ndim)).astype(np.float32)


def _shuffled(truth: np.ndarray, groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Permute the true classes within groups."""
    shuffled = np.empty_like(truth)
    places = np.argsort(groups, kind="stable")
    shuffled[places] = truth[np.lexsort((rng.random(len(truth)), groups))]
    return shuffled
