"""Results of every class: the cells of a learning curve in, a table and who names one class out."""

from pathlib import Path

import numpy as np
import pandas as pd

from semisup.curve.plan import Experiment
from semisup.metrics import by_class

SYSTEM = ["representation", "classifier"]
KEYS = [*SYSTEM, "percentage", "class"]
#: Systems that are named one by one; of more the number is said.
NAMED = 3


def gather_classes(experiment: Experiment, parts: list[Path]) -> pd.DataFrame:
    """Average the results of every class over the draws.

    Returns
    -------
    DataFrame
        representation, classifier, percentage, class; recall, precision, f1 (0 where a class was
        never named), support (test units of the class), predicted (how many were named so), alone
        (share of the draws in which nothing else was named).
    """
    cells = [_of_task(experiment, number, path) for number, path in enumerate(parts)]
    table = pd.concat(cells, ignore_index=True)
    return table.groupby(KEYS, sort=False).mean().reset_index()


def _of_task(experiment: Experiment, number: int, path: Path) -> pd.DataFrame:
    system, classes = experiment.tasks[number].system, experiment.classes
    with np.load(path) as cells:
        measures, percentages = by_class(cells["confusion"]), cells["percentage"]
    named = measures["predicted"]
    alone = (named > 0) & ((named > 0).sum(axis=-1, keepdims=True) == 1)
    values = {name: by.ravel() for name, by in {**measures, "alone": alone.astype(float)}.items()}
    return pd.DataFrame(
        {
            "representation": system.representation,
            "classifier": system.classifier,
            "percentage": np.repeat(percentages, len(classes)),
            "class": np.tile(np.array(classes, dtype=object), len(percentages)),
            **values,
        }
    )


def one_class_only(table: pd.DataFrame) -> list[str]:
    """Say which systems name one class only in every draw, and at which label budgets.

    Parameters
    ----------
    table : DataFrame
        As `gather_classes` gives it.

    Returns
    -------
    list of str
        A sentence a system, of many systems one for all; none of a test set of one class.
    """
    if (table.groupby(KEYS[:-1], sort=False)["support"].agg(lambda n: (n > 0).sum()) < 2).all():
        return []
    at = table.groupby(KEYS[:-1], sort=False)["alone"].sum()
    # sums of shares of draws
    guessing = at[at > 1 - 1e-9].reset_index()
    systems = [(names, rows["percentage"]) for names, rows in guessing.groupby(SYSTEM, sort=False)]
    if len(systems) > NAMED:
        largest = guessing["percentage"].max()
        return [
            f"{len(systems)} systems predict one class only in every draw at some label budget, "
            f"the largest of these {largest:g} % (per_class.csv)"
        ]
    return [
        f"{classifier}@{representation} predicts one class only, in every draw, at "
        f"{_listed(budgets)} % of the labels"
        for (representation, classifier), budgets in systems
    ]


def _listed(budgets: pd.Series) -> str:
    words = [f"{budget:g}" for budget in budgets]
    if len(words) > NAMED:
        words = [f"{len(words)} label budgets from {words[0]} to {words[-1]}"]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
