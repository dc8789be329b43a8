"""Every system at the largest label budget: the summary in, one table of text out."""

import pandas as pd

from semisup.figures.systems import metrics_beside, systems_table
from semisup.report._words import classifier_name, interval, name_of
from semisup.study_tables import StudyTables


def systems_text(tables: StudyTables, metric: str) -> tuple[str, pd.DataFrame]:
    """Write the scores of every system by a metric and the one beside it, best first.

    Returns
    -------
    caption : str
    table : DataFrame
        Classifier, Representation, then a column a metric: the mean and its 95 % interval.
    """
    metrics = metrics_beside(metric)
    found = systems_table(tables.summary, metrics)
    written = {
        name_of(name): [interval(row) for _, row in _values(found, name).iterrows()]
        for name in metrics
    }
    kinds = {
        "Classifier": [classifier_name(name) for name in found["classifier"]],
        "Representation": [name_of(name) for name in found["representation"]],
    }
    budget = tables.summary["percentage"].max()
    titles = " and ".join(written)
    caption = f"All systems at {budget:g} % of labels: {titles} with 95 % intervals, best first"
    return caption, pd.DataFrame({**kinds, **written})


def ranked(tables: StudyTables, metric: str) -> list[tuple[str, str, float]]:
    """List the systems, best first: classifier, representation, score at the largest budget."""
    found = systems_table(tables.summary, [metric])
    return list(found[["classifier", "representation", metric]].itertuples(index=False, name=None))


def _values(found: pd.DataFrame, metric: str) -> pd.DataFrame:
    columns = [metric, f"{metric}_low", f"{metric}_high"]
    return found[columns].set_axis(["value", "low", "high"], axis=1)
