"""Stage 7: feature tables in; scores, predictions, losses, histories and timings out."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from semisup.classifiers import n_points
from semisup.curve import joined
from semisup.curve.balance import chosen
from semisup.curve.choices import gather_choices
from semisup.curve.gather import (
    gather_histories,
    gather_losses,
    gather_predictions,
    gather_scores,
    gather_timings,
)
from semisup.curve.learning_curve import run_cells
from semisup.curve.per_class import gather_classes, joined_classes
from semisup.curve.plan import Experiment, plan
from semisup.curve.predictions_file import write_predictions
from semisup.curve.task import Task
from semisup.engine.artefacts import write_table, write_whole
from semisup.engine.step import Step
from semisup.features.contract import ArrayRepresentation
from semisup.figures.study_tables import read_csv
from semisup.stages import arrays, refit
from semisup.stages.resolved import ResolvedStudy

PER_CLASS = "per_class.csv"
OUTPUTS = (
    "scores.parquet",
    "scores.csv",
    "predictions.parquet",
    "losses.parquet",
    "histories.parquet",
    "timings.parquet",
    PER_CLASS,
)
#: Where a classifier's parameters are searched.
CHOICES = "choices.csv"


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    fingerprint = study.fingerprints.curve
    names = (*OUTPUTS, CHOICES) if _searches(study) else OUTPUTS
    outputs = tuple(study.folder / name for name in names)
    if study.is_folded:
        return [Step("curve", fingerprint, outputs, partial(_join, study))]
    parts = study.parts("curve", fingerprint)
    return [Step("curve", fingerprint, outputs, lambda: _make(study, parts), parts)]


def experiment(study: ResolvedStudy) -> Experiment:
    """Plan the study's learning curve from its feature tables on disk."""
    tables = {
        name: [
            arrays.table(path) if isinstance(kind, ArrayRepresentation) else pd.read_parquet(path)
            for path in study.table_paths(name)
        ]
        for name, kind in study.compared.items()
    }
    # all folds alike, though the classes of one may be a little more equal than those of another
    balance = chosen(study.spec.curve.balance, study.labels_learned.value_counts().to_numpy())
    planned = plan(
        tables,
        study.manifest,
        study.split,
        study.spec.curve.model_copy(update={"balance": balance}),
        study.spec.seed,
        study.classifiers,
        {name: array for name, array in arrays.of_study(study).items() if name in tables},
        all_classes_tested=study.whole is None,
    )
    return replace(planned, tasks=[_scaled(study, task) for task in planned.tasks])


def _searches(study: ResolvedStudy) -> bool:
    return any(n_points(spec) for spec in study.classifiers.values())


def _scaled(study: ResolvedStudy, task: Task) -> Task:
    """Scale what a kind says must be scaled, whatever the study says of the others."""
    scale = study.kinds[task.system.representation].scale
    return task if scale is None else task._replace(rules=task.rules._replace(scale=scale))


def _make(study: ResolvedStudy, folder: Path) -> None:
    planned = refit.with_fits(study, experiment(study), folder)
    parts = run_cells(planned, folder, study.workers)
    scores = gather_scores(planned, parts)
    write_table(study.folder / "scores.parquet", scores)
    write_table(study.folder / "scores.csv", scores)
    write_table(study.folder / PER_CLASS, gather_classes(planned, parts))
    write_table(study.folder / "losses.parquet", gather_losses(planned, parts))
    write_table(study.folder / "histories.parquet", gather_histories(planned, parts))
    write_table(study.folder / "timings.parquet", gather_timings(planned, parts))
    if _searches(study):
        write_table(study.folder / CHOICES, gather_choices(planned, parts))
    else:
        _forget_choices(study)
    write_whole(
        study.folder / "predictions.parquet", lambda path: _write_predictions(planned, parts, path)
    )


def _join(study: ResolvedStudy) -> None:
    """Put the tables of the folds together."""
    folders = [repeat.folder for repeat in study.repeats]
    joined.write(study.folder, folders)
    of_classes = [read_csv(folder / PER_CLASS) for folder in folders]
    write_table(study.folder / PER_CLASS, joined_classes(of_classes))
    if _searches(study):
        tables = (read_csv(folder / CHOICES) for folder in folders)
        write_table(study.folder / CHOICES, joined.numbered(tables))
    else:
        _forget_choices(study)


def _forget_choices(study: ResolvedStudy) -> None:
    """Leave none of another version of the study, which the report would show."""
    (study.folder / CHOICES).unlink(missing_ok=True)


def _write_predictions(planned: Experiment, parts: list[Path], path: Path) -> None:
    """Write the predictions task by task: memory does not grow with their number."""
    write_predictions(path, gather_predictions(planned, parts), planned.classes)
