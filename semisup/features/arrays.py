"""Arrays of representations on disk: row numbers in, rows read only when they are used out.

An array representation has a Zarr array of shape (n, ...) and an index of n lines, recording and
chunk; line i describes row i. Networks take its rows as they are; `OnRows` flattens them for
classifiers of feature tables.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup import registry
from semisup.study.spec import RepresentationSpec

#: Rows in memory at once where they are flattened or told apart: 70 MB of 3 s of waveform.
BATCH = 256


class Arrays(NamedTuple):
    """What a cell must know of an array representation.

    Parameters
    ----------
    store : Path
        A Zarr array of shape (n, ...), float32.
    pooled : bool
        Whether classifiers of feature tables get mean and deviation over the last axis, time.
    """

    store: Path
    pooled: bool = False

    def rows(self, numbers: np.ndarray) -> "ArrayRows":
        """Return the rows of these numbers; nothing is read yet."""
        return ArrayRows(self.store, numbers)


class ArrayRows:
    """Some rows of an array on disk as if they were an array of their own; read when indexed.

    Parameters
    ----------
    store : Path
        A Zarr array of shape (n, ...).
    numbers : ndarray of shape (m,) or (m, 1)
        Row numbers, in any order.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, store: Path, numbers: np.ndarray) -> None:
        import zarr

        self.array: Any = zarr.open_array(store, mode="r")
        self.numbers = np.asarray(numbers).ravel().astype(np.int64)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape (m, ...) of all rows."""
        return (len(self.numbers), *self.array.shape[1:])

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, positions: Any) -> np.ndarray:
        # Zarr reads a block once for all of its rows only if they come in order.
        wanted, places = np.unique(self.numbers[positions], return_inverse=True)
        found = self.array.oindex[wanted] if len(wanted) else np.empty((0, *self.shape[1:]))
        return np.asarray(found, dtype=self.dtype)[places]


class OnRows:
    """A classifier of feature tables that is given rows of arrays: they are flattened and scaled.

    Parameters
    ----------
    classifier : object
        A scikit-learn classifier, unfitted.
    pooled : bool
        Flatten mean and deviation over time, not the array itself.
    scale : {"standard", "none"}
        Standardise by the labelled rows alone.
    unlabelled : ArrayRows, optional
        For classifiers that use them.
    by_group : bool
        Whether the classifier's `fit` takes groups.
    """

    def __init__(
        self,
        classifier: Any,
        pooled: bool,
        scale: str,
        unlabelled: ArrayRows | None = None,
        by_group: bool = False,
    ) -> None:
        self.classifier, self.pooled, self.scale = classifier, pooled, scale
        self.unlabelled, self.by_group = unlabelled, by_group
        self.predict = partial(self._in_batches, classifier.predict)
        # cells ask whether a classifier has probabilities by looking for the method
        if hasattr(classifier, "predict_proba"):
            self.predict_proba = partial(self._in_batches, classifier.predict_proba)

    @property
    def classes_(self) -> np.ndarray:
        """Classes of the columns of `predict_proba`."""
        return self.classifier.classes_

    def fit(self, X: ArrayRows, y: np.ndarray, groups: np.ndarray | None = None) -> "OnRows":
        """Read the labelled rows, and the unlabelled ones if there are any, and fit."""
        from sklearn.preprocessing import StandardScaler

        train = flattened(X, self.pooled)
        self.scaler = StandardScaler().fit(train) if self.scale == "standard" else None
        train = self._scaled(train)
        if self.unlabelled is not None:
            rest = self._scaled(flattened(self.unlabelled, self.pooled))
            train, y = with_unlabelled(train, y, rest)
        self.classifier.fit(train, y, **({"groups": groups} if self.by_group else {}))
        return self

    @property
    def history_(self) -> pd.DataFrame | None:
        """History of a classifier that is trained by epochs."""
        return getattr(self.classifier, "history_", None)

    def _scaled(self, features: np.ndarray) -> np.ndarray:
        return features if self.scaler is None else self.scaler.transform(features)

    def _in_batches(self, method: Callable[[np.ndarray], np.ndarray], X: ArrayRows) -> np.ndarray:
        return np.concatenate([method(self._scaled(part)) for part in _batches(X, self.pooled)])


def with_unlabelled(
    train: np.ndarray, classes: np.ndarray, unlabelled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Put unlabelled rows behind the others, with the class -1 that scikit-learn marks them by."""
    return np.concatenate([train, unlabelled]), np.r_[classes, np.full(len(unlabelled), -1)]


def flattened(rows: ArrayRows, pooled: bool) -> np.ndarray:
    """Read rows as a feature table.

    Returns
    -------
    ndarray of shape (m, n_features), float32
        All numbers of a row side by side; if `pooled`, their means over the last axis, time, and
        behind these their standard deviations.
    """
    width = int(np.prod(rows.shape[1:-1] if pooled else rows.shape[1:]) * (2 if pooled else 1))
    table = np.empty((len(rows), width), np.float32)
    done = 0
    for part in _batches(rows, pooled):
        table[done : done + len(part)] = part
        done += len(part)
    return table


def is_array(spec: RepresentationSpec) -> bool:
    """Tell whether a representation is arrays on disk, not a feature table."""
    return registry.representations.declares(spec.kind, "ARRAYS")


def row_numbers(index: pd.DataFrame) -> pd.DataFrame:
    """Return the index of arrays as a feature table whose one feature is the row's number."""
    return index.assign(row=np.arange(len(index)))


def _batches(rows: ArrayRows, pooled: bool) -> Iterator[np.ndarray]:
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        if pooled:
            # in double: the mean of many equal numbers is that number
            moments = (part.mean(axis=-1, dtype=float), part.std(axis=-1, dtype=float))
            part = np.stack(moments, axis=1).astype(np.float32)
        yield part.reshape(len(part), -1)
