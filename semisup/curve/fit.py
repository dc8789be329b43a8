"""One fit of a cell: rows scaled by the labelled ones alone, a classifier, its predictions.

A network reads rows of arrays itself. Any other classifier is given them flattened, a block at a
time where they are predicted, so that memory does not grow with the test set.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from semisup.classifiers import Choice, Classifier, Estimator
from semisup.curve.balance import weights
from semisup.curve.sources import Features, Source
from semisup.errors import OutsideError
from semisup.features.arrays import ArrayRows, blocks, flattened


class Scaler(Protocol):
    """What scikit-learn calls a scaler."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Scale rows (n, n_features)."""
        ...


class LabelledRows(NamedTuple):
    """The rows of a label budget: features, class (or number) and recording of each."""

    features: Features
    classes: np.ndarray
    owner: np.ndarray


class Unit(NamedTuple):
    """Mean and deviation of the labels of a budget: a regressor learns numbers in this unit.

    So penalties and widths of regressors mean the same for ages and for hertz.
    """

    mean: float
    deviation: float

    @classmethod
    def of(cls, numbers: np.ndarray) -> "Unit":
        """Return the unit of some labels; of equal ones the deviation is 1."""
        deviation = float(numbers.std())
        return cls(float(numbers.mean()), deviation if deviation > 0 else 1.0)


class Fit(NamedTuple):
    """A fitted classifier or regressor and how rows are given to it."""

    classifier: Estimator
    scaler: Scaler | None
    reads_arrays: bool
    choice: Choice | None = None  # of parameters, where any are searched
    unit: "Unit | None" = None  # of a regressor

    @property
    def has_probabilities(self) -> bool:
        """Whether the classifier has probabilities: scikit-learn's say so by having the method."""
        return hasattr(self.classifier, "predict_proba")

    @property
    def has_decisions(self) -> bool:
        """Whether the classifier has a decision value a class; those of pairs are none."""
        pairs = self.classifier.get_params().get("decision_function_shape") == "ovo"
        return hasattr(self.classifier, "decision_function") and not pairs

    @property
    def history(self) -> pd.DataFrame | None:
        """The history of a classifier that is trained by epochs."""
        # only those trained by epochs set it, in `fit`, as scikit-learn's names with _ are
        return vars(self.classifier).get("history_")

    def predict(self, rows: Features) -> np.ndarray:
        """Return the class of each row."""
        predicted = [self.classifier.predict(block) for block in self._blocks(rows)]
        classes = np.concatenate(predicted)
        if classes.shape != (len(rows),) or not np.isin(classes, self.classifier.classes_).all():
            raise OutsideError(
                f"{type(self.classifier).__name__}.predict must return one of the classes that it "
                f"was fitted on for each of {len(rows)} rows, got an array of shape "
                f"{classes.shape} with values such as {classes.ravel()[:3].tolist()}"
            )
        return classes.astype(np.int64)  # others' classifiers may number them with floats

    def numbers(self, rows: Features) -> np.ndarray:
        """Return the number that a regressor predicts of each row."""
        predicted = [np.asarray(self.classifier.predict(block)) for block in self._blocks(rows)]
        numbers = np.concatenate(predicted)
        # some answer with a column
        numbers = numbers[:, 0] if numbers.ndim == 2 and numbers.shape[1] == 1 else numbers
        if numbers.shape != (len(rows),) or not np.isfinite(numbers).all():
            raise OutsideError(
                f"{type(self.classifier).__name__}.predict must return one finite number for each "
                f"of {len(rows)} rows, got an array of shape {numbers.shape}"
            )
        unit = self.unit or Unit(0.0, 1.0)
        return unit.mean + unit.deviation * numbers.astype(float)

    def probabilities(self, rows: Features, n_classes: int) -> np.ndarray | None:
        """Return the probability of every class for every row, None where there are none."""
        if not self.has_probabilities:
            return None
        shares = [self.classifier.predict_proba(block) for block in self._blocks(rows)]
        return self._by_class("predict_proba", np.concatenate(shares), (len(rows), n_classes), 0)

    def decisions(self, rows: Features, n_classes: int) -> np.ndarray | None:
        """Return a decision value of every class for every row, None where there are none."""
        if not self.has_decisions:
            return None
        values = np.concatenate(
            [self.classifier.decision_function(block) for block in self._blocks(rows)]
        )
        if values.ndim == 1 and len(self.classifier.classes_) == 2:
            values = np.stack([-values, values], axis=1)  # one value, from either side
        return self._by_class("decision_function", values, (len(rows), n_classes), -np.inf)

    def _by_class(
        self, method: str, values: np.ndarray, shape: tuple[int, int], absent: float
    ) -> np.ndarray:
        """Put columns, those of `classes_` in its order, into the places of the classes."""
        classes = self.classifier.classes_
        if values.shape != (shape[0], len(classes)) or not np.isfinite(values).all():
            raise OutsideError(
                f"{type(self.classifier).__name__}.{method} must return finite numbers of "
                f"shape {(shape[0], len(classes))}, got an array of shape {values.shape}"
            )
        by_row = np.full(shape, absent, dtype=float)
        by_row[:, classes] = values
        return by_row

    def _blocks(self, rows: Features) -> Iterator[Features]:
        """Yield rows as the classifier takes them: all at once, but for arrays on disk."""
        if self.reads_arrays:
            yield rows
            return
        for block in blocks(rows) if isinstance(rows, ArrayRows) else [rows]:
            yield block if self.scaler is None else self.scaler.transform(block)


