"""Confusion matrices as small tables of the page: text to read, search and copy."""

from typing import NamedTuple

from semisup.figures.catalogue import BUDGETS
from semisup.figures.confusion import confusion_table
from semisup.figures.study_tables import StudyTables
from semisup.report._words import classifier_name, name_of


class Matrix(NamedTuple):
    """One matrix: shares of the true class, rows and columns in the order of the classes."""

    title: str
    budget: float
    shares: list[list[float]]


def describe_confusions(tables: StudyTables) -> list[tuple[str, list[Matrix]]]:
    """Gather the matrices of every classifier, a few budgets of each representation."""
    if tables.predictions is None or tables.labels is None:
        return []
    table = confusion_table(
        tables.predictions, tables.labels, tables.classes, tables.budgets(BUDGETS)
    )
    found: dict[str, list[Matrix]] = {name: [] for name in tables.classifiers}
    size = len(tables.classes)
    keys = ["classifier", "representation", "percentage"]
    for (classifier, name, budget), own in table.groupby(keys, sort=False):
        shares = own["share"].to_numpy().reshape(size, size).tolist()
        found[classifier].append(Matrix(name_of(name), budget, shares))
    return [(classifier_name(name), matrices) for name, matrices in found.items()]
