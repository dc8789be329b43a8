"""Counts and shares that fit, where those asked for do not: found by trying them.

In: the manifest and a `[split]` table that cannot be met. Out: another one that can be, or None.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from semisup.errors import SplitError
from semisup.study.split_spec import SplitSpec

#: Seconds that the search may take; then it gives the best that it has found.
SECONDS = 8.0

Try = Callable[[SplitSpec], object]


class Fitting(NamedTuple):
    """A split that can be made, and whether none of larger counts in its proportions can."""

    spec: SplitSpec
    is_largest: bool


def proposal(spec: SplitSpec, attempt: Try, seconds: float = SECONDS) -> Fitting | None:
    """Return the nearest split that can be made.

    Parameters
    ----------
    spec : SplitSpec
        Of which an attempt fails.
    attempt : callable
        Makes the split, or raises a `SplitError`.
    seconds : float
        Limit of the search.

    Returns
    -------
    Fitting or None
        Of counts the largest in the same proportions; failing that, and of fractions, one without
        `unlabelled`; None where there is none either.
    """
    for other in (spec, _without_unlabelled(spec)):
        if spec.strategy in ("quota", "sorted_prefix"):
            if found := _largest(other, attempt, seconds):
                return found
        elif spec.strategy == "fraction" and _works(other, attempt):
            return Fitting(other, is_largest=False)
    return None


def of_size(spec: SplitSpec, largest: int) -> SplitSpec:
    """Return a split of counts in the same proportions, the largest of which is given.

    Examples
    --------
    >>> spec = SplitSpec(strategy="quota", per_class={"labelled": 90, "test": 60})
    >>> of_size(spec, 21).per_class
    {'labelled': 21, 'test': 14}
    """
    top = max(_counts(spec), default=1)
    smaller = {
        subset: count if count == "rest" else max(1, count * largest // top)
        for subset, count in spec.per_class.items()
    }
    return spec.model_copy(update={"per_class": smaller})


def _largest(spec: SplitSpec, attempt: Try, seconds: float) -> Fitting | None:
    """Find by bisection the largest counts that work: with fewer of each, any that work do."""
    until = time.monotonic() + seconds
    low, high = 0, max(_counts(spec), default=1)
    while low < high and time.monotonic() < until:
        middle = (low + high + 1) // 2
        if _works(of_size(spec, middle), attempt):
            low = middle
        else:
            high = middle - 1
    return Fitting(of_size(spec, low), is_largest=low == high) if low else None


def _counts(spec: SplitSpec) -> list[int]:
    return [count for count in spec.per_class.values() if count != "rest"]


def _works(spec: SplitSpec, attempt: Try) -> bool:
    try:
        attempt(spec)
    except SplitError:
        return False
    return True


def with_unlabelled(spec: SplitSpec) -> SplitSpec:
    """Return a split with an unlabelled subset too: whoever is left, or two fifths."""
    if spec.strategy == "fraction":
        others = {name: round(0.6 * share, 2) for name, share in spec.fractions.items()}
        return spec.model_copy(update={"fractions": {"unlabelled": 0.4} | others})
    return spec.model_copy(update={"per_class": {"unlabelled": "rest"} | spec.per_class})


def _without_unlabelled(spec: SplitSpec) -> SplitSpec:
    """Return a split of `labelled` and `test`, with shares that make 1."""
    counts = {name: n for name, n in spec.per_class.items() if name != "unlabelled"}
    kept = {name: share for name, share in spec.fractions.items() if name != "unlabelled"}
    whole = sum(kept.values())
    shares = {name: round(share / whole, 2) for name, share in kept.items()}
    return spec.model_copy(update={"per_class": counts, "fractions": shares})


def written(spec: SplitSpec) -> str:
    """Return what a proposal changes, as a study file writes it.

    Examples
    --------
    >>> counts = {"labelled": 21, "test": 14, "unlabelled": "rest"}
    >>> written(SplitSpec(strategy="quota", per_class=counts))
    'per_class = { labelled = 21, test = 14, unlabelled = "rest" }'
    """
    key = "fractions" if spec.strategy == "fraction" else "per_class"
    values: dict[str, Any] = vars(spec)[key]
    items = (f'{name} = "rest"' if v == "rest" else f"{name} = {v}" for name, v in values.items())
    return f"{key} = {{ {', '.join(items)} }}"
