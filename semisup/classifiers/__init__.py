"""Classifiers: one file an entry; `_contract` says what each must be."""

from semisup.classifiers._accelerated import accelerator_version
from semisup.classifiers._contract import (
    Classifier,
    Estimator,
    build_classifier,
    classifier,
    why_not,
    with_files_found,
)
from semisup.classifiers._grid import (
    Choice,
    at_point,
    grid_of,
    n_points,
    points,
    spread,
    wrong_grid,
)
from semisup.classifiers._parameters import in_words, wrong_parameters

__all__ = [
    "Choice",
    "Classifier",
    "Estimator",
    "accelerator_version",
    "at_point",
    "build_classifier",
    "classifier",
    "grid_of",
    "in_words",
    "n_points",
    "points",
    "spread",
    "why_not",
    "with_files_found",
    "wrong_grid",
    "wrong_parameters",
]
