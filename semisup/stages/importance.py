"""If asked for: fits of the curve in; the drop of their scores where features are permuted out."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.curve.permuted import Permuting, run_permuting
from semisup.curve.plan import Experiment
from semisup.engine.artefacts import write_table, write_whole
from semisup.engine.parallel import map_to_parts
from semisup.engine.progress import say_more
from semisup.engine.step import Step
from semisup.errors import TableError
from semisup.features.families import Group, families, singles
from semisup.features.tables import feature_names
from semisup.reading.importance_checks import chosen_systems
from semisup.stages import curve
from semisup.stages.fingerprints import compared_metrics, of_importance
from semisup.stages.resolved import ResolvedStudy
from semisup.study.importance_spec import ImportanceSpec

if TYPE_CHECKING:
    from semisup.comparison.design import Design

TABLE, PREDICTED = "importance.csv", "permuted.npz"


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage, none where the study does not ask for it.

    Of a study with folds each predicts its own test recordings, and the study joins them.
    """
    if study.spec.importance is None:
        return []
    fingerprint = of_importance(study.spec, study.fingerprints.curve)
    if study.is_folded:
        outputs = (study.folder / TABLE,)
        return [Step("importance", fingerprint, outputs, partial(_compare, study, study.repeats))]
    parts = study.parts("importance", fingerprint)
    names = (PREDICTED, TABLE) if study.whole is None else (PREDICTED,)
    paths = tuple(study.folder / name for name in names)
    return [Step("importance", fingerprint, paths, partial(_make, study, parts), parts)]


def forget(study: ResolvedStudy) -> None:
    """Leave no table of another version of the study, which the report would show."""
    if study.spec.importance is None:
        (study.folder / TABLE).unlink(missing_ok=True)


def _make(study: ResolvedStudy, parts: Path) -> None:
    permuted, chosen = _permuted(study), chosen_systems(study.spec)
    planned, percentage = curve.experiment(study), _budget(study)
    work = [
        Permuting(task, percentage, groups, _asked(study).permutations)
        for task in planned.tasks
        if task.system.name in chosen
        and (groups := permuted.get(task.system.representation)) is not None
    ]
    copies = [len(one.groups) * one.permutations for one in work]
    names = [f"{one.task.system.name}, draw {one.task.draw}, permuted" for one in work]
    label, unit = "importance", "permutations"
    paths = map_to_parts(
        run_permuting, work, parts, ".npz", study.workers, label, unit, copies, names
    )
    write_whole(study.folder / PREDICTED, partial(_write, planned, work, paths))
    if study.whole is None:
        _compare(study, (study,))


def _asked(study: ResolvedStudy) -> ImportanceSpec:
    # a study without the table has no such step
    assert study.spec.importance
    return study.spec.importance


def _budget(study: ResolvedStudy) -> float:
    return float(_asked(study).budget or study.spec.curve.budgets()[-1])


def _permuted(study: ResolvedStudy) -> dict[str, list[Group]]:
    """Return what is permuted of each representation: groups, then each feature by itself."""
    asked = _asked(study)
    chosen = dict.fromkeys(system.split("@", 1)[1] for system in chosen_systems(study.spec))
    columns = {name: feature_names(pd.read_parquet(study.table_paths(name)[0])) for name in chosen}
    groups = {name: families(names, asked.groups) for name, names in columns.items()}
    _check_patterns(asked, groups, next(iter(columns.values())))
    singly = {name: singles(names) if asked.features else [] for name, names in columns.items()}
    both = {name: groups[name] + singly[name] for name in columns}
    return {name: of_name for name, of_name in both.items() if of_name}


def _check_patterns(
    asked: ImportanceSpec, groups: Mapping[str, Sequence[Group]], some: Sequence[str]
) -> None:
    """Refuse patterns that no feature of any representation is like; `some` are the first's."""
    there = {group.name for of_name in groups.values() for group in of_name}
    for name, patterns in asked.groups.items():
        if name not in there:
            raise TableError(
                f"[importance] groups.{name}: no feature is called like {', '.join(patterns)}; "
                f"there are {', '.join(some[:5])}{', ...' if len(some) > 5 else ''}"
            )


def _write(planned: Experiment, work: list[Permuting], paths: list[Path], path: Path) -> None:
    """Write the predictions of each system, (draws, 1 + permuted, units), and what units are."""
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(one.task.system.name for one in work):
        of_system = [number for number, one in enumerate(work) if one.task.system.name == name]
        parts = [dict(np.load(paths[number])) for number in of_system]
        units = planned.test_rows(work[of_system[0]].task)
        columns[f"{name} predicted"] = np.stack([part["predicted"] for part in parts])
        columns[f"{name} seconds"] = np.array([part["seconds"] for part in parts])
        columns[f"{name} recording"] = units["recording"].to_numpy(str)
        columns[f"{name} chunk"] = units["chunk"].to_numpy()
        say_more(f"  {name}: {columns[f'{name} seconds'].sum():.1f} s")
    np.savez_compressed(path, **columns)


def _compare(study: ResolvedStudy, predicted: tuple[ResolvedStudy, ...]) -> None:
    """Write the table from the predictions of the study, or of all its folds."""
    # imported on use, as statistics bring SciPy along
    from threadpoolctl import threadpool_limits

    from semisup.comparison.importance import importance
    from semisup.comparison.permuted import permuted_systems

    # products are small: threads would wait for each other longer than they work
    with threadpool_limits(1):
        design = _design(study)
        systems = permuted_systems([one.folder / PREDICTED for one in predicted], design)
        table = importance(systems, _permuted(predicted[0]), _budget(study), design)
    write_table(study.folder / TABLE, table)


def _design(study: ResolvedStudy) -> "Design":
    """Return the design of the comparison: importance is about the same draws and speakers."""
    from semisup.comparison.design import design_of

    spec = study.spec
    return design_of(
        pd.read_parquet(study.folder / "scores.parquet"),
        study.folder / "predictions.parquet",
        study.manifest,
        spec.compare,
        spec.seed,
        compared_metrics(spec),
        None,
        study.split_table if study.is_folded else None,
        spec.split.repeats,
    )
