"""Results of every class: the cells of a learning curve in, a table and who names one class out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from semisup.curve.plan import Experiment

SYSTEM = ["representation", "classifier"]
KEYS = [*SYSTEM, "percentage", "class"]
COUNTS = ["support", "predicted", "hits", "draws", "alone"]
#: Systems that are named one by one; of more the number is said.
NAMED = 3


def gather_classes(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Count and score every class over all draws.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, class; recall, precision and f1 of all draws
        together (0 where there is nothing to divide by); support (test units of the class),
        predicted (units named so), hits (both), draws, alone (draws in which nothing else was
        named).
    """
    cells = [_of_task(experiment, number, path) for number, path in enumerate(parts)]
    return joined_classes(cells)


def joined_classes(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add up the counts of tasks, or of the tables of folds, and score them."""
    counts = pd.concat(tables, ignore_index=True)[[*KEYS, *COUNTS]]
    table = counts.groupby(KEYS, sort=False).sum().reset_index()
    scores = {
        "recall": (table["hits"], table["support"]),
        "precision": (table["hits"], table["predicted"]),
        "f1": (2 * table["hits"], table["support"] + table["predicted"]),
    }
    for place, (name, (hits, of)) in enumerate(scores.items(), len(KEYS)):
        table.insert(place, name, (hits / of.clip(lower=1)))
    return table


def _of_task(experiment: Experiment, number: int, path: Path) -> pd.DataFrame:
    system = experiment.tasks[number].system
    with np.load(path) as cells:
        keys = pd.DataFrame({"percentage": cells["percentage"]})
        matrices = cells["confusion"]
    keys.insert(0, "representation", system.representation)
    keys.insert(1, "classifier", system.classifier)
    return counted(keys, matrices, experiment.classes)


def counted(cells: pd.DataFrame, matrices: np.ndarray, classes: Sequence[str]) -> pd.DataFrame:
    """Count every class in every cell.

    Parameters
    ----------
    cells : DataFrame
        representation, classifier and percentage of each.
    matrices : ndarray of shape (n_cells, n_classes, n_classes)
        Row: true class; column: predicted class.
    classes : sequence of str
    """
    named = matrices.sum(axis=-2)
    counts = {
        "support": matrices.sum(axis=-1),
        "predicted": named,
        "hits": np.diagonal(matrices, axis1=-2, axis2=-1),
        "draws": np.ones_like(named),
        "alone": (named > 0) & ((named > 0).sum(axis=-1, keepdims=True) == 1),
    }
    keys = {name: np.repeat(cells[name].to_numpy(), len(classes)) for name in KEYS[:-1]}
    return pd.DataFrame(
        {
            **keys,
            "class": np.tile(np.array(classes, dtype=object), len(cells)),
            **{name: values.ravel().astype(int) for name, values in counts.items()},
        }
    )


def one_class_only(table: pd.DataFrame) -> list[str]:
    """Say which systems name one class only in most draws, and at which label budgets.

    Parameters
    ----------
    table : DataFrame
        As `gather_classes` gives it.

    Returns
    -------
    list of str
        A sentence a system, of many systems one for all; none of a test set of one class.
    """
    tested = table.assign(tested=table["support"] > 0).groupby(KEYS[:-1], sort=False)["tested"]
    if (tested.sum() < 2).all():
        return []
    at = table.groupby(KEYS[:-1], sort=False).agg({"alone": "sum", "draws": "max"})
    guessing = at[2 * at["alone"] > at["draws"]].reset_index()
    systems = [(names, rows["percentage"]) for names, rows in guessing.groupby(SYSTEM, sort=False)]
    if len(systems) > NAMED:
        largest = guessing["percentage"].max()
        return [
            f"{len(systems)} systems predict one class only in most draws at some label budget, "
            f"the largest of these {largest:g} % (per_class.csv)"
        ]
    return [
        f"{classifier}@{representation} predicts one class only, in most draws, at "
        f"{_listed(budgets)} % of the labels"
        for (representation, classifier), budgets in systems
    ]


def _listed(budgets: pd.Series) -> str:
    words = [f"{budget:g}" for budget in budgets]
    if len(words) > NAMED:
        words = [f"{len(words)} label budgets from {words[0]} to {words[-1]}"]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
