"""What the page says of clusters and outliers: a figure, a sentence, and whom to listen to."""

from dataclasses import dataclass

import pandas as pd

from semisup.figures.drawings import draw_clusters
from semisup.figures.needs import CLUSTERS
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture
from semisup.report._sheet import Sheet
from semisup.report._words import in_sentence, listed, name_of, number

_GROUPS = {"class": "classes", "speaker": "speakers"}


@dataclass(frozen=True)
class Clusters:
    """What the page shows."""

    drawn: Picture
    sentence: str
    outliers: Sheet


def describe_clusters(tables: StudyTables) -> Clusters | None:
    """Gather what the page shows; None where the study did not ask."""
    table = CLUSTERS.read(tables)
    if table is None or table.empty:
        return None
    return Clusters(picture(draw_clusters(tables)), _said(table), outliers_sheet(tables))


def clusters_sheet(tables: StudyTables) -> Sheet:
    """Give the agreement of clusters with classes and speakers."""
    table, rows = CLUSTERS.read(tables), []
    if table is not None:
        rows = [
            {
                "Representation": name_of(row["representation"]),
                "Groups": f"{row['groups']} {_GROUPS[row['factor']]}",
                "Recordings": row["recordings"],
                "Adjusted mutual information": number(row["ami"]),
                "Adjusted Rand index": number(row["ari"]),
                "Neighbours of the same, beyond chance": number(row["neighbours"]),
            }
            for _, row in table.iterrows()
        ]
    caption = "How far clusters found without labels are classes, or speakers (0 is chance)"
    return Sheet("clusters", caption, pd.DataFrame(rows))


def outliers_sheet(tables: StudyTables) -> Sheet:
    """List the recordings that lie farthest out, to listen to."""
    table, rows = tables.table("outliers"), []
    if table is not None:
        rows = [
            {
                "Representation": name_of(row["representation"]),
                "Recording": row["recording"],
                "Subset": row["subset"],
                "Class": row["label"] or "-",
                "Speaker": row["speaker"] or "-",
                "Times the median distance": number(row["ratio"], 1),
            }
            for _, row in table.iterrows()
        ]
    caption = "Recordings farthest from their nearest neighbours: listen to them"
    return Sheet("outliers", caption, pd.DataFrame(rows))


def _said(table: pd.DataFrame) -> str:
    """Say in which representations clusters are speakers rather than classes."""
    ami = table.pivot_table("ami", "representation", "factor", sort=False)
    if not {"class", "speaker"} <= set(ami):
        return ""
    of_speakers = ami.index[ami["speaker"] > ami["class"]]
    if of_speakers.empty:
        return "In no representation are clusters speakers rather than classes."
    if len(of_speakers) == len(ami):
        return "In every representation clusters are speakers rather than classes."
    names = listed(map(in_sentence, of_speakers))
    return f"Clusters are speakers rather than classes in {names}."
