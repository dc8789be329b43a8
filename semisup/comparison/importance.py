"""Permutation importance: the drop of a score where features of the test rows are permuted.

In: what systems predicted before and after each permutation. Out: `importance.csv`. What was
permuted takes the place that label budgets have elsewhere, so that intervals over draws and test
speakers, pointwise and for all groups at once, are those of docs/STATISTICS.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from semisup.comparison.bootstrap import Curve, curves, mean_curve
from semisup.comparison.design import Design
from semisup.comparison.interval import interval_of_difference
from semisup.comparison.predictions import System, SystemName
from semisup.comparison.summary import MEAN
from semisup.features.families import LEVELS, Group

IMPORTANCE_COLUMNS = (
    "representation",
    "classifier",
    "percentage",
    "metric",
    "level",
    "name",
    "features",
    "value",
    "low",
    "high",
    "low_simultaneous",
    "high_simultaneous",
    "score",
)


def importance(
    systems: Iterable[tuple[SystemName, System]],
    permuted: Mapping[str, Sequence[Group]],
    percentage: float,
    design: Design,
) -> pd.DataFrame:
    """Return what each group and feature is worth to each system, and on their mean.

    Parameters
    ----------
    systems : iterable of (SystemName, System)
        Predictions have, in the place of the budgets, the test rows as they are and then the
        permutations of each group, as many of all of them.
    permuted : mapping of str to sequence of Group
        By representation, what was permuted.
    percentage : float
        The label budget, which goes into the table.
    design : Design
        Of the comparison: resamples, folds, metrics, kind and level of the intervals.

    Returns
    -------
    DataFrame
        Columns `IMPORTANCE_COLUMNS`: `value` is the drop of `score`; within a metric and a level
        the largest drop comes first. Of several classifiers on a representation also those of
        their mean.
    """
    of_systems = [
        (name, {metric: curve for metric, curve in of_metrics.items() if metric in design.metrics})
        for name, system in systems
        for of_metrics in [curves(system, design.weights, folds=design.folds)]
    ]
    tables = [
        _rows(curve, permuted[name.representation], level, design).assign(
            **name._asdict(), metric=metric, percentage=percentage
        )
        for name, by_metric in (*of_systems, *_means(of_systems))
        for metric, curve in by_metric.items()
        for level in LEVELS
        if any(group.level == level for group in permuted[name.representation])
    ]
    return pd.concat(tables, ignore_index=True)[list(IMPORTANCE_COLUMNS)]


def _means(
    systems: Sequence[tuple[SystemName, Mapping[str, Curve]]],
) -> Iterator[tuple[SystemName, dict[str, Curve]]]:
    """Yield the mean of the classifiers of each representation that has several."""
    for representation in dict.fromkeys(name.representation for name, _ in systems):
        both = [curves for name, curves in systems if name.representation == representation]
        if len(both) > 1:
            mean = {metric: mean_curve([one[metric] for one in both]) for metric in both[0]}
            yield SystemName(representation, MEAN), mean


def _rows(curve: Curve, permuted: Sequence[Group], level: str, design: Design) -> pd.DataFrame:
    """Return the drops of what is of one level: bands hold for all of it at once."""
    chosen = [number for number, group in enumerate(permuted) if group.level == level]
    turns = (len(curve.estimate) - 1) // len(permuted)
    # of each the score of the rows as they are, less its mean over the permutations
    matrix = np.zeros((len(chosen), len(curve.estimate)))
    matrix[:, 0] = 1
    for row, number in enumerate(chosen):
        matrix[row, 1 + number * turns : 1 + (number + 1) * turns] = -1 / turns
    drops = curve.mapped(matrix)
    bounds = interval_of_difference(drops, design.spec.level, design.spec.interval)
    rows = [(level, permuted[number].name, len(permuted[number].columns)) for number in chosen]
    table = pd.DataFrame(rows, columns=["level", "name", "features"])
    table = table.assign(value=drops.estimate, score=curve.estimate[0], **bounds._asdict())
    # equal ones in the order of the table
    return table.sort_values("value", ascending=False, kind="stable")
