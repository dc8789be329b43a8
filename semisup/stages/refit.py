"""Kinds fitted anew in every cell: their input, one fit on all labels, and the fits of the curve.

What figures and report show of such a kind is the fit on all labelled recordings. The learning
curve never uses it: there each budget of each draw has a fit of its own.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup import splits
from semisup.curve import refits
from semisup.curve.cells import Refits, uses_unlabelled
from semisup.curve.learning_curve import Experiment
from semisup.engine.artefacts import fingerprint, write_table, write_whole
from semisup.engine.parallel import map_to_parts
from semisup.engine.progress import say
from semisup.features.label_dependent import PreparedRows
from semisup.features.tables import numbered, rows_of
from semisup.networks.models import save_model
from semisup.stages import split, train
from semisup.study.spec import RepresentationSpec
from semisup.study.study import Step, Study, kind_of

FORMAT = 1
INDEX, ROWS, OUTPUTS = "rows.parquet", "rows.npy", "outputs.npz"
FILES = (INDEX, ROWS, OUTPUTS, "history.csv", "encoder.keras")
#: Subsets of which a kind's rows are prepared.
ALL = ("labelled", "unlabelled", "test")


def mark(study: Study, spec: RepresentationSpec) -> str:
    """Return the fingerprint of the fit on all labels; the output taken from it plays no part."""
    seed = study.spec.seed
    training = refits.training_options(spec)
    outputs = _outputs(study, owner(study, spec))
    return fingerprint("refit", FORMAT, training, outputs, seed, split.mark(study))


def owner(study: Study, spec: RepresentationSpec) -> str:
    """Return the first representation with the same training: its folder holds their fits."""
    return study.first_alike(spec, refits.SHARED)


def step(study: Study, name: str) -> Step:
    """Return the step that prepares the rows and fits on all labels."""
    spec = study.needed()[name]
    value = mark(study, spec)
    outputs = tuple(study.folder / name / file for file in FILES)
    figures = tuple(study.figures / f"{what}_{name}.{suffix}"
                    for what in ("loss_history", "accuracy_history")
                    for suffix in study.spec.plot.formats)  # fmt: skip
    make = partial(_make, study, name, value)
    parts = study.parts(f"train-{name}", value)
    return Step(f"train {name}", value, (*outputs, *figures), make, parts)


def table(study: Study, name: str) -> pd.DataFrame:
    """Return the features of the fit on all labels: recording, chunk, then one column a number."""
    spec: Any = study.needed()[name]
    folder = study.folder / owner(study, spec)
    index = pd.read_parquet(folder / INDEX)
    subsets = index["recording"].map(study.split)
    with np.load(folder / OUTPUTS) as outputs:
        parts = [
            _named(index[subsets == subset], outputs[f"{subset}_{spec.output}"], spec.output)
            for subset in ("labelled", "test")
        ]
    return pd.concat(parts).sort_index().reset_index(drop=True)


def with_fits(study: Study, planned: Experiment, folder: Path) -> Experiment:
    """Fit the refitted kinds for every budget of every draw, and give the cells their features."""
    specs: dict[str, Any] = {
        name: spec for name, spec in study.representations().items() if refits.is_refitted(spec)
    }
    paths = {
        name: _fit_all(study, planned, name, folder)
        for name in dict.fromkeys(owner(study, spec) for spec in specs.values())
    }
    tasks = []
    for task in planned.tasks:
        if task.representation in specs:
            spec = specs[task.representation]
            given = Refits(
                paths[owner(study, spec)][task.draw], spec.output, uses_unlabelled(task.kind)
            )
            task = task._replace(refits=given)
        tasks.append(task)
    return replace(planned, tasks=tasks)


def _make(study: Study, name: str, value: str) -> None:
    spec: Any = study.needed()[name]
    folder = study.folder / name
    given = train.inputs(study, name, "train", value, wanted=ALL)
    prepared: PreparedRows = kind_of(spec).rows(spec, given)
    write_whole(folder / ROWS, partial(_write_array, prepared.x))
    write_table(folder / INDEX, prepared.index)
    labels = splits.labels_of(study.manifest, study.split)
    recordings = study.split.index[study.split == "labelled"]
    classes = labels[recordings].map(sorted(labels.unique()).index).to_numpy()
    tests = study.split.index[study.split == "test"]
    task = _task(study, name, prepared.index, recordings, tests, classes, labels.nunique(), 100, 0)
    fitted = refits.fit(task)
    write_whole(folder / OUTPUTS, partial(refits.write_outputs, task, fitted))
    write_table(folder / "history.csv", fitted.history)
    save_model(folder / "encoder.keras", fitted.model)
    _draw(study, name, fitted.history)
    say(f"  {name}: fitted on all labels in {len(fitted.history)} epochs")


def _write_array(x: np.ndarray, path: Path) -> None:
    np.save(path, x)


def _task(
    study: Study,
    name: str,
    index: pd.DataFrame,
    labelled: Any,
    tests: Any,
    classes: np.ndarray,
    n_classes: int,
    percentage: float,
    draw: int,
) -> refits.RefitTask:
    """Describe a fit; `classes` has -1 for recordings outside of the budget."""
    spec = study.needed()[name]
    unlabelled = study.split.index[study.split == "unlabelled"]
    return refits.RefitTask(
        options=spec,
        rows=study.folder / name / ROWS,
        labelled=_positions(index, labelled),
        test=_positions(index, tests),
        unlabelled=_positions(index, unlabelled),
        owner=rows_of(index, labelled).owner,
        classes=classes,
        n_classes=n_classes,
        seed=refits.fit_seed(study.spec.seed, spec, percentage, draw),
        outputs=_outputs(study, name),
    )


def _outputs(study: Study, name: str) -> tuple[str, ...]:
    """Return the outputs that representations take from the fits in the folder of `name`."""
    taken: dict[str, Any] = {
        other: spec for other, spec in study.needed().items() if owner_is(study, other, name)
    }
    return tuple(dict.fromkeys(spec.output for spec in taken.values()))


def _positions(index: pd.DataFrame, recordings: Any) -> np.ndarray:
    return np.flatnonzero(index["recording"].isin(set(recordings)))


def _fit_all(study: Study, planned: Experiment, name: str, folder: Path) -> dict[int, list[Path]]:
    """Fit for every budget of every draw; return the files by draw, in the order of budgets."""
    index = pd.read_parquet(study.folder / name / INDEX)
    members = [task for task in planned.tasks if owner_is(study, task.representation, name)]
    first = members[0]
    draws = {task.draw: task.order for task in members}
    fits = [
        _task(
            *(study, name, index, planned.labelled, planned.test[first.representation]),
            refits.known_classes(order, first.train_classes, percentage),
            *(len(planned.classes), percentage, draw),
        )
        for draw, order in draws.items()
        for percentage in first.budgets
    ]
    label = f"fits of {name}"
    parts = map_to_parts(
        refits.run_refit, fits, folder / f"fits-{name}", ".npz", study.workers, label
    )
    n = len(first.budgets)
    return {draw: parts[number * n : number * n + n] for number, draw in enumerate(draws)}


def owner_is(study: Study, representation: str, name: str) -> bool:
    """Tell whether a representation's fits lie in the folder of `name`."""
    spec = study.needed().get(representation)
    return spec is not None and refits.is_refitted(spec) and owner(study, spec) == name


def _named(index: pd.DataFrame, values: np.ndarray, output: str) -> pd.DataFrame:
    names = numbered(output, values.shape[1])
    features = pd.DataFrame(values, columns=names, index=index.index)
    return pd.concat([index[["recording", "chunk"]], features], axis=1)


def _draw(study: Study, name: str, history: pd.DataFrame) -> None:
    from semisup.figures.accuracy_history import plot_accuracy_history
    from semisup.figures.loss_history import plot_loss_history
    from semisup.figures.style import save

    for suffix in study.spec.plot.formats:
        for what, plot in (("loss", plot_loss_history), ("accuracy", plot_accuracy_history)):
            save(plot(history, name), study.figures / f"{what}_history_{name}.{suffix}")
