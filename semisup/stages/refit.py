"""Representations fitted anew in every cell: their input, one fit on all labels, the curve's fits.

What figures and report show of such a kind is the fit on all labelled recordings. The learning
curve never uses it: there each budget of each draw has a fit of its own.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup import splits
from semisup.classifiers import classifier
from semisup.curve import refits
from semisup.curve.plan import Experiment
from semisup.curve.sources import RefitSource
from semisup.curve.task import Task
from semisup.engine.artefacts import write_table, write_whole
from semisup.engine.parallel import batches, map_to_parts, one_thread
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.features.label_dependent import LabelDependent
from semisup.features.tables import numbered, rows_of
from semisup.networks.backend import forget_models
from semisup.networks.models import save_model
from semisup.stages import train
from semisup.stages.fingerprints import outputs_of
from semisup.stages.resolved import ResolvedStudy, Training

INDEX, ROWS, OUTPUTS = "rows.parquet", "rows.npy", "outputs.npz"
FILES = (INDEX, ROWS, OUTPUTS, "history.csv", "encoder.keras")
#: Subsets of which a kind's rows are prepared.
ALL = ("labelled", "unlabelled", "test")


class Budget(NamedTuple):
    """The labels that one fit may see."""

    percentage: float
    draw: int
    classes: np.ndarray  # of each labelled recording; -1 outside of the budget


@dataclass(frozen=True)
class Fits:
    """What all fits in the folder of one representation share.

    Parameters
    ----------
    options : LabelDependentSpec
        Of the representation whose folder it is.
    rows : Path
        An ``.npy`` file of the network's input.
    index : DataFrame
        recording and chunk of each row.
    subsets : dict of str to list of str
        Recordings by subset.
    n_classes, seed : int
        `seed` is the study's.
    outputs : tuple of str
        Those that representations take.
    """

    options: refits.LabelDependentSpec
    rows: Path
    index: pd.DataFrame
    subsets: dict[str, list[str]]
    n_classes: int
    seed: int
    outputs: tuple[str, ...]

    def task(self, budget: Budget) -> refits.RefitTask:
        """Return the task of one fit."""
        of_subset = {
            subset: np.flatnonzero(self.index["recording"].isin(set(recordings)))
            for subset, recordings in self.subsets.items()
        }
        return refits.RefitTask(
            options=self.options,
            rows=self.rows,
            owner=rows_of(self.index, self.subsets["labelled"]).owner,
            classes=budget.classes,
            n_classes=self.n_classes,
            seed=refits.fit_seed(self.seed, self.options, budget.percentage, budget.draw),
            outputs=self.outputs,
            **of_subset,
        )


def step(study: ResolvedStudy, name: str) -> Step:
    """Return the step that prepares the rows and fits on all labels."""
    fingerprint = study.fingerprints.refits[name]
    outputs = [study.folder / name / file for file in FILES]
    figures = [
        path
        for what in ("loss_history", "accuracy_history")
        for path in study.figure_paths(f"{what}_{name}")
    ]
    parts = study.parts(f"train-{name}", fingerprint)
    make = partial(_make, study, name, study.of_kind(LabelDependent)[name], parts)
    return Step(
        f"train {name}", fingerprint, (*outputs, *figures), make, parts, study.whole is None
    )


def table(study: ResolvedStudy, name: str, kind: LabelDependent) -> pd.DataFrame:
    """Return the features of the fit on all labels: recording, chunk, then one column a number."""
    folder, output = study.folder / study.owners[name], kind.options.output
    index = pd.read_parquet(folder / INDEX)
    subsets = index["recording"].map(study.split)
    with np.load(folder / OUTPUTS) as outputs:
        tables = [
            _named(index[subsets == subset], outputs[f"{subset}_{output}"], output)
            for subset in ("labelled", "test")
        ]
    # in the order of the index, which mixes the subsets
    return pd.concat(tables).sort_index().reset_index(drop=True)


def with_fits(study: ResolvedStudy, planned: Experiment, folder: Path) -> Experiment:
    """Fit the refitted kinds for every budget of every draw, and give the cells their features."""
    kinds = {
        name: kind for name, kind in study.of_kind(LabelDependent).items() if name in study.compared
    }
    paths = {
        owner: _fit_all(study, planned, owner, folder)
        for owner in dict.fromkeys(study.owners[name] for name in kinds)
    }

    def source(task: Task) -> RefitSource:
        name = task.system.representation
        uses_unlabelled = classifier(task.system.spec.kind).unlabelled
        of_draw = paths[study.owners[name]][task.draw]
        return RefitSource(of_draw, kinds[name].options.output, uses_unlabelled)

    tasks = [
        task._replace(source=source(task)) if task.system.representation in kinds else task
        for task in planned.tasks
    ]
    return replace(planned, tasks=tasks)


def _make(study: ResolvedStudy, name: str, kind: LabelDependent, parts: Path) -> None:
    folder = study.folder / name
    prepared = kind.rows(train.inputs(study, Training(name), parts, ALL))
    write_whole(folder / ROWS, lambda path: np.save(path, prepared.x))
    write_table(folder / INDEX, prepared.index)
    labels = splits.labels_of(study.manifest, study.split)
    subsets = {subset: list(study.split.index[study.split == subset]) for subset in ALL}
    classes = labels[subsets["labelled"]].map(sorted(labels.unique()).index).to_numpy()
    fits = _fits(study, name, prepared.index, subsets, labels.nunique())
    task = fits.task(Budget(100, 0, classes))
    forget_models()
    with one_thread():
        fitted = refits.fit(task)
    write_whole(folder / OUTPUTS, partial(refits.write_outputs, task, fitted))
    write_table(folder / "history.csv", fitted.history)
    save_model(folder / "encoder.keras", fitted.model)
    _draw(study, name, fitted.history)
    say(f"  {name}: fitted on all labels in {len(fitted.history)} epochs")


def _fits(
    study: ResolvedStudy,
    owner: str,
    index: pd.DataFrame,
    subsets: dict[str, list[str]],
    n_classes: int,
) -> Fits:
    return Fits(
        options=study.of_kind(LabelDependent)[owner].options,
        rows=study.folder / owner / ROWS,
        index=index,
        subsets=subsets,
        n_classes=n_classes,
        seed=study.spec.seed,
        outputs=outputs_of(owner, study.kinds, study.owners),
    )


def _fit_all(
    study: ResolvedStudy, planned: Experiment, owner: str, folder: Path
) -> dict[int, list[Path]]:
    """Fit for every budget of every draw; return the files by draw, in the order of budgets."""
    index = pd.read_parquet(study.folder / owner / INDEX)
    tasks = [task for task in planned.tasks if study.owners[task.system.representation] == owner]
    # classifiers and outputs share the fits: their tasks differ in neither draws nor budgets
    first = tasks[0]
    subsets = {
        "labelled": planned.labelled,
        "test": planned.test[first.system.representation],
        "unlabelled": list(study.split.index[study.split == "unlabelled"]),
    }
    fits = _fits(study, owner, index, subsets, len(planned.classes))
    orders = {task.draw: task.order for task in tasks}
    budgets = [
        Budget(percentage, draw, refits.known_classes(order, first.labelled.classes, percentage))
        for draw, order in orders.items()
        for percentage in first.budgets
    ]
    paths = map_to_parts(
        refits.run_refit,
        [fits.task(budget) for budget in budgets],
        folder / f"fits-{owner}",
        ".npz",
        study.workers,
        f"fits of {owner}",
        "trainings",
    )
    of_draws = batches(paths, len(first.budgets))
    return dict(zip(orders, of_draws, strict=True))


def _named(index: pd.DataFrame, values: np.ndarray, output: str) -> pd.DataFrame:
    names = numbered(output, values.shape[1])
    features = pd.DataFrame(values, columns=names, index=index.index)
    return pd.concat([index[["recording", "chunk"]], features], axis=1)


def _draw(study: ResolvedStudy, name: str, history: pd.DataFrame) -> None:
    from semisup.figures.accuracy_history import plot_accuracy_history
    from semisup.figures.loss_history import plot_loss_history
    from semisup.figures.style import save

    for path in study.figure_paths(f"loss_history_{name}"):
        save(plot_loss_history(history, name), path)
    for path in study.figure_paths(f"accuracy_history_{name}"):
        save(plot_accuracy_history(history, name), path)
