"""Which values the cells of tuned classifiers chose: `choices.csv` in, one table of text out."""

import json

import pandas as pd

from semisup.curve.choices import DEFAULT
from semisup.figures.study_tables import StudyTables
from semisup.report._words import classifier_name, name_of

#: What a cell has whose budget is too small.
TOO_SMALL = "defaults (too small)"


def choices_table(tables: StudyTables, budgets: list[float]) -> pd.DataFrame:
    """Give what was chosen most often, and by how many draws, by label budget.

    Returns
    -------
    DataFrame
        Classifier, Representation, then a column a budget; empty where nothing was searched. Of
        equally frequent choices the first draw's is shown.
    """
    choices = tables.table("choices")
    rows = []
    for (name, classifier), cells in _systems(choices):
        row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
        at = cells.groupby("percentage")["parameters"]
        rows.append(row | {f"{b:g} % of labels": _most_chosen(at.get_group(b)) for b in budgets})
    return pd.DataFrame(rows)


def _systems(choices: pd.DataFrame | None) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    if choices is None:
        return []
    return list(choices.groupby(["representation", "classifier"], sort=False))


def _most_chosen(parameters: pd.Series) -> str:
    counts = parameters.value_counts(sort=False)
    # idxmax: the first of equal counts
    chosen, n = str(counts.idxmax()), int(counts.max())
    return f"{_written(chosen)} ({n} of {len(parameters)})"


def _written(chosen: str) -> str:
    """Write a choice.

    Examples
    --------
    >>> _written('{"C": 10.0, "gamma": "scale"}')
    'C 10, gamma scale'
    """
    if chosen == DEFAULT:
        return TOO_SMALL
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in json.loads(chosen).items()
    )
