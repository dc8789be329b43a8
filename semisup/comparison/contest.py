"""Representations side by side: all with one classifier, or their means over the classifiers.

In: the measured systems. Out: a `Contest` of every classifier and metric.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from semisup.comparison.bootstrap import Curve, mean_curve
from semisup.comparison.design import Design
from semisup.comparison.measured import Measured
from semisup.comparison.summary import MEAN


@dataclass(frozen=True)
class Contest:
    """All representations with one classifier, by one metric.

    Parameters
    ----------
    classifier, metric : str
    curves : mapping of str to Curve
        By representation, in the study's order.
    permuted : mapping of str to ndarray of shape (permutations, n_budgets)
        Scores against permuted labels, by representation.
    budgets : ndarray of shape (n_budgets,)
    chance : float
        The level of a guesser.
    """

    classifier: str
    metric: str
    curves: Mapping[str, Curve]
    permuted: Mapping[str, np.ndarray]
    budgets: np.ndarray
    chance: float


def contests(
    systems: Sequence[Measured], design: Design, queries: Collection[str] = ()
) -> Iterator[Contest]:
    """Yield the contests of every classifier, then those of their mean, by every metric.

    Classifiers among `queries` choose their recordings, and are no part of the mean.
    """
    for classifier in (*dict.fromkeys(name.classifier for name in design.names), MEAN):
        # A mean over other classifiers for each representation would compare the classifiers.
        averaged = _shared_classifiers(systems) - {*queries} if classifier == MEAN else {classifier}
        entrants: dict[str, list[Measured]] = {}
        for system in systems:
            if system.name.classifier in averaged:
                entrants.setdefault(system.name.representation, []).append(system)
        for metric in design.metrics:
            # The level of chance is the test set's, which all systems share.
            level = systems[0].chance[metric]
            yield _contest(classifier, metric, entrants, design.budgets, level)


def _contest(
    classifier: str,
    metric: str,
    entrants: Mapping[str, Sequence[Measured]],
    budgets: np.ndarray,
    chance: float,
) -> Contest:
    curves, permuted = {}, {}
    for representation, systems in entrants.items():
        curves[representation] = mean_curve([system.curves[metric] for system in systems])
        guesses = [system.permuted[metric] for system in systems]
        permuted[representation] = np.mean(guesses, axis=0)
    return Contest(classifier, metric, curves, permuted, budgets, chance)


def _shared_classifiers(systems: Sequence[Measured]) -> set[str]:
    """Return the classifiers that every representation was run with."""
    by_representation: dict[str, set[str]] = {}
    for system in systems:
        names = by_representation.setdefault(system.name.representation, set())
        names.add(system.name.classifier)
    return set.intersection(*by_representation.values())
