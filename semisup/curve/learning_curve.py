"""The learning-curve experiment (DESIGN 5.6): feature tables in, scores and predictions out.

A draw is one order of the labelled recordings; a label budget takes the first so many recordings
of each class in that order. One cell is one fit on a budget of a draw and one test on the whole
test set. Cells that share representation, classifier and draw are computed and saved together.

A representation that was trained several times has a table an encoder: draw d uses the table
d mod their number, so that draws are nested in encoders.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from semisup.curve.cells import HISTORY, Task, is_network, run_task, uses_unlabelled
from semisup.engine.artefacts import fingerprint
from semisup.engine.parallel import Workers, map_to_parts
from semisup.errors import SpecError, TableError
from semisup.features.arrays import Arrays
from semisup.features.tables import check_table, rows_of
from semisup.metrics import scores
from semisup.splits import labels_of
from semisup.study.checks import network_problem
from semisup.study.spec import ClassifierSpec, CurveSpec

#: What tells cells apart, and what a network's history has of each epoch.
CELL = ("representation", "classifier", "percentage", "draw")
HISTORY_COLUMNS = (
    *("head", "phase", "epoch", "loss", "val_loss"),
    *("accuracy", "val_accuracy", "learning_rate"),
)
_HISTORY_TYPES = {
    **dict.fromkeys(("representation", "classifier", "head", "phase"), "str"),
    **dict.fromkeys(("draw", "epoch"), "int32"),
}

#: By representation: its feature table, or those of its encoders.
Tables = Mapping[str, pd.DataFrame | Sequence[pd.DataFrame]]


@dataclass(frozen=True)
class Experiment:
    """The recordings, classes and tasks of one learning-curve experiment."""

    classes: list[str]
    labelled: list[str]
    test: dict[str, list[str]]  # by representation: they differ for unit = "chunk" only
    tasks: list[Task]

    def test_rows(self, task: Task) -> pd.DataFrame:
        """Return recording and chunk of each prediction of a task."""
        recordings = np.array(self.test[task.representation], dtype=object)
        if task.unit == "recording":
            return pd.DataFrame({"recording": recordings, "chunk": np.int32(-1)})
        chunk = task.test.chunk.astype(np.int32)
        return pd.DataFrame({"recording": recordings[task.test.owner], "chunk": chunk})


def learning_curve(
    tables: Tables,
    manifest: pd.DataFrame,
    split: pd.Series,
    spec: CurveSpec,
    jobs: int = 1,
    seed: int = 0,
) -> pd.DataFrame:
    """Score every representation with every classifier at every label budget.

    Parameters
    ----------
    tables : mapping of str to DataFrame, or to a sequence of DataFrame
        Feature tables by representation: `recording`, `chunk`, one column a feature. Of several
        encoders a table each: draw d uses number d mod their number.
    manifest : DataFrame
        With `recording` and `label`.
    split : Series of str
        Subset by recording.
    spec : CurveSpec
        Classifiers, budgets, draws, scaling and unit.
    jobs : int
        Processes; the scores do not depend on it.
    seed : int
        Of the draws and the classifiers.

    Returns
    -------
    DataFrame
        One row a cell: representation, classifier, percentage, n_recordings, n_rows, draw, unit,
        and those of `METRICS`.
    """
    experiment = plan(tables, manifest, split, spec, seed)
    with TemporaryDirectory() as folder:
        parts = run_cells(experiment, Path(folder), Workers(jobs))
        return gather_scores(experiment, parts)


def plan(
    tables: Tables,
    manifest: pd.DataFrame,
    split: pd.Series,
    spec: CurveSpec,
    seed: int,
    classifiers: Mapping[str, ClassifierSpec] | None = None,
    arrays: Mapping[str, Arrays] | None = None,
) -> Experiment:
    """Decide which recordings, rows and orders every cell uses.

    All representations see the same labelled recordings: those that every table has. With
    ``unit = "recording"`` the same holds for the test recordings.

    Parameters
    ----------
    tables, manifest, split, spec, seed
        As `learning_curve`; the table of an array representation is
        `semisup.features.arrays.row_numbers` of its index.
    classifiers : mapping of str to ClassifierSpec, optional
        What the names in ``spec.classifiers`` mean; entries of the registry if left out.
    arrays : mapping of str to Arrays, optional
        The array representations among `tables`.

    Raises
    ------
    TableError
        If a table is none, or the recordings that all tables have lack a class.
    SpecError
        If ``unit = "recording"`` is asked of test rows that belong to no recording, or there are
        more encoders of a representation than draws, or a network is to be fitted to a feature
        table.
    """
    encoders = {name: _encoders(name, given, spec) for name, given in tables.items()}
    _check_unit(manifest, split, spec)
    labels = labels_of(manifest, split)
    classes = sorted(labels.unique())
    numbers = pd.Series({label: number for number, label in enumerate(classes)})
    labelled = _shared(encoders, split.index[split == "labelled"], classes, labels, "labelled")
    test = _test_recordings(encoders, split.index[split == "test"], classes, labels, spec)
    unlabelled = split.index[split == "unlabelled"]
    train_classes = numbers[labels[labelled]].to_numpy()
    orders = [_order(len(labelled), draw, spec, seed) for draw in range(spec.n_draws())]
    kinds = {
        name: (classifiers or {}).get(name, ClassifierSpec(kind=name)) for name in spec.classifiers
    }
    arrays = arrays or {}
    _check_networks(kinds, set(tables) - set(arrays), spec)
    tasks = [
        Task(representation, classifier, draw, kind, train, test_rows, train_classes,
             numbers[labels[test[representation]]].to_numpy(), len(classes), order,
             spec.budgets(), spec.scale, spec.unit, seed,
             rest.features if uses_unlabelled(kind) else None, arrays=arrays.get(representation))
        for representation, own in encoders.items()
        for rows in [[[rows_of(t, names) for names in (labelled, test[representation], unlabelled)]
                      for t in own]]
        for classifier, kind in kinds.items()
        if spec.runs(classifier, representation)
        for draw, order in enumerate(orders)
        for train, test_rows, rest in [rows[draw % len(rows)]]
    ]  # fmt: skip
    return Experiment(classes, labelled, test, tasks)


def run_cells(experiment: Experiment, folder: Path, workers: Workers) -> list[Path]:
    """Fit and test all cells; return one file a task, in order, resuming from those in `folder`."""
    return map_to_parts(run_task, experiment.tasks, folder, ".npz", workers, "learning curve")


def gather_scores(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the scores of all tasks into one table, in the study's order."""
    return _gather(
        experiment,
        parts,
        lambda task, part: {
            "representation": task.representation,
            "classifier": task.classifier,
            "percentage": part["percentage"],
            "n_recordings": part["n_recordings"],
            "n_rows": part["n_rows"],
            "draw": task.draw,
            "unit": task.unit,
            **scores(part["confusion"]),
        },
    )


