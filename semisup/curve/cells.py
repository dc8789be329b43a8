"""Cells of the learning curve: one fit on a label budget of a draw, one test on the whole test set.

Cells that share representation, classifier and draw are one task: computed and saved together.
"""

import gc
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup import registry
from semisup.engine.artefacts import fingerprint
from semisup.errors import SpecError, nearest
from semisup.features.arrays import Arrays, OnRows, with_unlabelled
from semisup.features.tables import Rows
from semisup.metrics import confusion
from semisup.study.spec import ClassifierSpec

#: In front of the names of a history's columns in the file of a task.
HISTORY = "history_"
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
        One ``.npz`` file a budget, as `semisup.curve.refits.run_refit` writes it.
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
        predicted, probability (of the predicted class) and log_loss (both NaN where the classifier
        has no probabilities), seconds. Of networks also what `history_columns` gives.
    """
    cells = [_run_cell(task, number) for number in range(len(task.budgets))]
    histories = [cell.pop("history") for cell in cells]
    columns: dict[str, Any] = {name: np.array([cell[name] for cell in cells]) for name in cells[0]}
    columns |= history_columns(task.budgets, histories)
    np.savez(path, percentage=np.array(task.budgets), **columns)


def history_columns(
    budgets: list[float], histories: list[pd.DataFrame | None]
) -> dict[str, np.ndarray]:
    """Join the histories of a task's fits to columns, their names behind `HISTORY`."""
    known = {
        budget: history
        for budget, history in zip(budgets, histories, strict=True)
        if history is not None
    }
    if not known:
        return {}
    table = pd.concat(known, names=["percentage"]).reset_index("percentage")
    # text must not be objects, which would be pickled
    return {
        HISTORY + str(name): table[name].to_numpy(str if name in ("head", "phase") else float)
        for name in table
    }


def _run_cell(task: Task, number: int) -> dict[str, Any]:
    began = time.perf_counter()
    percentage = task.budgets[number]
    recordings = budget(task.order, task.train_classes, percentage)
    rows = np.isin(task.train.owner, recordings)
    fit = fit_table if task.arrays is None else fit_arrays
    classifier, test = fit(task, number, rows)
    predicted, weights = _predict(classifier, test, task)
    truth = _truth(task)
    history = getattr(classifier, "history_", None)
    if is_trained(task.kind):
        del classifier
        gc.collect()  # a Keras model is a circle of references: hundreds of them add up
    return {
        "n_recordings": len(recordings),
        "n_rows": int(rows.sum()),
        "confusion": confusion(truth, predicted, task.n_classes),
        "predicted": predicted.astype(np.int8),
        "probability": _share(weights, predicted).astype(np.float32),
        "log_loss": _log_loss(weights, truth),
        "history": history,
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
    owner = {"groups": task.train.owner[rows]} if is_trained(task.kind) else {}
    classifier.fit(train, classes, **owner)
    return classifier, test


def fit_arrays(task: Task, number: int, rows: np.ndarray) -> tuple[Any, Any]:
    """Fit to the rows of arrays, which a network reads itself; return it and the test rows."""
    arrays, (labelled, test, unlabelled) = task.arrays, task.features(number)
    assert arrays is not None  # the caller chose
    classifier, owner = build_classifier(task.kind, _state(task, number)), task.train.owner[rows]
    if not is_network(task.kind):
        rest = None if unlabelled is None else arrays.rows(unlabelled)
        by_group = is_trained(task.kind)
        classifier = OnRows(classifier, arrays.pooled, _scale(task), rest, by_group)
    classifier.fit(arrays.rows(labelled[rows]), task.train_classes[owner], groups=owner)
    return classifier, arrays.rows(test)


def _state(task: Task, number: int) -> int:
    percentage = task.budgets[number]
    return cell_seed(task.seed, task.representation, task.classifier, percentage, task.draw)


def is_network(kind: ClassifierSpec) -> bool:
    """Tell whether a classifier is a network that reads arrays, which its module declares."""
    return registry.classifiers.declares(kind.kind, "NETWORK")


def is_trained(kind: ClassifierSpec) -> bool:
    """Tell whether a classifier is trained by epochs, which its module declares.

    It has a history, and its `fit` takes the recording of each row, so that whole ones are held
    back.
    """
    return registry.classifiers.declares(kind.kind, "TRAINED")


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


def _truth(task: Task) -> np.ndarray:
    """Return the true class of each scored unit."""
    return task.test_classes[task.test.owner] if task.unit == "chunk" else task.test_classes


def _predict(classifier: Any, test: Any, task: Task) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the predicted class of each scored unit, and the weights of all classes if known."""
    by_row = probabilities(classifier, test, task.n_classes)
    if task.unit == "chunk":
        if by_row is not None and is_trained(task.kind):
            return by_row.argmax(axis=1), by_row  # as their `predict`, which would go once more
        return classifier.predict(test), by_row
    known = by_row is not None
    if by_row is None:
        by_row = np.zeros((len(test), task.n_classes))
        by_row[np.arange(len(test)), classifier.predict(test)] = 1
    by_recording = np.zeros((len(task.test_classes), task.n_classes))
    np.add.at(by_recording, task.test.owner, by_row)
    # The sum over a recording's chunks has its largest value where the mean has it. Rounding to
    # twelve digits makes ties ties: equal votes go to the class that comes first.
    return by_recording.round(12).argmax(axis=1), by_recording if known else None


def probabilities(classifier: Any, test: Any, n_classes: int) -> np.ndarray | None:
    """Return the probability of every class for every row, None where the classifier has none."""
    if not hasattr(classifier, "predict_proba"):
        return None
    by_row = np.zeros((len(test), n_classes))
    by_row[:, classifier.classes_] = classifier.predict_proba(test)
    return by_row


def _share(weights: np.ndarray | None, classes: np.ndarray) -> np.ndarray:
    """Return the share that each unit's weights give to a class, NaN without probabilities."""
    if weights is None:
        return np.full(len(classes), np.nan)
    return weights[np.arange(len(classes)), classes] / weights.sum(axis=1)


def _log_loss(weights: np.ndarray | None, truth: np.ndarray) -> float:
    """Return the mean of -ln(probability of the true class), NaN without probabilities."""
    return float(-np.log(np.clip(_share(weights, truth), SMALLEST, 1)).mean())
