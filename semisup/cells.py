"""Cells of the learning curve: one fit on a label budget of a draw, one test on the whole test set.

Cells that share representation, classifier and draw are one task: computed and saved together.
"""

import gc
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from semisup import registry
from semisup.array_rows import Arrays, OnRows, with_unlabelled
from semisup.artefacts import fingerprint
from semisup.errors import SpecError, nearest
from semisup.feature_tables import Rows
from semisup.metrics import confusion
from semisup.spec import ClassifierSpec

#: A probability below this counts as this: one certain mistake does not make the loss infinite.
SMALLEST = 1e-15


class Task(NamedTuple):
    """Everything that one batch of cells depends on, and nothing else."""

    representation: str
    classifier: str
    draw: int
    kind: ClassifierSpec
    train: Rows
    test: Rows
    train_classes: np.ndarray  # class of each labelled recording
    test_classes: np.ndarray  # class of each test recording
    n_classes: int
    order: np.ndarray  # labelled recordings, first drawn first
    budgets: list[float]
    scale: str
    unit: str
    seed: int
    unlabelled: np.ndarray | None = None  # (n_rows, n_features), for classifiers that use them
    refits: "Refits | None" = None  # where the features differ from budget to budget
    arrays: Arrays | None = None  # where the one feature is a row's number in this store

    def features(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return labelled, test and unlabelled features of the budget of a number."""
        if self.refits is None:
            return self.train.features, self.test.features, self.unlabelled
        return self.refits.read(number)


class Refits(NamedTuple):
    """Features of a kind that is fitted anew for every budget of a draw.

    Parameters
    ----------
    paths : list of Path
        One ``.npz`` file a budget, as `semisup.refits.run_refit` writes it.
    output : str
        Which of the kind's outputs.
    unlabelled : bool
        Whether the classifier uses unlabelled rows.
    """

    paths: list[Path]
    output: str
    unlabelled: bool

    def read(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return labelled, test and unlabelled features of the budget of a number."""
        with np.load(self.paths[number]) as part:
            labelled, test = (
                part[f"{subset}_{self.output}"].astype(np.float64)
                for subset in ("labelled", "test")
            )
            if not self.unlabelled:
                return labelled, test, None
            return labelled, test, part[f"unlabelled_{self.output}"].astype(np.float64)


def budget(order: np.ndarray, classes: np.ndarray, percentage: float) -> np.ndarray:
    """Return the recordings of a label budget, sorted.

    Parameters
    ----------
    order : ndarray of shape (n,), int
        Labelled recordings in the draw's order.
    classes : ndarray of shape (n,), int
        Class of each recording, by recording number.
    percentage : float
        In (0, 100].

    Returns
    -------
    ndarray of int
        Of each class with n recordings the first ``max(1, int(percentage / 100 * n))``.

    Examples
    --------
    >>> budget(np.array([3, 0, 1, 2]), np.array([0, 0, 1, 1]), 50)
    array([0, 3])
    """
    chosen = []
    for number in np.unique(classes):
        members = order[classes[order] == number]
        chosen.append(members[: max(1, int(percentage / 100 * len(members)))])
    return np.sort(np.concatenate(chosen))


def cell_seed(seed: int, representation: str, classifier: str, percentage: float, draw: int) -> int:
    """Return the random state of a cell, a number below 2**32 that depends on these five only."""
    parts = (seed, representation, classifier, float(percentage), draw)
    return int(fingerprint("cell", *parts)[:8], 16)


def build_classifier(spec: ClassifierSpec, random_state: int) -> Any:
    """Build an unfitted scikit-learn classifier.

    Raises
    ------
    SpecError
        If it has no parameter of a name that the study gives.
    """
    classifier = registry.classifiers.get(spec.kind).build(random_state)
    known = classifier.get_params()
    for name in spec.parameters:
        if name not in known:
            raise SpecError(
                f"The classifier '{spec.kind}' has no parameter '{name}'; {nearest(name, known)}"
            )
    return classifier.set_params(**spec.parameters)


def run_task(task: Task, path: Path) -> None:
    """Compute the cells of one task, all budgets of one draw, and write them.

    Parameters
    ----------
    task : Task
    path : Path
        An ``.npz`` file with one row a budget: percentage, n_recordings, n_rows, confusion,
        predicted, log_loss (NaN where the classifier has no probabilities), seconds.
    """
    cells = [_run_cell(task, number) for number in range(len(task.budgets))]
    columns: dict[str, Any] = {name: np.array([cell[name] for cell in cells]) for name in cells[0]}
    np.savez(path, percentage=np.array(task.budgets), **columns)


def _run_cell(task: Task, number: int) -> dict[str, Any]:
    began = time.perf_counter()
    percentage = task.budgets[number]
    recordings = budget(task.order, task.train_classes, percentage)
    rows = np.isin(task.train.owner, recordings)
    fit = fit_table if task.arrays is None else fit_arrays
    classifier, test = fit(task, number, rows)
    predicted, truth, loss = _predict(classifier, test, task)
    if is_network(task.kind):
        del classifier
        gc.collect()  # a Keras model is a circle of references: hundreds of them add up
    return {
        "n_recordings": len(recordings),
        "n_rows": int(rows.sum()),
        "confusion": confusion(truth, predicted, task.n_classes),
        "predicted": predicted.astype(np.int8),
        "log_loss": loss,
        "seconds": time.perf_counter() - began,
    }


def fit_table(task: Task, number: int, rows: np.ndarray) -> tuple[Any, np.ndarray]:
    """Fit to the rows of a feature table; return the classifier and the test rows for it."""
    classifier = build_classifier(task.kind, _state(task, number))
    labelled, test, unlabelled = task.features(number)
    train, test, unlabelled = _scaled(labelled[rows], test, unlabelled, _scale(task))
    classes = task.train_classes[task.train.owner[rows]]
    if unlabelled is not None:
        train, classes = with_unlabelled(train, classes, unlabelled)
    classifier.fit(train, classes)
    return classifier, test


def fit_arrays(task: Task, number: int, rows: np.ndarray) -> tuple[Any, Any]:
    """Fit to the rows of arrays, which a network reads itself; return it and the test rows."""
    arrays, (labelled, test, unlabelled) = task.arrays, task.features(number)
    assert arrays is not None  # the caller chose
    classifier, owner = build_classifier(task.kind, _state(task, number)), task.train.owner[rows]
    if not is_network(task.kind):
        rest = None if unlabelled is None else arrays.rows(unlabelled)
        classifier = OnRows(classifier, arrays.pooled, _scale(task), rest)
    classifier.fit(arrays.rows(labelled[rows]), task.train_classes[owner], groups=owner)
    return classifier, arrays.rows(test)


def _state(task: Task, number: int) -> int:
    percentage = task.budgets[number]
    return cell_seed(task.seed, task.representation, task.classifier, percentage, task.draw)


def is_network(kind: ClassifierSpec) -> bool:
    """Tell whether a classifier is a network that reads arrays, which its module declares."""
    return registry.classifiers.declares(kind.kind, "NETWORK")


def uses_unlabelled(kind: ClassifierSpec) -> bool:
    """Tell whether a classifier is fitted on unlabelled rows too, which its module declares."""
    return registry.classifiers.declares(kind.kind, "UNLABELLED")


def _scale(task: Task) -> str:
    """Return the study's scaling, unless the classifier takes features as they are."""
    scales = getattr(registry.classifiers.get(task.kind.kind), "SCALE", True)
    return task.scale if scales else "none"


def _scaled(
    train: np.ndarray, test: np.ndarray, unlabelled: np.ndarray | None, scale: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Standardise by the labelled training rows of this cell alone."""
    if scale == "none":
        return train, test, unlabelled
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    rest = None if unlabelled is None else scaler.transform(unlabelled)
    return scaler.transform(train), scaler.transform(test), rest


def _predict(classifier: Any, test: Any, task: Task) -> tuple[np.ndarray, np.ndarray, float]:
    """Return predicted and true class of each scored unit, and the mean log loss."""
    if task.unit == "chunk":
        truth = task.test_classes[task.test.owner]
        by_row = probabilities(classifier, test, task.n_classes)
        return classifier.predict(test), truth, _log_loss(by_row, truth)
    by_row = probabilities(classifier, test, task.n_classes)
    known = by_row is not None
    if by_row is None:
        by_row = np.zeros((len(test), task.n_classes))
        by_row[np.arange(len(test)), classifier.predict(test)] = 1
    by_recording = np.zeros((len(task.test_classes), task.n_classes))
    np.add.at(by_recording, task.test.owner, by_row)
    loss = _log_loss(by_recording if known else None, task.test_classes)
    # The sum over a recording's chunks has its largest value where the mean has it. Rounding to
    # twelve digits makes ties ties: equal votes go to the class that comes first.
    return by_recording.round(12).argmax(axis=1), task.test_classes, loss


def probabilities(classifier: Any, test: Any, n_classes: int) -> np.ndarray | None:
    """Return the probability of every class for every row, None where the classifier has none."""
    if not hasattr(classifier, "predict_proba"):
        return None
    by_row = np.zeros((len(test), n_classes))
    by_row[:, classifier.classes_] = classifier.predict_proba(test)
    return by_row


def _log_loss(weights: np.ndarray | None, truth: np.ndarray) -> float:
    """Return the mean of -ln(probability of the true class), NaN without probabilities."""
    if weights is None:
        return np.nan
    own = weights[np.arange(len(truth)), truth] / weights.sum(axis=1)
    return float(-np.log(np.clip(own, SMALLEST, 1)).mean())
