"""Searches of parameters inside label budgets: what they cost, and where they judge too kindly."""

from collections.abc import Mapping

import numpy as np

from semisup.classifiers import n_points
from semisup.curve.task import budget
from semisup.features.label_dependent import LabelDependent
from semisup.stages.gates.problem import Outlook, Problem, warning
from semisup.study.spec import ClassifierSpec

#: More fits than these are a warning: at a tenth of a second each about three hours of one core.
MANY = 100_000


def many(outlook: Outlook, classifiers: Mapping[str, ClassifierSpec], splits: int) -> list[Problem]:
    """Warn where the choice of parameters takes many fits beside those of the cells.

    Parameters
    ----------
    outlook : Outlook
    classifiers : mapping of str to ClassifierSpec
        Of the curve, whose grids are right.
    splits : int
        How many there are: one, or one a fold of every repeat.
    """
    fits = {name: splits * n_fits(outlook, name, spec) for name, spec in classifiers.items()}
    total = sum(fits.values())
    if total <= MANY:
        return []
    by_name = ", ".join(f"{name} {count:,}" for name, count in fits.items() if count)
    return warning(
        f"[classifiers] parameters are chosen by {total:,} fits at most (points x inner folds x "
        f"cells): {by_name}; fewer percentages, draws or values, or search = 'random', need less "
        "time"
    )


def on_what_has_seen_labels(
    outlook: Outlook, classifiers: Mapping[str, ClassifierSpec]
) -> list[Problem]:
    """Warn of searches on features that were learned from labels, held-out ones among them."""
    return warning(
        *(
            f"[curve] {name} on {representation}: its features are learned from all labels of a "
            "budget, so that the recordings held out inside it are known to them; its choice "
            "is made by scores that are too high"
            for name, spec in classifiers.items()
            if n_points(spec)
            for representation, kind in outlook.compared.items()
            if isinstance(kind, LabelDependent)
            and outlook.study.spec.curve.runs(name, representation)
        )
    )


def n_fits(outlook: Outlook, name: str, spec: ClassifierSpec) -> int:
    """Count the fits at most inside the budgets of all cells that a classifier has in one split."""
    curve = outlook.study.spec.curve
    systems = sum(curve.runs(name, representation) for representation in outlook.compared)
    folds = sum(_folds(outlook, percentage, spec) for percentage in curve.budgets())
    return n_points(spec) * folds * systems * curve.n_draws()


def _folds(outlook: Outlook, percentage: float, spec: ClassifierSpec) -> int:
    """Return how many inner folds a budget has at most, 0 where it is too small for any."""
    smallest = int(outlook.of_subset("labelled")["label"].value_counts().min())
    rows = np.arange(smallest)
    folds = min(spec.inner_folds, len(budget(rows, np.zeros(smallest, int), percentage)))
    return folds if folds > 1 else 0
