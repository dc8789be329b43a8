"""Label budgets in words: a mask over the budgets of a study in, a few words out."""

import numpy as np

from semisup.report._words import labels_used

#: More stretches than these are counted, not listed.
MOST = 2


def where(mask: np.ndarray, budgets: np.ndarray) -> str:
    """Say at which label budgets something is so; it is at one at least.

    Parameters
    ----------
    mask : ndarray of shape (n,), bool
    budgets : ndarray of shape (n,)
        In percent, ascending.

    Examples
    --------
    >>> budgets = np.array([2, 10, 20, 50, 100])
    >>> where(np.array([0, 0, 1, 1, 1], dtype=bool), budgets)
    'from 20 % of the labels on'
    >>> where(np.array([1, 1, 0, 0, 0], dtype=bool), budgets)
    'up to 10 % of the labels'
    >>> where(np.array([1, 0, 0, 1, 1], dtype=bool), budgets)
    'from 50 % of the labels on and at 1 of the 3 budgets below'
    >>> where(np.array([0, 1, 0, 1, 0], dtype=bool), budgets)
    'with 10 and 50 % of the labels'
    """
    if mask.all():
        return "at every label budget" if len(budgets) > 1 else f"with {labels_used(budgets[0])}"
    runs = _runs(mask)
    begin, end = runs[-1]
    if end == len(mask) - 1 and end > begin:
        rest = int(mask[:begin].sum())
        return f"from {labels_used(budgets[begin])} on{_rest(rest, begin, 'below')}"
    begin, end = runs[0]
    if begin == 0 and end > 0:
        rest = int(mask[end + 1 :].sum())
        return f"up to {labels_used(budgets[end])}{_rest(rest, len(mask) - end - 1, 'above')}"
    if len(runs) > MOST:
        first, last = budgets[mask][[0, -1]]
        return f"at {mask.sum()} of {len(mask)} label budgets between {first:g} and {last:g} %"
    if all(first == last for first, last in runs) and not mask[-1]:
        return f"with {' and '.join(f'{budget:g}' for budget in budgets[mask])} % of the labels"
    return " and ".join(_stretch(budgets[first], budgets[last]) for first, last in runs)


def elsewhere(mask: np.ndarray) -> str:
    """Say where the rest of the budgets lies; empty where there is none.

    Examples
    --------
    >>> elsewhere(np.array([False, True])), elsewhere(np.array([True, True]))
    ('below that', '')
    """
    if mask.all():
        return ""
    runs = _runs(mask)
    if len(runs) == 1 and runs[0][1] == len(mask) - 1:
        return "below that"
    return "above that" if len(runs) == 1 and runs[0][0] == 0 else "elsewhere"


def _stretch(first: float, last: float) -> str:
    return (
        f"with {labels_used(first)}" if first == last else f"from {first:g} to {labels_used(last)}"
    )


def _rest(count: int, total: int, side: str) -> str:
    return f" and at {count} of the {total} budgets {side}" if count else ""


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return the first and last place of every run of a mask."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return [(int(first), int(last) - 1) for first, last in edges.reshape(-1, 2)]
