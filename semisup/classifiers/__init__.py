"""Classifiers: one file an entry; `_contract` says what each must be."""

from semisup.classifiers._contract import (
    Classifier,
    Estimator,
    build_classifier,
    classifier,
    with_files_found,
)
from semisup.classifiers._parameters import in_words, wrong_parameters

__all__ = [
    "Classifier",
    "Estimator",
    "build_classifier",
    "classifier",
    "in_words",
    "with_files_found",
    "wrong_parameters",
]
