"""Choosing whole speakers for subsets as a mixed-integer linear program, solved by HiGHS.

In: how many recordings each speaker has of each class, and what each subset needs. Out: which
speaker goes where. Unknowns are binaries ``x[speaker, subset]``, flattened speaker by speaker, and
continuous extras (slack) after them. Limits are on nodes, never on time: the same input gives the
same answer on every machine.

References
----------
Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical
Programming Computation 10, 2018. doi:10.1007/s12532-017-0130-5
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy  # its parts are imported on use: every command imports this module


class Rows(NamedTuple):
    """Linear constraints ``low <= matrix @ x <= high``."""

    matrix: "scipy.sparse.csr_array"
    low: np.ndarray
    high: np.ndarray


class Solution(NamedTuple):
    """What the solver found; `proven` if nothing better exists within the gap."""

    chosen: np.ndarray
    extras: np.ndarray
    proven: bool


def count_by_speaker(candidates: pd.DataFrame, classes: list[str]) -> pd.DataFrame:
    """Count recordings, one row a speaker, one column a class, both sorted."""
    counts = pd.crosstab(candidates["speaker"], candidates["label"])
    return counts.reindex(columns=classes, fill_value=0).sort_index()


def one_subset_each(n_speakers: int, n_subsets: int, at_least: int) -> Rows:
    """Demand that every speaker is in one subset at most, and in `at_least` (0 or 1)."""
    # a speaker's unknowns stand side by side, one a subset
    matrix = scipy.sparse.kron(
        scipy.sparse.eye_array(n_speakers), np.ones((1, n_subsets)), format="csr"
    )
    return Rows(matrix, np.full(n_speakers, at_least), np.ones(n_speakers))


def supply(counts: np.ndarray, caps: np.ndarray, low: np.ndarray) -> Rows:
    """Demand recordings: at least `low` of each class in each subset.

    Parameters
    ----------
    counts : ndarray of shape (n_speakers, n_classes)
        Recordings that there are.
    caps : ndarray of shape (n_subsets, n_classes)
        The most recordings of a class that count for one speaker.
    low : ndarray of shape (n_subsets, n_classes)
        Recordings needed.
    """
    n_subsets, n_classes = caps.shape
    rows = np.zeros((n_subsets, n_classes, len(counts), n_subsets))
    for subset in range(n_subsets):
        rows[subset, :, :, subset] = np.minimum(counts, caps[subset]).T
    matrix = scipy.sparse.csr_array(rows.reshape(n_subsets * n_classes, -1))
    return Rows(matrix, low.ravel(), np.full(low.size, np.inf))


def head_count(n_speakers: int, n_subsets: int, low: np.ndarray) -> Rows:
    """Demand speakers: at least `low` (n_subsets,) in each subset."""
    matrix = scipy.sparse.kron(
        np.ones((1, n_speakers)), scipy.sparse.eye_array(n_subsets), format="csr"
    )
    return Rows(matrix, low, np.full(n_subsets, np.inf))


def with_extras(rows: Rows, coefficients: np.ndarray) -> Rows:
    """Add columns for the extra unknowns."""
    return rows._replace(
        matrix=scipy.sparse.hstack(
            [rows.matrix, scipy.sparse.csr_array(coefficients)], format="csr"
        )
    )


def solve(
    cost: np.ndarray,
    blocks: list[Rows],
    n_subsets: int,
    *,
    extras_upper: np.ndarray | tuple[()] = (),
    gap: float = 0.0,
    nodes: int | None = None,
    relaxed: bool = False,
) -> Solution | None:
    """Minimise ``cost @ x`` under all blocks of constraints; narrower ones ignore the extras.

    Parameters
    ----------
    cost : ndarray of shape (n_speakers * n_subsets + n_extras,)
        Cost of each unknown.
    blocks : list of Rows
        Constraints.
    n_subsets : int
        To shape the answer.
    extras_upper : ndarray of shape (n_extras,)
        Upper bounds of the extras; the lower are 0.
    gap : float
        Relative gap at which the search may stop.
    nodes : int, optional
        Limit of the search tree; left out, about as many as a few seconds allow.
    relaxed : bool
        Let speakers be divided: a bound, and quick.

    Returns
    -------
    Solution or None
        None if nothing was found; `chosen` is bool of shape (n_speakers, n_subsets).
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    n_extras = len(extras_upper)
    n_binaries = len(cost) - n_extras
    whole = np.r_[np.full(n_binaries, 0 if relaxed else 1), np.zeros(n_extras)]
    result = milp(
        cost,
        integrality=whole,
        bounds=Bounds(0.0, np.r_[np.ones(n_binaries), extras_upper]),
        constraints=LinearConstraint(*_stack(blocks, len(cost))),
        options={"mip_rel_gap": gap, "node_limit": nodes or max(200, 1_000_000 // len(cost))},
    )
    if result.x is None:
        return None
    # HiGHS gives whole numbers up to a tolerance
    chosen = result.x[:n_binaries].reshape(-1, n_subsets) > 0.5
    # another status with an answer: the limit of nodes was reached before the proof
    return Solution(chosen, result.x[n_binaries:], result.status == 0)


def _stack(blocks: list[Rows], width: int) -> Rows:
    padded = [_padded(block.matrix, width) for block in blocks]
    low = np.concatenate([block.low for block in blocks])
    high = np.concatenate([block.high for block in blocks])
    return Rows(scipy.sparse.vstack(padded, format="csr"), low, high)


def _padded(matrix: "scipy.sparse.csr_array", width: int) -> "scipy.sparse.csr_array":
    missing = width - matrix.shape[1]
    return (
        scipy.sparse.hstack([matrix, scipy.sparse.csr_array((matrix.shape[0], missing))])
        if missing
        else matrix
    )
