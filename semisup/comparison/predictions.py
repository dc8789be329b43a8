"""Predictions of one system after the other, as whole numbers, and who spoke them.

In: `predictions.parquet` or its table, and the manifest. Out: a `System` for every representation
and classifier, read one at a time: memory does not grow with their number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.comparison.summary import require_columns
from semisup.curve.class_names import class_names as named_in
from semisup.curve.predictions_file import read_predictions
from semisup.curve.target import Target, target_of
from semisup.errors import TableError
from semisup.recordings.numbers import NUMBER

COLUMNS = ("representation", "classifier", "percentage", "draw", "recording", "chunk", "predicted")


class SystemName(NamedTuple):
    """A representation with a classifier."""

    representation: str
    classifier: str


@dataclass(frozen=True)
class System:
    """What one representation with one classifier predicted, and what was true.

    Parameters
    ----------
    predicted : ndarray of shape (n_budgets, n_draws, n_units), int8
        Class numbers, or what the target stores; a unit is a test recording, or a chunk of one.
    truth : ndarray of shape (n_units,), int
        Class numbers, or numbers.
    speaker : ndarray of shape (n_units,), int
        Places in `Clusters.names`.
    target : Target
    """

    predicted: np.ndarray
    truth: np.ndarray
    speaker: np.ndarray
    target: Target

    def counts(self, number: int, n_speakers: int) -> np.ndarray:
        """Count by draw and speaker at one budget, as `Target.by_speaker` does."""
        return self.target.by_speaker(self.truth, self.predicted[number], self.speaker, n_speakers)

    def classes_vary_within_speakers(self) -> bool:
        """Tell whether most units are of speakers with more than one class."""
        pairs = pd.DataFrame({"speaker": self.speaker, "truth": self.truth})
        return bool((pairs.groupby("speaker")["truth"].transform("nunique") > 1).mean() >= 0.5)


@dataclass(frozen=True)
class Clusters:
    """Class and speaker of every test recording; one cluster a speaker.

    Parameters
    ----------
    truth : Series of int
        Class number by recording, or its number.
    speaker : Series of int
        Cluster number by recording.
    n_speakers : int
    unknown : int
        Recordings without a speaker: each is a cluster of its own.
    target : Target
    """

    truth: pd.Series
    speaker: pd.Series
    n_speakers: int
    unknown: int
    target: Target


def class_names(predictions: pd.DataFrame | Path, manifest: pd.DataFrame) -> list[str]:
    """Return the classes in the order that `predicted` counts them.

    A file names them; with a table they are the manifest's labels, sorted.
    """
    named = named_in(predictions) if isinstance(predictions, Path) else None
    return named or sorted(set(manifest["label"]) - {""})


def clusters(recordings: Sequence[str], manifest: pd.DataFrame, classes: Sequence[str]) -> Clusters:
    """Look up class and speaker of the test recordings.

    Raises
    ------
    TableError
        If a recording is not in the manifest or has a label that is no class.
    """
    table = require_columns(manifest, ("recording", "label", "speaker"), "recordings")
    rows = table.drop_duplicates("recording").set_index("recording").reindex(list(recordings))
    target = target_of(manifest, len(classes))
    truth = rows[NUMBER] if NUMBER in rows else _places(rows["label"], classes)
    unknown = rows["speaker"].fillna("") == ""
    # recordings of unknown speakers are clusters of their own; sorted, so that clusters do not
    # depend on the order of the recordings
    names = rows["speaker"].mask(unknown, "?" + rows.index.to_series())
    numbers, speakers = pd.factorize(names, sort=True)
    return Clusters(
        truth,
        pd.Series(numbers, index=rows.index),
        len(speakers),
        int(unknown.sum()),
        target,
    )


def _places(labels: pd.Series, classes: Sequence[str]) -> pd.Series:
    """Return the place of each label among the classes."""
    place = {label: number for number, label in enumerate(classes)}
    wrong = labels.index[~labels.isin(place)]
    if len(wrong):
        raise TableError(
            f"{len(wrong)} recordings of the predictions (the first: {wrong[0]}) have no label in "
            f"the manifest that is one of the classes {', '.join(classes)}"
        )
    return labels.map(place).astype(int)


def recordings_of(predictions: pd.DataFrame | Path) -> list[str]:
    """Return the test recordings of all predictions, sorted."""
    if isinstance(predictions, pd.DataFrame):
        require_columns(predictions, COLUMNS, "predictions")
        return sorted(predictions["recording"].astype(str).unique())
    import pyarrow.parquet as pq

    names: set[str] = set()
    # batch by batch: memory holds the names, not a row for every prediction of the study
    for batch in pq.ParquetFile(predictions).iter_batches(columns=["recording"]):
        names.update(batch.column(0).unique().to_pylist())
    return sorted(names)


def systems(
    predictions: pd.DataFrame | Path,
    names: Sequence[tuple[str, str]],
    tested: Clusters,
    folds_a_repeat: int = 1,
) -> Iterator[System]:
    """Yield the systems (representation, classifier) in the order of `names`.

    With folds, of which `folds_a_repeat` test every speaker once, a draw is that of all of them
    together; those of one repeat come after those of the other.

    Raises
    ------
    TableError
        If the predictions lack a system, or a cell of it lacks or repeats a test unit.
    """
    for representation, classifier in names:
        rows = _rows(predictions, representation, classifier)
        if "repeat" in rows:
            rows = rows.assign(draw=_of_all_folds(rows, folds_a_repeat)).drop(columns="repeat")
        yield _system(rows, f"{classifier}@{representation}", tested)


def _rows(predictions: pd.DataFrame | Path, representation: str, classifier: str) -> pd.DataFrame:
    columns = [*COLUMNS[2:], *_repeat(predictions)]
    if isinstance(predictions, pd.DataFrame):
        chosen = predictions["representation"] == representation
        return predictions.loc[chosen & (predictions["classifier"] == classifier), columns]
    wanted = {"representation": [representation], "classifier": [classifier]}
    return read_predictions(predictions, wanted, columns)


def _of_all_folds(rows: pd.DataFrame, folds_a_repeat: int) -> pd.Series:
    """Return the number of each draw counted through the repeats: one in all folds of a repeat."""
    n_draws = int(rows["draw"].max()) + 1
    return rows["repeat"] // folds_a_repeat * n_draws + rows["draw"]


def _repeat(predictions: pd.DataFrame | Path) -> list[str]:
    """Return the column of the repeat if there is one."""
    if isinstance(predictions, pd.DataFrame):
        names = list(predictions.columns)
    else:
        import pyarrow.parquet as pq

        names = pq.read_schema(predictions).names
    return ["repeat"] if "repeat" in names else []


def _system(rows: pd.DataFrame, name: str, tested: Clusters) -> System:
    if rows.empty:
        raise TableError(f"The predictions have no rows of {name}, which the scores have")
    recording = rows["recording"].astype("category")
    # A recording that counts as a whole has the chunk -1.
    chunk = rows["chunk"].to_numpy(np.int64) + 1
    width = int(chunk.max()) + 1
    # One whole number a test unit: recording and chunk in one np.unique, which sorts numbers only.
    keys = recording.cat.codes.to_numpy(np.int64) * width + chunk
    units, unit = np.unique(keys, return_inverse=True)
    percentages, budget = np.unique(rows["percentage"].to_numpy(), return_inverse=True)
    draws, draw = np.unique(rows["draw"].to_numpy(), return_inverse=True)
    shape = (len(percentages), len(draws), len(units))
    place = np.ravel_multi_index((budget, draw, unit), shape)
    if len(rows) != np.prod(shape) or len(np.unique(place)) != len(rows):
        raise TableError(f"Not every cell of {name} has one prediction of every test unit")
    target = tested.target
    predicted = np.empty(len(rows), target.stored)
    predicted[place] = rows["predicted"].to_numpy(target.stored)
    if wrong := target.wrong(predicted):
        raise TableError(f"Predictions of {name} are no {wrong}")
    owners = recording.cat.categories[units // width]
    return System(
        predicted.reshape(shape),
        tested.truth[owners].to_numpy(),
        tested.speaker[owners].to_numpy(),
        target,
    )
