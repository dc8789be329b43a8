"""Tables of the report: each a small DataFrame of text and numbers, made once.

In: the tables of a study. Out: `Sheet`s, for the page and as CSV and LaTeX under ``tables/``.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import write_table, write_text
from semisup.features.speakers import TRANSDUCTIVE, USES_OTHERS
from semisup.figures.drawings import BUDGETS
from semisup.figures.study_tables import StudyTables
from semisup.report import _comparison_sheets as compared
from semisup.report._choices import choices_table
from semisup.report._classes import classes_table
from semisup.report._clusters import clusters_sheet, outliers_sheet
from semisup.report._importance import importance_sheet
from semisup.report._latex import latex
from semisup.report._measure_sheets import (
    dummies_sheet,
    information_sheet,
    loss_sheet,
    probability_sheet,
    variance_sheet,
)
from semisup.report._sheet import Sheet, by_system
from semisup.report._systems import systems_text
from semisup.report._words import classifier_name, interval, name_of

#: What spreadsheets may take for a formula, and what of that they do not; as in `tables.js`.
FORMULA = re.compile(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n]")
NUMBERS = re.compile(r"[-+][\d.,]+%?( \[[-+\d., \u2212]+\])?")
#: Columns that hold representations.
NAMED = ("Representation", "First", "Second")
#: Tables of the comparison, and whether they say nothing of one label budget.
_COMPARED: dict[Callable[[pd.DataFrame, str], Sheet], bool] = {
    compared.differences_sheet: False,
    compared.crossover_sheet: True,
    compared.areas_sheet: True,
    compared.saved_sheet: True,
    compared.bayes_sheet: False,
    compared.chance_sheet: False,
}


def sheets(tables: StudyTables, metric: str) -> list[Sheet]:
    """Make every table that the study has the numbers for.

    One label budget has no curve: nothing crosses, there is no area, and no label can be saved.
    """
    one = tables.has_one_budget
    all_sheets = [scores_sheet(tables, metric)]
    if not one:
        all_sheets.append(Sheet("systems", *systems_text(tables, metric)))
    all_sheets.append(classes_sheet(tables))
    if tables.comparison is not None:
        for make, is_of_curves in _COMPARED.items():
            all_sheets += [] if one and is_of_curves else [make(tables.comparison, metric)]
    if tables.queries is not None and not one:
        all_sheets.append(compared.queries_sheet(tables.queries, metric))
    all_sheets += [
        dummies_sheet(tables, metric),
        variance_sheet(tables, metric),
        loss_sheet(tables),
        probability_sheet(tables),
        information_sheet(tables),
        choices_sheet(tables),
        importance_sheet(tables, metric),
        clusters_sheet(tables),
        outliers_sheet(tables),
    ]
    return [_marked(sheet, tables) for sheet in all_sheets if len(sheet.table)]


def write_tables(folder: Path, metric: str) -> list[Path]:
    """Write every table as CSV and LaTeX into the folder ``tables`` of a study."""
    tables, paths = StudyTables(folder), []
    for sheet in sheets(tables, metric):
        path = folder / "tables" / sheet.name
        paths.append(write_table(path.with_suffix(".csv"), inert(sheet.table)))
        text = latex(sheet.table, sheet.caption, sheet.name)
        paths.append(write_text(path.with_suffix(".tex"), text))
    return paths


def inert(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose cells no spreadsheet takes for formulas.

    An apostrophe stands before what begins like one and is no number: spreadsheets hide it.
    """
    shown = table.copy()
    for name in table.select_dtypes(["object", "string", "category"]):
        shown[name] = table[name].astype(object).map(_inert)
    return shown.set_axis([_inert(str(name)) for name in table.columns], axis=1)


def _inert(value: object) -> object:
    """Return a cell with an apostrophe before it if it begins like a formula.

    Examples
    --------
    >>> _inert("=1+1"), _inert("-.05 [-.1, .1]"), _inert("joy")
    ("'=1+1", '-.05 [-.1, .1]', 'joy')
    """
    is_formula = isinstance(value, str) and FORMULA.match(value) and not NUMBERS.fullmatch(value)
    return f"'{value}" if is_formula else value


def _marked(sheet: Sheet, tables: StudyTables) -> Sheet:
    """Put beside the names of representations what legends say of them, and what that means."""
    titles = {name_of(name): f"{name_of(name)}, {note}" for name, note in tables.notes.items()}
    columns = [name for name in NAMED if name in sheet.table]
    shown = {name for column in columns for name in sheet.table[column]}
    marked = sheet.table.assign(**{name: sheet.table[name].replace(titles) for name in columns})
    is_told = shown & {name_of(name) for name in tables.transductive}
    caption = f"{sheet.caption}; {TRANSDUCTIVE}: {USES_OTHERS}" if is_told else sheet.caption
    return Sheet(sheet.name, caption, marked)


def scores_sheet(tables: StudyTables, metric: str) -> Sheet:
    """Give the score of every system at a few label budgets; of one budget, by two metrics."""
    if tables.has_one_budget:
        return Sheet("scores", *systems_text(tables, metric))
    rows = tables.summary[tables.summary["metric"] == metric].rename(columns={"mean": "value"})
    budgets = tables.budgets(BUDGETS)
    lines = []
    for classifier, name, curve in by_system(rows, "representation"):
        at = curve.set_index("percentage")
        row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
        lines.append(row | {f"{b:g} % of labels": interval(at.loc[b]) for b in budgets})
    caption = f"{name_of(metric)} with 95 % intervals, by label budget"
    return Sheet("scores", caption, pd.DataFrame(lines))


def classes_sheet(tables: StudyTables) -> Sheet:
    """Give accuracy, precision, recall and F1 of every class."""
    budget, table = classes_table(tables)
    caption = (
        f"Every class at {budget:g} % of labels, over all draws; accuracy: one against the rest"
    )
    return Sheet("classes", caption, table)


def choices_sheet(tables: StudyTables) -> Sheet:
    """Give what the cells of tuned classifiers chose most often, by label budget."""
    caption = "Parameters that cells of tuned classifiers chose most often, and in how many draws"
    return Sheet("choices", caption, choices_table(tables, tables.budgets(BUDGETS)))
