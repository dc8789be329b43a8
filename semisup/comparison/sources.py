"""`variance.csv`: what draws and test speakers add to the uncertainty, and what more would buy.

In: the curves of a system. Out: one row a metric, budget and source.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy.special import stdtrit

from semisup.comparison.bootstrap import Curve
from semisup.comparison.variance import SOURCES, half_width, variance

VARIANCE_COLUMNS = (
    *("representation", "classifier", "metric", "percentage", "source", "variance", "share"),
    "note",
)


def source_rows(
    name: tuple[str, str], curves: Mapping[str, Curve], budgets: np.ndarray, level: float
) -> Iterator[tuple[Any, ...]]:
    """Yield rows as `VARIANCE_COLUMNS`.

    `variance` is what a source adds to the variance of the mean score; `share` its part of all.
    """
    for metric, curve in curves.items():
        spread = variance(curve)
        critical = stdtrit(spread.df, (1 + level) / 2)
        total = spread.parts.sum(axis=0)
        shares = np.divide(spread.parts, total, out=np.full_like(spread.parts, np.nan),
                           where=total > 0)  # fmt: skip
        notes = _notes(spread.parts, critical, curve.pseudo.shape[1:])
        for number, percentage in enumerate(budgets):
            for place, source in enumerate(SOURCES):
                part, share = spread.parts[place, number], shares[place, number]
                yield (*name, metric, percentage, source, part, share, notes[place][number])


def _notes(
    parts: np.ndarray, critical: np.ndarray, shape: tuple[int, ...]
) -> tuple[list[str], list[str], list[str]]:
    now = half_width(parts, critical, 1, 1)
    found = []
    for what, levels, factors in (
        ("draws", shape[0], (2, 1)),
        ("test speakers", shape[1], (1, 2)),
        ("of both", min(shape), (2, 2)),
    ):
        then = half_width(parts, critical, *factors)
        known = levels > 1
        found.append([
            f"twice as many {what}: half-width {b:.3f} instead of {a:.3f}" if known
            else "cannot be told from one"
            for a, b in zip(now, then, strict=True)
        ])  # fmt: skip
    return found[0], found[1], found[2]
