"""A cell on made-up rows: a classifier's parameters tried before there is any feature.

In: a classifier and the size of a table. Out: what goes wrong, in one sentence. The rows are
Gaussians, one a class; the fit is the very one of a cell, so that what fails here fails there.
"""

import warnings
from typing import NamedTuple

import numpy as np

from semisup import registry
from semisup.classifiers import build_classifier, classifier, in_words
from semisup.curve.fit import LabelledRows, fit, fit_numbers
from semisup.curve.sources import TableSource
from semisup.engine import outside
from semisup.errors import SemisupError
from semisup.study.spec import ClassifierSpec, TaskName


class Size(NamedTuple):
    """Of the made-up table: rows of each class, and features."""

    rows: tuple[int, ...]
    features: int


def tried(
    spec: ClassifierSpec,
    size: Size,
    scale: str = "standard",
    task: TaskName = "classification",
) -> str:
    """Fit a classifier of feature tables, and ask it for classes and probabilities.

    Parameters
    ----------
    spec : ClassifierSpec
        Names of parameters and their own values are known to be right.
    size : Size
    scale : {"standard", "none"}
    task : {"classification", "regression"}
        Numbers are then the places of the classes.

    Returns
    -------
    str
        What went wrong, "" if nothing did.
    """
    entry, reference = classifier(spec.kind), registry.classifiers.reference(spec.kind)
    labelled, source = _rows(size, entry.unlabelled)
    numbers = task == "regression"
    try:
        # a warning about six rows says nothing of the study
        with warnings.catch_warnings(), outside.guarded(reference):
            warnings.simplefilter("ignore")
            estimator = build_classifier(spec, 0, task)
            if numbers:
                fit_numbers(entry, estimator, labelled, scale).numbers(source.test())
                return ""
            fitted = fit(entry, estimator, labelled, source, scale)
            fitted.predict(source.test())
            fitted.probabilities(source.test(), len(size.rows))
            fitted.decisions(source.test(), len(size.rows))
    except SemisupError as error:
        return str(error)
    # whatever a library says of values that do not go together
    except Exception as error:
        return in_words(error, spec.parameters)
    return ""


def _rows(size: Size, with_unlabelled: bool) -> tuple[LabelledRows, TableSource]:
    rng = np.random.default_rng(0)
    classes = np.repeat(np.arange(len(size.rows)), size.rows)
    centres = rng.standard_normal((len(size.rows), size.features))
    features = centres[classes] + 0.1 * rng.standard_normal((len(classes), size.features))
    unlabelled = np.repeat(features, 2, axis=0) if with_unlabelled else None
    owner = np.arange(len(classes))
    source = TableSource(features, features, unlabelled)
    return LabelledRows(features, classes, owner), source
