"""Confusion matrices as small tables of the page: text to read, search and copy."""

from dataclasses import dataclass
from typing import NamedTuple

from semisup.figures.confusion import confusion_table
from semisup.figures.drawings import BUDGETS
from semisup.figures.study_tables import StudyTables
from semisup.report._sheet import Sheet
from semisup.report._words import classifier_name, name_of

#: Beyond so many classes the names above a confusion matrix stand upright, so that it fits.
MANY_CLASSES = 6


class Matrix(NamedTuple):
    """One matrix: shares of the true class, rows and columns in the order of the classes."""

    title: str
    budget: float
    shares: list[list[float]]


@dataclass(frozen=True)
class Confusion:
    """What the section shows; empty where predictions or labels are not there."""

    classes: list[str]
    #: The matrices of each classifier.
    matrices: list[tuple[str, list[Matrix]]]
    class_scores: Sheet | None

    @property
    def has_many_classes(self) -> bool:
        """Whether the names of all classes would not fit side by side."""
        return len(self.classes) > MANY_CLASSES


def describe_confusion(tables: StudyTables, class_scores: Sheet | None) -> Confusion:
    """Gather the section."""
    classes = tables.classes if tables.has_predictions else []
    return Confusion(classes, _matrices(tables), class_scores)


def _matrices(tables: StudyTables) -> list[tuple[str, list[Matrix]]]:
    """Gather the matrices of every classifier, a few budgets of each representation."""
    if not tables.has_predictions or tables.labels is None or not tables.classes:
        return []
    predictions = tables.predictions(tables.budgets(BUDGETS))
    table = confusion_table(predictions, tables.labels, tables.classes)
    matrices: dict[str, list[Matrix]] = {name: [] for name in tables.classifiers}
    size = len(tables.classes)
    keys = ["classifier", "representation", "percentage"]
    for (classifier, name, budget), cell in table.groupby(keys, sort=False):
        # rows of a cell come class by class, the true one first
        shares = cell["share"].to_numpy().reshape(size, size).tolist()
        matrices[classifier].append(Matrix(name_of(name), budget, shares))
    return [(classifier_name(name), of_classifier) for name, of_classifier in matrices.items()]
