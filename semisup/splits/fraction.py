"""Shares of the recordings, met as nearly as whole speakers allow, classes in balance.

In: manifest rows and the share of each subset. Out: all recordings of every speaker that has a
subset. The integer program minimises how far each class of each subset is from its share, every
class weighing the same, with `labelled` and `test` holding every class; the seed breaks ties.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from semisup.errors import SplitError
from semisup.splits._check import WITH_LABELS, check_enough_speakers, classes_of
from semisup.splits._solver import (
    Rows,
    count_by_speaker,
    head_count,
    one_subset_each,
    solve,
    supply,
    with_extras,
)
from semisup.study.split_spec import SUBSETS, SplitSpec

#: Share of the recordings by which a split may miss its targets more than the best one does.
TOLERANCE = 0.001
#: Nodes times unknowns: small tables are searched to the end, large ones have many splits that are
#: as good as exact.
SEARCH = 20_000


def assign(candidates: pd.DataFrame, spec: SplitSpec, rng: np.random.Generator) -> pd.Series:
    """Share whole speakers among the subsets.

    Raises
    ------
    SplitError
        If `labelled` and `test` cannot both hold every class and every subset a speaker.
    """
    check_enough_speakers(candidates, spec.fractions)
    classes = classes_of(candidates)
    names = [subset for subset in SUBSETS if subset in spec.fractions]
    counts = count_by_speaker(candidates, classes)
    shares = np.array([spec.fractions[name] for name in names])
    chosen = _choose(counts.to_numpy(), names, shares, rng)
    if chosen is None:
        raise SplitError(
            f"The {len(counts)} speakers cannot be shared among {', '.join(names)} so that "
            f"'labelled' and 'test' each hold the {len(classes)} classes and every subset a speaker"
        )
    subset_of = {counts.index[s]: names[k] for s, k in np.argwhere(chosen)}
    # speakers go whole, but a recording without a label is of use in `unlabelled` only
    subsets = candidates["speaker"].map(subset_of).set_axis(candidates["recording"].to_numpy())
    has_label = (candidates["label"] != "").to_numpy()
    return subsets[has_label | ~subsets.isin(WITH_LABELS).to_numpy()].dropna()


def _choose(
    counts: np.ndarray, names: Sequence[str], shares: np.ndarray, rng: np.random.Generator
) -> np.ndarray | None:
    n_speakers, n_subsets = len(counts), len(names)
    totals = counts.sum(axis=0)
    targets = shares[:, None] * totals
    # a rare class weighs as much as a frequent one
    weights = np.tile(totals.mean() / totals, n_subsets)
    # in all one to two times the tolerance, so that a gap of a half stops at about the tolerance
    tie_breaks = TOLERANCE * totals.sum() * (1 + rng.random(n_speakers * n_subsets)) / n_speakers
    solution = solve(
        np.r_[tie_breaks, weights, weights],  # too few and too many cost the same
        [
            one_subset_each(n_speakers, n_subsets, at_least=int(shares.sum() > 1 - 1e-9)),
            head_count(n_speakers, n_subsets, np.ones(n_subsets)),
            _every_class(counts, names),
            _deviations(counts, targets),
        ],
        n_subsets,
        extras_upper=np.full(2 * targets.size, np.inf),
        gap=0.5,
        nodes=SEARCH // tie_breaks.size + 1,
    )
    return None if solution is None else solution.chosen


def _every_class(counts: np.ndarray, names: Sequence[str]) -> Rows:
    """Demand one recording of each class at least where labels are used."""
    needed = np.array([name in WITH_LABELS for name in names], dtype=int)
    low = np.repeat(needed[:, None], counts.shape[1], axis=1)
    return supply(counts, np.ones_like(low), low)


def _deviations(counts: np.ndarray, targets: np.ndarray) -> Rows:
    """Demand recordings + missing - surplus = target, for each subset and class."""
    uncapped = np.broadcast_to(counts.max(axis=0), targets.shape)
    slack = np.eye(targets.size)
    rows = with_extras(supply(counts, uncapped, targets), np.hstack([slack, -slack]))
    return rows._replace(high=targets.ravel())
