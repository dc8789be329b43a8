"""Stage 7: feature tables in; scores, predictions, losses, histories and timings out."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from semisup.classifiers import classifier, n_points
from semisup.curve import joined
from semisup.curve.adaptive import Precision, run_until_precise
from semisup.curve.balance import chosen
from semisup.curve.choices import gather_choices
from semisup.curve.fusion import with_fusions
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
from semisup.curve.queries import gather_queries
from semisup.curve.task import Task
from semisup.engine.artefacts import write_table, write_whole
from semisup.engine.step import Step
from semisup.features.contract import ArrayRepresentation
from semisup.figures.study_tables import read_csv
from semisup.stages import arrays, encoders, refit
from semisup.stages.resolved import ResolvedStudy

PER_CLASS = "per_class.csv"
OUTPUTS = (
    "scores.parquet",
    "scores.csv",
    "predictions.parquet",
    "losses.parquet",
    "histories.parquet",
    "timings.parquet",
)
#: Where a classifier's parameters are searched, and where one asks for recordings.
CHOICES = "choices.csv"
QUERIED = "queried.csv"


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    fingerprint = study.fingerprints.curve
    names = (*OUTPUTS, PER_CLASS) if _has_classes(study) else OUTPUTS
    outputs = tuple(study.folder / name for name in (*names, *_optional(study)))
    if study.is_folded:
        return [Step("curve", fingerprint, outputs, partial(_join, study))]
    parts = study.parts("curve", fingerprint)
    make = partial(_make, study, parts)
    return [Step("curve", fingerprint, outputs, make, parts, packages=_packages(study))]


def _packages(study: ResolvedStudy) -> tuple[str, ...]:
    """Return what fits the classifiers besides scikit-learn."""
    spec = study.spec
    kinds = (spec.classifier(name).kind for name in spec.curve.classifiers)
    used = [package for kind in kinds for package in classifier(kind).libraries]
    accelerators = ["scikit-learn-intelex"] if spec.curve.accelerate else []
    return tuple(dict.fromkeys([*used, *accelerators]))


def experiment(study: ResolvedStudy, draws: int | None = None) -> Experiment:
    """Plan the study's learning curve from its feature tables on disk.

    Parameters
    ----------
    study : ResolvedStudy
    draws : int, optional
        How many; if left out those of the study, of a precision those that were made for it.
    """
    if draws is None:
        draws = _draws_made(study) if study.spec.curve.precision() else study.spec.curve.n_draws()
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
        study.spec.curve.model_copy(update={"balance": balance, "draws": draws}),
        study.spec.seed,
        study.classifiers,
        {name: array for name, array in arrays.of_study(study).items() if name in tables},
        all_classes_tested=study.whole is None,
    )
    return replace(planned, tasks=[_with_rules(study, task) for task in planned.tasks])


def _has_classes(study: ResolvedStudy) -> bool:
    return study.spec.task == "classification"


def _optional(study: ResolvedStudy) -> dict[str, Callable[[Experiment, list[Path]], pd.DataFrame]]:
    """Return the tables that only some studies have, and who gathers each."""
    specs = study.classifiers.values()
    return {
        **({CHOICES: gather_choices} if any(n_points(spec) for spec in specs) else {}),
        **({QUERIED: gather_queries} if any(spec.query for spec in specs) else {}),
    }


def _with_rules(study: ResolvedStudy, task: Task) -> Task:
    """Scale what a kind says must be scaled, and keep what a fusion asks for."""
    name = task.system.representation
    rules = task.rules._replace(keeps_weights=name in study.spec.fused())
    scale = study.kinds[name].scale
    return task._replace(rules=rules if scale is None else rules._replace(scale=scale))


def _make(study: ResolvedStudy, folder: Path) -> None:
    run = partial(_run, study)
    if asked := study.spec.curve.precision():
        spec, trained = study.spec, study.trainings
        precision = Precision(asked, spec.plot.metric, spec.compare.level, trained)
        planned, parts = run_until_precise(partial(experiment, study), run, precision, folder)
    else:
        planned, parts = run(experiment(study), folder)
    planned, parts = with_fusions(planned, parts, study.spec.fusions, folder)
    scores = gather_scores(planned, parts)
    write_table(study.folder / "scores.parquet", scores)
    write_table(study.folder / "scores.csv", scores)
    if _has_classes(study):
        write_table(study.folder / PER_CLASS, gather_classes(planned, parts))
    write_table(study.folder / "losses.parquet", gather_losses(planned, parts))
    write_table(study.folder / "histories.parquet", gather_histories(planned, parts))
    write_table(study.folder / "timings.parquet", gather_timings(planned, parts))
    _forget_optional(study)
    for name, gather in _optional(study).items():
        write_table(study.folder / name, gather(planned, parts))
    write_whole(
        study.folder / "predictions.parquet", lambda path: _write_predictions(planned, parts, path)
    )


def _run(study: ResolvedStudy, planned: Experiment, folder: Path) -> tuple[Experiment, list[Path]]:
    """Fit and test the cells of an experiment; return it with what its cells read."""
    planned = refit.with_fits(study, planned, folder)
    planned = encoders.with_encoders(study, planned, folder)
    return planned, run_cells(planned, folder, study.workers)


def _draws_made(study: ResolvedStudy) -> int:
    scores = pd.read_parquet(study.folder / "scores.parquet", columns=["draw"])
    return int(scores["draw"].max()) + 1


def _join(study: ResolvedStudy) -> None:
    """Put the tables of the folds together."""
    folders = [repeat.folder for repeat in study.repeats]
    joined.write(study.folder, folders)
    if _has_classes(study):
        of_classes = [read_csv(folder / PER_CLASS) for folder in folders]
        write_table(study.folder / PER_CLASS, joined_classes(of_classes))
    _forget_optional(study)
    for name in _optional(study):
        tables = (read_csv(folder / name) for folder in folders)
        write_table(study.folder / name, joined.numbered(tables))


def _forget_optional(study: ResolvedStudy) -> None:
    """Leave none of another version of the study, which the report would show."""
    for name in {CHOICES, QUERIED} - {*_optional(study)}:
        (study.folder / name).unlink(missing_ok=True)


def _write_predictions(planned: Experiment, parts: list[Path], path: Path) -> None:
    """Write the predictions task by task: memory does not grow with their number."""
    classes = planned.classes if planned.tasks[0].test.numbers is None else []
    write_predictions(path, gather_predictions(planned, parts), classes)
