"""Points of a classifier's grid: values of parameters that a cell chooses among.

In: a classifier of a study. Out: the points that are tried, in the order of the file, and what is
wrong with the grid, in words. `semisup.curve.search` tries them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from semisup import registry
from semisup.classifiers._contract import Value, classifier
from semisup.classifiers._parameters import wrong_parameters
from semisup.networks.parameters import shown
from semisup.study.spec import ClassifierSpec, TaskName

#: Keys of a study file that say how a grid is searched.
SEARCH = ("search", "trials", "inner_folds")


class Choice(NamedTuple):
    """What a cell chose.

    Parameters
    ----------
    parameters : dict
        Values of the grid; empty where the kind's own, or the study's, stay as they are.
    uar : float
        Unweighted average recall in the cross-validation inside the budget; NaN without one.
    folds : int
        Of that cross-validation; 0 where the budget is too small for one.
    grouped_by : str
        What was never in two folds: "speaker" or "recording"; "" without folds.
    """

    parameters: dict[str, Value]
    uar: float = math.nan
    folds: int = 0
    grouped_by: str = ""


def grid_of(spec: ClassifierSpec) -> Mapping[str, Sequence[Value]]:
    """Return the values to choose among, by parameter; empty where nothing is searched."""
    return classifier(spec.kind).grid if spec.tuned else spec.grid


def n_points(spec: ClassifierSpec) -> int:
    """Return how many points of the grid are tried; 0 where nothing is searched."""
    size = _size(grid_of(spec))
    return min(size, spec.trials) if spec.search == "random" else size


def points(spec: ClassifierSpec, seed: int) -> list[dict[str, Value]]:
    """Return the points that are tried, in the order of the grid: the last key changes fastest.

    With ``search = "random"`` points are drawn without replacement from `seed` (Bergstra and
    Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 13, 2012).
    """
    size = _size(grid_of(spec))
    if spec.search == "grid":
        return _at(grid_of(spec), np.arange(size))
    drawn = np.random.default_rng(seed).choice(size, n_points(spec), replace=False)
    # sorted: of equally good ones the first in the grid is taken
    return _at(grid_of(spec), np.sort(drawn))


def spread(spec: ClassifierSpec, most: int) -> list[dict[str, Value]]:
    """Return at most so many points, spread evenly over the grid, its first and last among them."""
    last = _size(grid_of(spec)) - 1
    return _at(grid_of(spec), np.unique(np.linspace(0, last, min(most, last + 1)).astype(int)))


def _size(grid: Mapping[str, Sequence[Value]]) -> int:
    return math.prod(map(len, grid.values())) if grid else 0


def _at(grid: Mapping[str, Sequence[Value]], numbers: np.ndarray) -> list[dict[str, Value]]:
    """Return the points of some numbers; the last key of the grid changes fastest."""
    if not grid:
        return []
    places = np.stack(np.unravel_index(numbers, tuple(map(len, grid.values()))), axis=1)
    return [
        {name: values[at] for (name, values), at in zip(grid.items(), place, strict=True)}
        for place in places
    ]


def at_point(spec: ClassifierSpec, point: Mapping[str, Value]) -> ClassifierSpec:
    """Return a classifier with the values of a point, of which nothing is searched any more."""
    return ClassifierSpec(kind=spec.kind, parameters={**spec.parameters, **point})


def wrong_grid(spec: ClassifierSpec, task: TaskName = "classification") -> list[str]:
    """Return what is wrong with the grid of a classifier, names and values.

    Parameters
    ----------
    spec : ClassifierSpec
        Of a kind that there is.

    Returns
    -------
    list of str
        A sentence each, without the name of the classifier.
    """
    if not spec.tuned and not spec.grid:
        idle = [name for name in SEARCH if _is_said(spec, name)]
        return [f"{name}: there is nothing to choose among; give grid = {{ ... }}" for name in idle]
    if reason := _why_not(spec):
        return [f"{'tuned' if spec.tuned else 'grid'}: {reason}"]
    return [*_contradictions(spec), *_wrong_values(spec, task)]


def _is_said(spec: ClassifierSpec, name: str) -> bool:
    """Tell whether a key has another value than its default, which may be written out."""
    return bool(vars(spec)[name] != ClassifierSpec.model_fields[name].default)


def _why_not(spec: ClassifierSpec) -> str:
    """Say why nothing can be searched of a kind."""
    entry = classifier(spec.kind)
    takes = f"parameters are chosen for classifiers such as {', '.join(with_grids())}"
    if entry.network or entry.trained:
        return f"'{spec.kind}' is a network, and {takes}"
    if entry.unlabelled:
        return f"'{spec.kind}' learns from unlabelled recordings too, and {takes}"
    if spec.tuned and not entry.grid:
        return (
            f"'{spec.kind}' has no grid of its own, as {', '.join(with_grids())} have; give "
            "grid = { ... }"
        )
    return ""


def with_grids() -> list[str]:
    """Return our entries that have a grid of their own."""
    return [name for name in registry.classifiers.built_in() if classifier(name).grid]


def _contradictions(spec: ClassifierSpec) -> Iterator[str]:
    if spec.tuned and spec.grid:
        yield "grid: tuned = true takes the kind's own grid; leave out one of them"
    if _is_said(spec, "trials") and spec.search == "grid":
        yield "trials: search = 'grid' tries all points; give search = 'random' too"
    for name in grid_of(spec):
        if name in spec.parameters:
            of = "the kind's own grid" if spec.tuned else "grid"
            yield f"parameters: {name} is in {of} too; leave out one of them"


def _wrong_values(spec: ClassifierSpec, task: TaskName) -> list[str]:
    """Check a grid's names and values as parameters are; ours are known to be right."""
    problems = []
    for name, values in spec.grid.items():
        # 1 and true are equal, and 1 and 1.0, but not the same words of a study file
        if len(set(map(shown, values))) < len(values):
            problems.append(f"grid: {name} names a value twice")
        for value in values:
            alone = ClassifierSpec(kind=spec.kind, parameters={name: value})
            problems += [f"grid: {problem}" for problem in wrong_parameters(alone, task)]
    return list(dict.fromkeys(problems))
