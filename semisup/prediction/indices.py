"""Indices in fitted estimators of a file: compiled code follows them without a look.

In: an estimator as a file describes it. Out: the same, all of whose trees may be walked. A forged
index would read memory that is not the tree's, which ends the process or tells what lies there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

#: What a leaf has in place of a child.
LEAF = -1
#: Estimators in estimators: a forest is two deep.
DEEPEST = 8


def check_indices(estimator: object, n_features: int) -> None:
    """Check the decision trees of an estimator, and build its neighbour trees anew.

    Parameters
    ----------
    estimator : object
        Fitted, of scikit-learn or made of its estimators.
    n_features : int
        Of the rows that it will be asked about.

    Raises
    ------
    ValueError
        If a node of a tree has children or a feature that there cannot be.
    """
    for part in _parts(estimator, DEEPEST):
        if hasattr(part, "children_left"):
            _check_tree(part, n_features)
        if getattr(part, "_tree", None) is not None:
            _rebuild(part)


def _parts(value: object, depth: int) -> Iterator[Any]:
    """Yield a value and all that it consists of."""
    if depth == 0:
        raise ValueError("its estimators are in one another without an end")
    yield value
    within: list[object] = []
    if isinstance(value, Mapping):
        within = list(value.values())
    elif isinstance(value, list | tuple):
        within = list(value)
    elif isinstance(value, np.ndarray):
        within = list(value.ravel()) if value.dtype == object else []
    elif hasattr(value, "__dict__"):
        within = list(vars(value).values())
    for each in within:
        yield from _parts(each, depth - 1)


def _check_tree(tree: Any, n_features: int) -> None:
    inner = np.flatnonzero(tree.children_left != LEAF)
    for children in (tree.children_left[inner], tree.children_right[inner]):
        # scikit-learn numbers children after their parent: a circle has one before it
        if not ((children > inner) & (children < tree.node_count)).all():
            raise ValueError("a tree of it has nodes that are not there")
    features = tree.feature[inner]
    if not ((features >= 0) & (features < n_features)).all():
        raise ValueError(f"a tree of it asks for other features than the {n_features} of its rows")


def _rebuild(neighbours: Any) -> None:
    """Build the tree of a search for neighbours from its rows, as `fit` does."""
    metric = neighbours.effective_metric_params_ or {}
    neighbours._tree = type(neighbours._tree)(
        neighbours._fit_X, neighbours.leaf_size, metric=neighbours.effective_metric_, **metric
    )
