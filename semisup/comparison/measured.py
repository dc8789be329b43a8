"""One system measured: predictions in; curves, chance, bounds and sources of variance out.

What is returned is small; predictions and resampled confusion matrices are let go, so that memory
does not grow with the number of systems.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from semisup.comparison.bootstrap import Curve, curves
from semisup.comparison.chance import chance, permuted
from semisup.comparison.design import Design, generator
from semisup.comparison.interval import interval
from semisup.comparison.predictions import System, SystemName
from semisup.comparison.sources import SourceRow, source_rows
from semisup.errors import TableError
from semisup.metrics import METRICS


class ScoreInterval(NamedTuple):
    """The interval of one mean of `summary.csv`."""

    representation: str
    classifier: str
    percentage: float
    metric: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Measured:
    """What the tables of the comparison need to know of one system.

    Parameters
    ----------
    name : SystemName
    curves : mapping of str to Curve
        By metric, those that systems are compared by.
    permuted : mapping of str to ndarray of shape (permutations, n_budgets)
        Scores against permuted labels, by the same metrics.
    chance : mapping of str to float
        The level of a guesser, by the same metrics.
    intervals : list of ScoreInterval
        Of every metric and budget.
    sources : list of SourceRow
        Of every metric and budget.
    """

    name: SystemName
    curves: Mapping[str, Curve]
    permuted: Mapping[str, np.ndarray]
    chance: Mapping[str, float]
    intervals: list[ScoreInterval]
    sources: list[SourceRow]


def measure(name: SystemName, system: System, design: Design) -> Measured:
    """Score, resample and permute one system.

    Raises
    ------
    TableError
        If the predictions lack a budget or a draw of the scores.
    """
    if system.predicted.shape[:2] != (len(design.budgets), design.n_draws):
        raise TableError(
            f"The predictions of {name.classifier}@{name.representation} lack cells of the scores"
        )
    spec, by_metric = (
        design.spec,
        curves(system, design.weights, design.encoders[name[0]], design.folds),
    )
    # A new generator of the same seed for every system: the same permutations for all.
    guesses = permuted(system, spec.permutations, generator("permutations", design.seed))
    return Measured(
        name,
        {metric: by_metric[metric] for metric in design.metrics},
        {metric: guesses[metric] for metric in design.metrics},
        {metric: chance(system.truth, metric) for metric in design.metrics},
        list(score_intervals(name, by_metric, design)),
        list(source_rows(name, by_metric, design.budgets, spec.level)),
    )


def score_intervals(
    name: SystemName, by_metric: Mapping[str, Curve], design: Design
) -> Iterator[ScoreInterval]:
    """Yield the interval of every metric and budget."""
    for metric, curve in by_metric.items():
        bounds = interval(curve, design.spec.level, design.spec.interval)
        # A score has bounds, an interval of Student's with few draws or speakers has none.
        low, high = (end.clip(*METRICS[metric].bounds) for end in (bounds.low, bounds.high))
        for number, percentage in enumerate(design.budgets):
            ends = low[number], high[number]
            yield ScoreInterval(*name, percentage, metric, curve.estimate[number], *ends)
