"""Accuracy, precision, recall and F1 of every class: predictions in, one table of text out."""

import numpy as np
import pandas as pd

from semisup.figures.confusion import confusion_table
from semisup.figures.study_tables import StudyTables
from semisup.report._words import classifier_name, name_of, number


def classes_table(tables: StudyTables) -> tuple[float, pd.DataFrame]:
    """Measure every class at the largest label budget, over all draws.

    Returns
    -------
    budget : float
        In percent.
    table : DataFrame
        Classifier, Representation, Class, Recordings (true ones of all draws), Accuracy (of the
        class against the rest), Precision, Recall, F1; empty where there are no predictions. A
        class that was never predicted has no precision.
    """
    budget = float(tables.summary["percentage"].max())
    if not tables.has_predictions or tables.labels is None or not tables.classes:
        return budget, pd.DataFrame()
    counted = confusion_table(tables.predictions([budget]), tables.labels, tables.classes)
    size, rows = len(tables.classes), []
    for (classifier, name), cells in counted.groupby(["classifier", "representation"], sort=False):
        # rows of a cell come class by class, the true one first
        counts = cells["count"].to_numpy().reshape(size, size)
        for label, row in zip(tables.classes, measures(counts), strict=True):
            system = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
            rows.append(system | {"Class": label} | row)
    return budget, pd.DataFrame(rows)


def measures(counts: np.ndarray) -> list[dict[str, str]]:
    """Compute accuracy, precision, recall and F1 of each class from a confusion matrix.

    A class's accuracy is that of the question "this class or another?", (TP + TN) / all: what is
    neither missed nor wrongly called so. It is high for every rare class.

    Parameters
    ----------
    counts : ndarray of shape (n_classes, n_classes)
        True classes down, predicted ones across.
    """
    hits, true, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    precision = np.divide(hits, predicted, out=np.full(len(hits), np.nan), where=predicted > 0)
    recall = np.divide(hits, true, out=np.full(len(hits), np.nan), where=true > 0)
    f1 = 2 * hits / np.maximum(true + predicted, 1)
    accuracy = 1 - (true + predicted - 2 * hits) / max(counts.sum(), 1)
    return [
        {"Recordings": str(n), "Accuracy": number(a)}
        | {"Precision": number(p), "Recall": number(r), "F1": number(f)}
        for n, a, p, r, f in zip(true, accuracy, precision, recall, f1, strict=True)
    ]
