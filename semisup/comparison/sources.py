"""`variance.csv`: what each source adds to the uncertainty, and what more of it would buy.

In: the curves of a system. Out: one row a metric, budget and source: draws, test speakers, what is
left, and encoders where there are several.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from semisup.comparison.bootstrap import Curve
from semisup.comparison.variance import half_width, variance

VARIANCE_COLUMNS = (
    *("representation", "classifier", "metric", "percentage", "source", "variance", "share"),
    "note",
)
ALONE = "cannot be told from one"
CONFOUNDED = "encoders and draws cannot be told apart: fewer than two draws an encoder"


class Source(NamedTuple):
    """A row of every budget: what the source adds, and a sentence on more of it."""

    name: str
    part: np.ndarray
    notes: list[str]


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
        found = _sources(curve, spread.parts, critical)
        for number, percentage in enumerate(budgets):
            whole = total[number] if total[number] > 0 else np.nan
            for source, part, notes in found:
                value = part[number]
                yield (*name, metric, percentage, source, value, value / whole, notes[number])


def _sources(curve: Curve, parts: np.ndarray, critical: np.ndarray) -> list[Source]:
    n_draws, n_speakers = curve.pseudo.shape[1:]
    more = partial(_notes, parts, critical)
    alone = [ALONE] * len(critical)
    draws = Source("draw", parts[0], more("draws", (2, 1, 1)) if n_draws > 1 else alone)
    speakers = Source(
        "speaker", parts[1], more("test speakers", (1, 2, 1)) if n_speakers > 1 else alone
    )
    both = more("of both", (2, 2, 1)) if min(n_draws, n_speakers) > 1 else alone
    if curve.encoders == 1:
        return [draws, speakers, Source("residual", parts[2], both)]
    # What encoders and speakers do together is left over too: neither explains it.
    every = more("of all", (2, 2, 2)) if n_speakers > 1 else alone
    found = [speakers, Source("residual", parts[2] + parts[4], every)]
    if n_draws < 2 * curve.encoders:
        unknown, notes = np.full_like(parts[0], np.nan), [CONFOUNDED] * len(critical)
        both_parts = Source("draw", parts[0] + parts[3], notes)
        return [Source("encoder", unknown, notes), both_parts, *found]
    return [Source("encoder", parts[3], more("encoders", (1, 1, 2))), draws, *found]


def _notes(
    parts: np.ndarray, critical: np.ndarray, what: str, factors: tuple[float, float, float]
) -> list[str]:
    """Write what an interval of so many times the draws, speakers and encoders would be."""
    now, then = half_width(parts, critical, 1, 1), half_width(parts, critical, *factors)
    return [
        f"twice as many {what}: half-width {b:.3f} instead of {a:.3f}"
        for a, b in zip(now, then, strict=True)
    ]
