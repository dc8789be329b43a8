"""Classifiers on as few rows as the smallest label budget has, and on no unlabelled ones."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from semisup import registry
from semisup.classifiers import classifier
from semisup.curve.plan import plan
from semisup.curve.task import Task, budget
from semisup.curve.trial import Size, tried
from semisup.errors import SemisupError
from semisup.features.contract import Representation
from semisup.features.tables import index_of
from semisup.recordings.durations import chunk_counts
from semisup.stages.gates.classifiers import FEATURES
from semisup.stages.gates.problem import Outlook, Problem, fatal, warning
from semisup.study.spec import ChunkSpec, ClassifierSpec

#: Subsets that every table has.
SCORED = ("labelled", "test")


def on_few_rows(
    outlook: Outlook, classifiers: Mapping[str, ClassifierSpec], own: Mapping[str, pd.DataFrame]
) -> list[Problem]:
    """Try classifiers of others', and those with parameters, on the rows of the smallest budgets.

    Parameters
    ----------
    outlook : Outlook
    classifiers : mapping of str to ClassifierSpec
        Whose parameters are right.
    own : mapping of str to DataFrame
        Tables of the user's.
    """
    doubtful = {
        name: spec
        for name, spec in classifiers.items()
        if spec.parameters or registry.classifiers.reference(spec.kind)
        if not (classifier(spec.kind).network or classifier(spec.kind).trained)
    }
    of_system: dict[str, list[Task]] = {}
    for task in _planned(outlook, doubtful, own):
        of_system.setdefault(task.system.name, []).append(task)
    return fatal(*(text for draws in of_system.values() if (text := _problem(draws))))


def without_unlabelled(
    outlook: Outlook, classifiers: Mapping[str, ClassifierSpec]
) -> list[Problem]:
    """Warn of classifiers that learn from unlabelled recordings where there are none."""
    if len(outlook.of_subset("unlabelled")):
        return []
    return warning(
        *(
            f"[curve] '{name}' learns from unlabelled recordings, but there are none"
            for name, spec in classifiers.items()
            if classifier(spec.kind).unlabelled
        )
    )


def _planned(
    outlook: Outlook, classifiers: dict[str, ClassifierSpec], own: Mapping[str, pd.DataFrame]
) -> list[Task]:
    """Plan the cells as the curve does, from the rows that representations will have."""
    spec, tables = outlook.study.spec, _tables(outlook, own)
    names = [name for name in classifiers if any(spec.curve.runs(name, t) for t in tables)]
    if not names:
        return []
    curve = spec.curve.model_copy(update={"classifiers": names})
    try:
        planned = plan(tables, outlook.manifest, outlook.split, curve, spec.seed, classifiers)
    except SemisupError:  # of what other gates have told
        return []
    return planned.tasks


def _tables(outlook: Outlook, own: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return a table of the rows of each representation, as far as they are known."""
    rows = outlook.manifest[outlook.manifest["recording"].map(outlook.split).isin(SCORED)]
    counts = {
        name: _rows_of(kind, rows, outlook.study.spec.chunks, own.get(name))
        for name, kind in outlook.compared.items()
    }
    return {
        name: index_of(rows, known.to_numpy()).assign(x=0.0)
        for name, known in counts.items()
        if known is not None
    }


def _rows_of(
    kind: Representation, rows: pd.DataFrame, spec: ChunkSpec, table: pd.DataFrame | None
) -> pd.Series | None:
    """Return how many rows each recording will have, None where nobody knows yet."""
    if table is not None:
        return rows["recording"].map(table["recording"].value_counts()).fillna(0).astype(int)
    if kind.level == "recording":
        return pd.Series(1, rows.index)
    if kind.needs == "chunks":
        return chunk_counts(rows["seconds"], spec)
    grid = kind.grid()
    return None if grid is None else grid.count(rows["seconds"])


def _problem(draws: list[Task]) -> str:
    """Say why a system cannot be fitted at its smallest budget, and from which on it can be."""
    system, budgets = draws[0].system, draws[0].budgets
    # ascending: the first that works ends the search
    failing: list[str] = []
    works = next((share for share in budgets if not _fails(draws, share, failing)), None)
    if not failing:
        return ""
    advice = f"it can be from {works:g} % on" if works else "it can't be at any budget"
    return (
        f"[curve] percentages: '{system.classifier}' cannot be fitted to "
        f"'{system.representation}' at {budgets[0]:g} %, {failing[0]}; {advice}"
    )


def _fails(draws: list[Task], percentage: float, failing: list[str]) -> bool:
    """Try a budget on the rows of every draw; note the first that fails."""
    spec, scale = draws[0].system.spec, draws[0].rules.scale
    for size in dict.fromkeys(_size(task, percentage) for task in draws):
        if wrong := tried(spec, size, scale, draws[0].rules.target.task):
            rows = min(size.rows)
            of = "a range" if draws[0].test.numbers is not None else "a class"
            failing.append(f"{rows} row{'s' * (rows > 1)} of {of}: {wrong}")
            return True
    return False


def _size(task: Task, percentage: float) -> Size:
    known = task.labelled
    inside = np.isin(known.owner, budget(task.order, known.classes, percentage))
    counts = np.bincount(known.classes[known.owner[inside]], minlength=task.rules.n_classes)
    return Size(tuple(counts.tolist()), FEATURES)
