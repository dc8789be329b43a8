"""Fits of representations that learn from labels, one for every label budget of every draw.

One fit sees the labels of one budget of one draw and the unlabelled rows, nothing else; rows of
the test subset are only ever encoded. Fits are shared by all classifiers, and by representations
that differ in the output alone.
"""

import gc
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from semisup.curve.task import budget
from semisup.engine.artefacts import fingerprint
from semisup.features.label_dependent import (
    Fitted,
    LabelDependentSpec,
    Labelled,
    label_dependent,
)

#: The key that no fit depends on.
SHARED = "output"


class RefitTask(NamedTuple):
    """Everything that one fit depends on.

    Parameters
    ----------
    options : LabelDependentSpec
        Of the kind.
    rows : Path
        An ``.npy`` file of the network's input, all subsets; read where the fit is done.
    labelled, test, unlabelled : ndarray of int
        Row numbers, by subset; all labelled rows, in the order of the feature table.
    owner : ndarray of int
        Which labelled recording each labelled row is of.
    classes : ndarray of int
        Class of each labelled recording of the budget, -1 for those outside of it.
    n_classes, seed : int
    outputs : tuple of str
        Those that are wanted; empty for all.
    """

    options: LabelDependentSpec
    rows: Path
    labelled: np.ndarray
    test: np.ndarray
    unlabelled: np.ndarray
    owner: np.ndarray
    classes: np.ndarray
    n_classes: int
    seed: int
    outputs: tuple[str, ...] = ()


def training_options(spec: LabelDependentSpec) -> dict[str, Any]:
    """Return the options that a fit depends on: all but the output that is taken from it."""
    return spec.without(SHARED)


def known_classes(order: np.ndarray, classes: np.ndarray, percentage: float) -> np.ndarray:
    """Return the classes of a budget's recordings and -1 for all others."""
    within = budget(order, classes, percentage)
    return np.where(np.isin(np.arange(len(classes)), within), classes, -1)


def fit_seed(seed: int, options: LabelDependentSpec, percentage: float, draw: int) -> int:
    """Return the seed of a fit, a number below 2**31."""
    name = fingerprint("refit", seed, training_options(options), float(percentage), draw)
    return int(name[:8], 16) >> 1


def fit(task: RefitTask) -> Fitted:
    """Fit on the budget's rows; labels and rows of other recordings are not handed over."""
    x = np.load(task.rows, mmap_mode="r")  # a worker reads its own rows, not the whole corpus
    row_classes = task.classes[task.owner]
    inside = row_classes >= 0
    labelled = Labelled(
        np.asarray(x[task.labelled[inside]]), row_classes[inside], task.owner[inside]
    )
    unlabelled = np.asarray(x[task.unlabelled])
    return label_dependent(task.options).refit(labelled, unlabelled, task.n_classes, task.seed)


def run_refit(task: RefitTask, path: Path) -> None:
    """Fit, and write the outputs of labelled, test and unlabelled rows to an ``.npz`` file."""
    began = time.perf_counter()
    fitted = fit(task)
    write_outputs(task, fitted, path, time.perf_counter() - began)
    del fitted
    gc.collect()  # a Keras model is a circle of references: hundreds of them add up


def write_outputs(task: RefitTask, fitted: Fitted, path: Path, seconds: float = 0.0) -> None:
    """Write the outputs of labelled, test and unlabelled rows to an ``.npz`` file."""
    x = np.load(task.rows, mmap_mode="r")
    arrays: dict[str, Any] = {"seconds": seconds}
    subsets = {"labelled": task.labelled, "test": task.test, "unlabelled": task.unlabelled}
    for subset, numbers in subsets.items():
        rows = np.asarray(x[numbers])
        if len(rows):  # a study may have no unlabelled subset
            outputs = fitted.encode(rows)
            for name in task.outputs or outputs:
                arrays[f"{subset}_{name}"] = outputs[name]
    np.savez(path, **arrays)
