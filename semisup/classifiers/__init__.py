"""Classifiers: one file an entry; `_contract` says what each must be."""

from semisup.classifiers._contract import (
    Classifier,
    Estimator,
    build_classifier,
    classifier,
    with_files_found,
)

__all__ = [
    "Classifier",
    "Estimator",
    "build_classifier",
    "classifier",
    "with_files_found",
]