def fit(
    entry: Classifier,
    classifier: Estimator,
    labelled: LabelledRows,
    source: Source,
    scale: str,
    *,
    weighted: bool = False,
) -> Fit:
    """Fit a classifier to the rows of a label budget.

    Parameters
    ----------
    entry : Classifier
        What the classifier declares of itself.
    classifier : Estimator
        Unfitted.
    labelled : LabelledRows
    source : Source
        Of the unlabelled rows, where the classifier uses them.
    scale : {"standard", "none"}
        Standardise by the labelled rows alone.
    weighted : bool
        Give all classes the same weight; the classifier must declare that it takes weights.
    """
    # whole recordings are held out where a training by epochs is validated
    of_rows: dict[str, Any] = {}
    if entry.trained or entry.network:
        of_rows["groups"] = labelled.owner
    if weighted:
        of_rows["sample_weight"] = weights(labelled.classes)
    if entry.network:
        if entry.unlabelled and (rest := source.unlabelled()) is not None and len(rest):
            of_rows["unlabelled"] = rest
        classifier.fit(labelled.features, labelled.classes, **of_rows)
        return Fit(classifier, None, reads_arrays=True)
    table, classes = _table(labelled.features), labelled.classes
    # by the labelled rows alone, even where the classifier is fitted on unlabelled ones too
    scaler = _scaler(table, scale if entry.scales else "none")
    table, unlabelled = _scaled(scaler, table), source.unlabelled()
    # a study may have none, or none that the table has
    if unlabelled is not None and len(unlabelled):
        rest = _scaled(scaler, _table(unlabelled))
        table, classes = with_unlabelled(table, classes, rest)
        if weighted:  # of rows without a class nothing is asked
            of_rows["sample_weight"] = np.r_[of_rows["sample_weight"], np.ones(len(rest))]
    classifier.fit(table, classes, **of_rows)
    return Fit(classifier, scaler, reads_arrays=False)


def fit_numbers(entry: Classifier, regressor: Estimator, labelled: LabelledRows, scale: str) -> Fit:
    """Fit a regressor to the rows of a label budget; parameters as of `fit`.

    Features and labels are standardised by the labelled rows alone.
    """
    table, unit = _table(labelled.features), Unit.of(labelled.classes)
    scaler = _scaler(table, scale if entry.scales else "none")
    regressor.fit(_scaled(scaler, table), (labelled.classes - unit.mean) / unit.deviation)
    return Fit(regressor, scaler, reads_arrays=False, unit=unit)


def with_unlabelled(
    labelled: np.ndarray, classes: np.ndarray, unlabelled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Put unlabelled rows after the others, with the class -1 that scikit-learn marks them by."""
    return np.concatenate([labelled, unlabelled]), np.r_[classes, np.full(len(unlabelled), -1)]


def _table(rows: Features) -> np.ndarray:
    return flattened(rows) if isinstance(rows, ArrayRows) else rows


def _scaler(table: np.ndarray, scale: str) -> Scaler | None:
    if scale == "none":
        return None
    from sklearn.preprocessing import StandardScaler

    scaler: Scaler = StandardScaler().fit(table)
    return scaler


def _scaled(scaler: Scaler | None, table: np.ndarray) -> np.ndarray:
    return table if scaler is None else scaler.transform(table)
