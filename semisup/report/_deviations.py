"""Test recordings whose number is predicted worst by each system: predictions in, a table out."""

import pandas as pd

from semisup.figures.agreement import agreement_table
from semisup.figures.study_tables import StudyTables


def deviations(tables: StudyTables) -> pd.DataFrame:
    """List what every system predicts of every test recording with the largest label budget.

    Returns
    -------
    DataFrame
        representation, classifier, recording, predicted (the mean over the draws), true, off (how
        far that is), the largest first. Empty where predictions or numbers are not there.
    """
    if not tables.has_predictions or tables.numbers is None:
        return pd.DataFrame()
    budget = float(tables.summary["percentage"].max())
    table = agreement_table(tables.predictions([budget]), tables.numbers, budget)
    table["off"] = (table["predicted"] - table["true"]).abs()
    return table.sort_values(["off", "recording"], ascending=[False, True], ignore_index=True)
