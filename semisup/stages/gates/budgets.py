"""Classifiers on as few rows as the smallest label budget has, and on no unlabelled ones."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from semisup import registry
from semisup.classifiers import classifier
from semisup.curve.trial import Size, tried
from semisup.features.contract import Representation
from semisup.recordings.durations import samples_of
from semisup.signals.chunk_spectrogram import chunk_starts
from semisup.stages.gates.classifiers import FEATURES
from semisup.stages.gates.problem import Outlook, Problem, fatal, warning
from semisup.study.spec import ChunkSpec, ClassifierSpec

#: By representation: how many rows each labelled recording has.
Rows = dict[str, pd.Series]


def on_few_rows(
    outlook: Outlook, classifiers: Mapping[str, ClassifierSpec], own: Mapping[str, pd.DataFrame]
) -> list[Problem]:
    """Try classifiers of others', and those with parameters, on the smallest budget's rows.

    Parameters
    ----------
    outlook : Outlook
    classifiers : mapping of str to ClassifierSpec
        Whose parameters are right.
    own : mapping of str to DataFrame
        Tables of the user's.
    """
    curve, rows = outlook.study.spec.curve, _rows_of_all(outlook, own)
    return [
        problem
        for name, spec in classifiers.items()
        if spec.parameters or registry.classifiers.reference(spec.kind)
        if not (classifier(spec.kind).network or classifier(spec.kind).trained)
        for representation in rows
        if curve.runs(name, representation)
        for problem in _tried(name, representation, spec, outlook, rows[representation])
    ]


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


def _rows_of_all(outlook: Outlook, own: Mapping[str, pd.DataFrame]) -> Rows:
    """Count the rows of each labelled recording that all tables will have, as far as is known."""
    labelled = outlook.of_subset("labelled").set_index("recording")
    rows = {
        name: found
        for name, kind in outlook.compared.items()
        if (found := _rows_of(kind, labelled, outlook.study.spec.chunks, own.get(name))) is not None
    }
    shared = pd.concat(rows, axis=1).fillna(0).gt(0).all(axis=1) if rows else pd.Series(dtype=bool)
    return {name: counts[counts.index.isin(shared.index[shared])] for name, counts in rows.items()}


def _rows_of(
    kind: Representation, labelled: pd.DataFrame, spec: ChunkSpec, table: pd.DataFrame | None
) -> pd.Series | None:
    if table is not None:
        counts = table["recording"].value_counts()
        return counts.reindex(labelled.index).fillna(0).astype(int)
    if kind.level == "recording":
        return pd.Series(1, labelled.index)
    if kind.needs == "chunks":
        samples = samples_of(labelled["seconds"], spec.sample_rate)
        return samples.map(lambda n: len(chunk_starts(n, spec)))
    grid = kind.grid()
    if grid is None:
        return None
    longer = (labelled["seconds"].fillna(0) - grid.length).clip(lower=0)
    return (longer // grid.step).astype(int) + 1


def _tried(
    name: str, representation: str, spec: ClassifierSpec, outlook: Outlook, rows: pd.Series
) -> list[Problem]:
    """Try the budgets, smallest first, on the fewest rows that their recordings may have."""
    curve = outlook.study.spec.curve
    labels = outlook.manifest.set_index("recording")["label"]
    by_class = [np.sort(counts.to_numpy()) for _, counts in rows.groupby(labels[rows.index])]
    if not by_class:
        return []
    problem, budgets = "", curve.budgets()
    for budget in budgets:
        taken = [counts[: max(1, int(budget / 100 * len(counts)))] for counts in by_class]
        size = Size(tuple(int(counts.sum()) for counts in taken), FEATURES)
        wrong = tried(spec, size, curve.scale)
        if not wrong:
            break
        problem = problem or f"{min(size.rows)} row{'s' * (min(size.rows) > 1)} of a class: {wrong}"
    if not problem:
        return []
    advice = f"it can be from {budget:g} % on" if not wrong else "it can't be at any of the budgets"
    # where recordings differ in rows, others may be drawn
    say = fatal if rows.min() == rows.max() else warning
    return say(
        f"[curve] percentages: '{name}' cannot be fitted to '{representation}' at "
        f"{budgets[0]:g} %, {problem}; {advice}"
    )
