"""Counts a class for each subset, met exactly by choosing speakers, then spread over them.

In: manifest rows and the counts a class. Out: exactly these counts, from as many speakers as
possible. Which speakers is an integer program, solved in steps that each keep what the earlier ones
reached: (1) least shortfall, (2) enough speakers for "rest", (3) the smallest part of a class that
any one speaker must give, (4) as many speakers as possible, ties broken by the seed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.errors import SplitError
from semisup.splits._check import (
    WITH_LABELS,
    check_enough_speakers,
    check_quotas,
    classes_of,
    rest_of,
)
from semisup.splits._solver import (
    Rows,
    Solution,
    count_by_speaker,
    head_count,
    one_subset_each,
    solve,
    supply,
    with_extras,
)
from semisup.study.split_spec import SUBSETS, SplitSpec, Subset

#: Caps that are tried after the bound, as multiples of it: at the bound itself whole speakers may
#: not do, or not within the limit of nodes.
LOOSER = (1.0, 1.02, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0)
SEARCH_NODES = 200


class Problem(NamedTuple):
    """Counts (n_speakers, n_classes), quotas (n_subsets, n_classes), the index of "rest" if any."""

    counts: np.ndarray
    quotas: np.ndarray
    rest: int | None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of speakers and of subsets."""
        return len(self.counts), len(self.quotas)

    @property
    def rest_share(self) -> int:
        """Speakers that "rest" keeps where it can: as many as if all subsets had the same."""
        n_speakers, n_subsets = self.shape
        return max(n_speakers // n_subsets, 1)

    def exclusive(self) -> Rows:
        """Demand every speaker in one subset at most; with "rest", in exactly one."""
        return one_subset_each(*self.shape, at_least=int(self.rest is not None))

    def heads(self, rest: int) -> Rows:
        """Demand at least `rest` speakers in "rest"."""
        low = np.zeros(self.shape[1])
        if self.rest is not None:
            low[self.rest] = rest
        return head_count(*self.shape, low)


def assign(candidates: pd.DataFrame, spec: SplitSpec, rng: np.random.Generator) -> pd.Series:
    """Choose speakers by integer programming, then recordings evenly among them.

    Raises
    ------
    SplitError
        Saying which class and subset is short and by how many, unless shortfall is allowed.
    """
    check_enough_speakers(candidates, spec.per_class)
    classes = classes_of(candidates)
    names = [subset for subset in SUBSETS if subset in spec.per_class]
    counts = count_by_speaker(candidates, classes)
    problem = _problem(counts.to_numpy(), names, spec)
    feasible, chosen = _feasible(problem, names, classes, spec.allow_shortfall)
    chosen = _spread(feasible, _with_most_rest(feasible, chosen), rng)
    subsets: dict[str, str] = {}
    for k, name in enumerate(names):
        if spec.per_class[name] != "rest":
            rows = candidates[candidates["speaker"].isin(counts.index[chosen[:, k]])]
            quotas = dict(zip(classes, feasible.quotas[k].tolist(), strict=True))
            subsets |= dict.fromkeys(_take(rows, quotas, rng), name)
    if feasible.rest is not None:
        name = names[feasible.rest]
        subsets |= dict.fromkeys(rest_of(candidates, subsets, name)["recording"], name)
    return pd.Series(subsets, dtype=str)


def _problem(counts: np.ndarray, names: list[Subset], spec: SplitSpec) -> Problem:
    counts_asked = [spec.per_class[name] for name in names]
    rest = counts_asked.index("rest") if "rest" in counts_asked else None
    # "rest" asks for no count, but labels are of use only with every class there
    least = [
        int(name in WITH_LABELS) if count == "rest" else count
        for name, count in zip(names, counts_asked, strict=True)
    ]
    quotas = np.repeat(np.array(least, dtype=int)[:, None], counts.shape[1], axis=1)
    return Problem(counts, quotas, rest)


def _feasible(
    problem: Problem, names: Sequence[str], classes: list[str], allow_shortfall: bool
) -> tuple[Problem, np.ndarray]:
    """Lower the quotas by the least shortfall; return them with speakers chosen to meet them."""
    solution = _least_shortfall(problem, names)
    if solution is None:
        raise SplitError(
            f"The {problem.shape[0]} speakers cannot be shared among {', '.join(names)} so that "
            f"'labelled' and 'test' each hold the {len(classes)} classes and every subset a speaker"
        )
    missing = np.maximum(problem.quotas - solution.chosen.T @ problem.counts, 0)
    if not allow_shortfall:
        note = "" if solution.proven else " (the least found; the search was not exhausted)"
        check_quotas(_short(missing, problem.quotas, names, classes), note)
    return problem._replace(quotas=problem.quotas - missing), solution.chosen


def _short(
    missing: np.ndarray, quotas: np.ndarray, names: Sequence[str], classes: list[str]
) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (classes[c], names[k]): (int(missing[k, c]), int(quotas[k, c]))
        for k, c in np.argwhere(missing > 0)
    }