def gather_timings(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the seconds of all cells into one table."""
    return _gather(
        experiment,
        parts,
        lambda task, part: {"stage": "curve", **_cell_keys(task, part), "seconds": part["seconds"]},
    )


def gather_losses(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the log losses of all cells whose classifier gives probabilities.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, draw, log_loss: the mean of -ln(probability of the
        true class) over the scored units, in nats.
    """
    table = _gather(
        experiment,
        parts,
        lambda task, part: {**_cell_keys(task, part), "log_loss": part["log_loss"]},
    )
    return table.dropna().reset_index(drop=True)


def gather_histories(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Join the histories of all networks.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, draw, head and phase ("" but for transfer learning),
        epoch (from 1), loss, val_loss, accuracy, val_accuracy, learning_rate; one row an epoch.
    """
    tables = []
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as part:
            columns = {
                name: part[HISTORY + name]
                for name in ("percentage", *HISTORY_COLUMNS)
                if HISTORY + name in part
            }
        if columns:
            keys = _cell_keys(task, columns)
            tables.append(pd.DataFrame({**keys, "head": "", "phase": "", **columns}))
    names = [*CELL, *HISTORY_COLUMNS]
    joined = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=names)
    types = {name: _HISTORY_TYPES.get(name, "float64") for name in names}
    return joined[names].astype(types)


def _gather(
    experiment: Experiment, parts: list[Path], columns: Callable[[Task, Any], dict[str, Any]]
) -> pd.DataFrame:
    """Join one table a task, in the study's order; `columns` makes it from the task's file."""
    tables = []
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as part:
            tables.append(pd.DataFrame(columns(task, part)))
    return pd.concat(tables, ignore_index=True)


def _cell_keys(task: Task, part: Any) -> dict[str, Any]:
    return {
        "representation": task.representation,
        "classifier": task.classifier,
        "percentage": part["percentage"],
        "draw": task.draw,
    }


def gather_predictions(experiment: Experiment, parts: list[Path]) -> Iterator[pd.DataFrame]:
    """Yield the predictions of one task after the other.

    Yields
    ------
    DataFrame
        representation, classifier, percentage, draw, recording, chunk (-1 for a recording),
        predicted (int8, the place of the class in the sorted class names), probability (float32, of
        that class; NaN where the classifier has none).
    """
    for task, path in zip(experiment.tasks, parts, strict=True):
        with np.load(path) as part:
            predicted, percentages = part["predicted"], part["percentage"]
            probability = part["probability"]
        rows = experiment.test_rows(task)
        yield pd.DataFrame(
            {
                "representation": task.representation,
                "classifier": task.classifier,
                "percentage": np.repeat(percentages, len(rows)),
                "draw": np.int32(task.draw),
                "recording": np.tile(rows["recording"].to_numpy(), len(percentages)),
                "chunk": np.tile(rows["chunk"].to_numpy(), len(percentages)),
                "predicted": predicted.ravel(),
                "probability": probability.ravel(),
            }
        )


def _order(n_labelled: int, draw: int, spec: CurveSpec, seed: int) -> np.ndarray:
    if spec.order == "prefix":
        return np.arange(n_labelled)
    state = int(fingerprint("draw", seed, draw), 16)
    return np.random.default_rng(state).permutation(n_labelled)


def _encoders(
    name: str, given: pd.DataFrame | Sequence[pd.DataFrame], spec: CurveSpec
) -> list[pd.DataFrame]:
    """Return the checked tables of a representation, one an encoder."""
    tables = [given] if isinstance(given, pd.DataFrame) else list(given)
    for number, table in enumerate(tables):
        check_table(table, f"{name}, encoder {number}" if number else name)
    if not 1 <= len(tables) <= spec.n_draws():
        raise SpecError(
            f"The representation '{name}' needs a feature table, and at most one a draw: there are "
            f"{len(tables)} tables and {spec.n_draws()} draws"
        )
    return tables


def _shared(
    tables: Mapping[str, Sequence[pd.DataFrame]],
    wanted: pd.Index,
    classes: list[str],
    labels: pd.Series,
    subset: str,
) -> list[str]:
    """Return the recordings that every table has, in the order of the split."""
    have = set.intersection(*(set(table["recording"]) for own in tables.values() for table in own))
    kept = [recording for recording in wanted if recording in have]
    lacking = sorted(set(classes) - set(labels[kept]))
    if lacking:
        raise TableError(
            f"No {subset} recording of class {' and '.join(lacking)} is in every one of the tables "
            f"{', '.join(tables)}"
        )
    return kept


def _test_recordings(
    tables: Mapping[str, Sequence[pd.DataFrame]],
    wanted: pd.Index,
    classes: list[str],
    labels: pd.Series,
    spec: CurveSpec,
) -> dict[str, list[str]]:
    if spec.unit == "recording":
        shared = _shared(tables, wanted, classes, labels, "test")
        return dict.fromkeys(tables, shared)
    return {
        name: _shared({name: own}, wanted, classes, labels, "test") for name, own in tables.items()
    }


def _check_networks(kinds: Mapping[str, ClassifierSpec], plain: set[str], spec: CurveSpec) -> None:
    for name, kind in kinds.items():
        for representation in sorted(plain):
            if spec.runs(name, representation) and is_network(kind):
                raise SpecError(f"[curve] {network_problem(name, representation)}")


def _check_unit(manifest: pd.DataFrame, split: pd.Series, spec: CurveSpec) -> None:
    if spec.unit == "chunk" or "joined" not in manifest:
        return
    loose = manifest[~manifest["joined"] & manifest["recording"].isin(split.index)]
    if len(loose):
        raise SpecError(
            f"[curve] unit = 'recording' is not possible: {len(loose)} test rows (the first: "
            f"{loose['recording'].iloc[0]}) are chunks of which no table says to which recording "
            "they belong; use unit = 'chunk'"
        )
