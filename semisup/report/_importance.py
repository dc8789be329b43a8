"""What the page says of the importance of features: a figure a representation, and a table."""

from typing import NamedTuple

import pandas as pd

from semisup.figures.drawings import draw_importance, permuted_of
from semisup.figures.importance import resolved, row_name
from semisup.figures.needs import IMPORTANCE
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture
from semisup.report._sheet import Sheet
from semisup.report._words import classifier_name, interval, listed, name_of


class Importance(NamedTuple):
    """One representation: its name, the figure, and a sentence on what it shows."""

    title: str
    drawn: Picture
    sentence: str


def describe_importance(tables: StudyTables, metric: str) -> list[Importance]:
    """Gather what the page shows; nothing where the study did not ask."""
    return [
        Importance(
            name_of(name),
            picture(draw_importance(tables, metric, representation=name)),
            _said(tables, metric, name),
        )
        for name in permuted_of(tables)
    ]


def importance_sheet(tables: StudyTables, metric: str) -> Sheet:
    """Give the drop of every system where a group of features is permuted."""
    table, rows = IMPORTANCE.read(tables), []
    if table is not None:
        groups = table[(table["metric"] == metric) & (table["level"] == "group")]
        for (representation, _), of_group in groups.groupby(["representation", "name"], sort=False):
            drops = {
                classifier_name(row["classifier"]): interval(row) for _, row in of_group.iterrows()
            }
            first = {
                "Representation": name_of(representation),
                "Permuted": row_name(of_group.iloc[0]),
            }
            rows.append(first | drops)
    caption = f"Drop of {name_of(metric)} where a group of features is permuted in the test rows"
    return Sheet("importance", caption, pd.DataFrame(rows).fillna("-"))


def _said(tables: StudyTables, metric: str, name: str) -> str:
    """Say which groups matter for sure, in the order of the drops."""
    table = IMPORTANCE.of(tables)
    of_name = table[(table["representation"] == name) & (table["metric"] == metric)]
    shown = of_name[of_name["classifier"] == of_name["classifier"].iloc[-1]]
    groups = shown[(shown["level"] == "group") & resolved(shown)]
    if groups.empty:
        return "No drop of a group is resolved."
    names = listed(row_name(row).split(" (")[0] for _, row in groups.iterrows())
    return f"Resolved, the largest drop first: {names}."
