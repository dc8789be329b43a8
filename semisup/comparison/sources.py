"""`variance.csv`: what each source adds to the uncertainty, and what more of it would buy.

In: the curves of a system. Out: one row a metric, budget and source: draws, test speakers, what is
left, and encoders where there are several.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import scipy

from semisup.comparison.bootstrap import Curve
from semisup.comparison.folded import FOLDED
from semisup.comparison.folds import Folds
from semisup.comparison.larger import Size, half_width
from semisup.comparison.variance import Variance, variance


class SourceRow(NamedTuple):
    """A row of `variance.csv`.

    `variance` is what a source adds to the variance of the mean score; `share` its part of all.
    """

    representation: str
    classifier: str
    metric: str
    percentage: float
    source: str
    variance: float
    share: float
    note: str


VARIANCE_COLUMNS = SourceRow._fields
ALONE = "cannot be told from one"
_OF_SPEAKER = "cannot be told from the speaker's part: "
ALONE_IN_FOLDS = {
    "draw": f"{_OF_SPEAKER}each fold tests one speaker",
    "encoder": f"{_OF_SPEAKER}each fold tests one speaker",
    "residual": f"{_OF_SPEAKER}each speaker is tested once",
    "pool": "not told from the scores, but the correction of Nadeau and Bengio (2003)",
}
CONFOUNDED = "encoders and draws cannot be told apart: fewer than two draws an encoder"


class Source(NamedTuple):
    """What a source adds to the variance at every budget, and a sentence on more of it."""

    name: str
    added: np.ndarray
    notes: list[str]


def source_rows(
    name: tuple[str, str], curves: Mapping[str, Curve], budgets: np.ndarray, level: float
) -> Iterator[SourceRow]:
    """Yield the rows of a system: every metric, budget and source."""
    representation, classifier = name
    for metric, curve in curves.items():
        spread = variance(curve)
        total = spread.parts.sum(axis=0)
        sources = _sources(curve, spread, level)
        for number, percentage in enumerate(budgets):
            # Where nothing varies there are no shares.
            whole = total[number] if total[number] > 0 else np.nan
            for source in sources:
                added, note = source.added[number], source.notes[number]
                yield SourceRow(
                    representation,
                    classifier,
                    metric,
                    percentage,
                    source.name,
                    added,
                    added / whole,
                    note,
                )


def _sources(curve: Curve, spread: Variance, level: float) -> list[Source]:
    if curve.folds is not None:
        return _of_folds(curve.folds, spread.parts)
    n_draws, n_speakers = curve.pseudo.shape[1:]
    parts, n_budgets = spread.parts, len(spread.total)
    more = partial(_notes, spread, Size(n_draws, n_speakers, curve.encoders), level)
    alone = [ALONE] * n_budgets
    draws = Source("draw", parts[0], more("draws", (2, 1, 1)) if n_draws > 1 else alone)
    speakers = Source(
        "speaker", parts[1], more("test speakers", (1, 2, 1)) if n_speakers > 1 else alone
    )
    both = more("of both", (2, 2, 1)) if min(n_draws, n_speakers) > 1 else alone
    if curve.encoders == 1:
        return [draws, speakers, Source("residual", parts[2], both)]
    # What encoders and speakers do together is left over too: neither explains it.
    every = more("of all", (2, 2, 2)) if n_speakers > 1 else alone
    others = [speakers, Source("residual", parts[2] + parts[4], every)]
    if n_draws < 2 * curve.encoders:
        unknown, notes = np.full_like(parts[0], np.nan), [CONFOUNDED] * n_budgets
        together = Source("draw", parts[0] + parts[3], notes)
        return [Source("encoder", unknown, notes), together, *others]
    return [Source("encoder", parts[3], more("encoders", (1, 1, 2))), draws, *others]


def _of_folds(folds: Folds, parts: np.ndarray) -> list[Source]:
    """Return the sources of a study with folds; what cannot be told is part of the speakers'."""
    several, mates = folds.n_repeats > 1, len(folds.overlap) < folds.of_speaker.size
    told = {
        "draw": mates,
        "speaker": True,
        "residual": several,
        "encoder": mates,
        "pool": folds.tells_pools,
    }
    nothing = [""] * parts.shape[1]
    return [
        Source(name, part, nothing if told[name] else [ALONE_IN_FOLDS[name]] * parts.shape[1])
        for name, part in zip(FOLDED, parts, strict=True)
    ]


def _notes(
    spread: Variance, size: Size, level: float, what: str, times: tuple[int, int, int]
) -> list[str]:
    """Write what an interval of so many times the draws, speakers and encoders would be."""
    now = scipy.special.stdtrit(spread.df, (1 + level) / 2) * np.sqrt(spread.total)
    then = half_width(spread, size, Size(*times), level)
    return [
        f"twice as many {what}: half-width {b:.3f} instead of {a:.3f}"
        for a, b in zip(now, then, strict=True)
    ]