def _least_shortfall(problem: Problem, names: Sequence[str]) -> Solution | None:
    """Minimise the recordings that are missing; one of each class is a must where labels count."""
    n_speakers, n_subsets = problem.shape
    must = np.array([name in WITH_LABELS for name in names], dtype=int)[:, None]
    one_each = head_count(n_speakers, n_subsets, np.ones(n_subsets))
    # all of a quota may be missing but the one recording of each class that labels need
    slack_upper = (problem.quotas - must).clip(0).ravel()
    needs = supply(problem.counts, _uncapped(problem), problem.quotas)
    return solve(
        np.r_[np.zeros(n_speakers * n_subsets), np.ones(slack_upper.size)],
        [problem.exclusive(), one_each, with_extras(needs, np.eye(slack_upper.size))],
        n_subsets,
        extras_upper=slack_upper,
    )


def _with_most_rest(problem: Problem, chosen: np.ndarray) -> np.ndarray:
    """Choose again so that "rest" has as many speakers as can be, up to its even share of them."""
    if problem.rest is None:
        return chosen
    n_speakers, n_subsets = problem.shape
    # one more unknown counts the speakers of "rest", but only up to its share: more gain nothing
    heads = problem.heads(1)
    up_to_share = Rows(heads.matrix[[problem.rest]], np.zeros(1), np.full(1, np.inf))
    solution = solve(
        np.r_[np.zeros(n_speakers * n_subsets), -1.0],
        [problem.exclusive(), heads, _needs(problem), with_extras(up_to_share, -np.ones((1, 1)))],
        n_subsets,
        extras_upper=np.array([problem.rest_share]),
    )
    return chosen if solution is None else solution.chosen


def _spread(problem: Problem, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose as many speakers as possible under about the smallest caps, `chosen` at worst."""
    gives = np.any(problem.counts > 0, axis=1, keepdims=True)
    # a little chance, by the seed, decides between speakers who serve as well
    gain = gives + 0.1 * rng.random(problem.shape)
    rest = 0
    if problem.rest is not None:
        # "rest" takes whoever is left: a speaker counts only where quotas are filled
        gain[:, [problem.rest]] -= gives
        rest = min(problem.rest_share, int(chosen[:, problem.rest].sum()))
    bound = _smallest_level(problem, rest)
    top = int(problem.quotas.max())
    # the quota itself is no cap at all, so that the last try allows any solution there is
    levels = sorted({min(int(np.ceil(bound * factor)), top) for factor in LOOSER} | {top})
    tries = (_solve_capped(problem, rest, level, -gain.ravel(), relaxed=False) for level in levels)
    return next((solution.chosen for solution in tries if solution is not None), chosen)


def _smallest_level(problem: Problem, rest: int) -> int:
    """Find by bisection the lowest level that divisible speakers could keep to."""
    # the relaxation is quick, and what it cannot do no choice of whole speakers can
    no_cost = np.zeros(np.prod(problem.shape))
    low, high = 1, int(problem.quotas.max())
    while low < high:
        middle = (low + high) // 2
        if _solve_capped(problem, rest, middle, no_cost, relaxed=True) is None:
            low = middle + 1
        else:
            high = middle
    return low


def _solve_capped(
    problem: Problem, rest: int, level: int, cost: np.ndarray, *, relaxed: bool
) -> Solution | None:
    """Solve with caps proportional to the quotas: `level` for the largest of them."""
    # rounded up: a cap of 0 would shut every speaker out of a small quota
    caps = np.ceil(problem.quotas * level / problem.quotas.max()).astype(int)
    blocks = [problem.exclusive(), problem.heads(rest), _needs(problem, caps)]
    gap, nodes = 0.01, SEARCH_NODES
    return solve(cost, blocks, problem.shape[1], gap=gap, nodes=nodes, relaxed=relaxed)


def _needs(problem: Problem, caps: np.ndarray | None = None) -> Rows:
    return supply(problem.counts, _uncapped(problem) if caps is None else caps, problem.quotas)


def _uncapped(problem: Problem) -> np.ndarray:
    return np.broadcast_to(problem.counts.max(axis=0), problem.quotas.shape)


def _take(rows: pd.DataFrame, quotas: dict[str, int], rng: np.random.Generator) -> list[str]:
    return [
        name
        for label, quota in quotas.items()
        for name in take_evenly(rows[rows["label"] == label], quota, rng)
    ]


def take_evenly(rows: pd.DataFrame, quota: int, rng: np.random.Generator) -> list[str]:
    """Draw `quota` recordings at random, as evenly from the speakers as their numbers allow.

    A recording's rank is its place in a random order of its speaker's recordings; taking the lowest
    ranks fills all speakers to the same level, and chance decides who gives one more.
    """
    shuffled = rows.iloc[rng.permutation(len(rows))]
    rank = shuffled.groupby("speaker").cumcount()
    return shuffled["recording"].iloc[np.argsort(rank, kind="stable")[:quota]].tolist()
