"""Measure what a representation learned from unlabelled audio is worth, at which label budget.

The names below are imported on use, so that ``import semisup`` is quick; `__init__.pyi` says the
same to editors and type checkers. Transformers, a class for every kind of representation made
from audio, are found by their names: docs/PYTHON.md.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "run": "semisup.stages.result",
    "Result": "semisup.stages.result",
    "tune": "semisup.stages.result",
    "read_study": "semisup.reading",
    "export_model": "semisup.prediction.exported",
    "load_model": "semisup.prediction.exported",
    "Study": "semisup.study.study",
    "handcrafted_features": "semisup.signals.handcrafted",
    "chunk_spectrograms": "semisup.signals.chunk_spectrogram",
    "split_by_speaker": "semisup.splits",
    "build_autoencoder": "semisup.autoencoders",
    "learning_curve": "semisup.curve.learning_curve",
    "compare": "semisup.comparison.table",
    "compare_predictions": "semisup.elsewhere.result",
    "plot_learning_curve": "semisup.figures.learning_curve",
    "Representation": "semisup.features.contract",
    "Options": "semisup.features.contract",
    "Inputs": "semisup.features.contract",
    "Classifier": "semisup.classifiers",
    "Corpus": "semisup.corpora",
    "SemisupError": "semisup.errors",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name == "__all__":
        return sorted([*_HOMES, *import_module("semisup.transformers").names()])
    # a transformer, and not a submodule that is about to be imported
    if name[0].isupper():
        return getattr(import_module("semisup.transformers"), name)
    raise AttributeError(f"module 'semisup' has no attribute '{name}'")


def __dir__() -> list[str]:
    return [*__getattr__("__all__"), "__version__"]
