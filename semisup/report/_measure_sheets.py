"""Tables of what was measured beside the scores: guessers, variance, losses, probabilities, codes.

In: the tables of a study. Out: a `Sheet` each, empty where the study lacks its table.
"""

import numpy as np
import pandas as pd

from semisup.figures.drawings import BUDGETS
from semisup.figures.study_tables import StudyTables, nearest_budgets
from semisup.metrics import PROBABILITY_METRICS
from semisup.report._sheet import Sheet, by_system
from semisup.report._words import classifier_name, name_of, number

MORE = "What more would buy"


def dummies_sheet(tables: StudyTables, metric: str) -> Sheet:
    """Give what guessers reach on the same cells."""
    dummies, rows = tables.table("dummies"), []
    if dummies is not None and metric in dummies:
        for name, of_guesser in dummies.groupby("dummy", sort=False):
            values = of_guesser.groupby("percentage")[metric].mean()
            rows.append(
                {"Guesser": name_of(str(name))}
                | {
                    f"{b:g} % of labels": number(values[b])
                    for b in nearest_budgets(values.index, BUDGETS)
                }
            )
    return Sheet("dummies", f"{name_of(metric)} of guessers on the same cells", pd.DataFrame(rows))


def variance_sheet(tables: StudyTables, metric: str) -> Sheet:
    """Give the share of each source of variance at the largest budget."""
    variance, rows = tables.table("variance"), []
    if variance is not None:
        of_metric = variance[variance["metric"] == metric]
        of_metric = of_metric[of_metric["percentage"] == of_metric["percentage"].max()]
        for classifier, name, of_system in by_system(of_metric, "representation"):
            shares = {
                name_of(source): f"{100 * share:.0f} %" if np.isfinite(share) else "-"
                for source, share in of_system[["source", "share"]].itertuples(index=False)
            }
            notes = [note for note in dict.fromkeys(of_system["note"]) if note]
            row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
            rows.append(row | shares | {MORE: "; ".join(notes)})
    table = pd.DataFrame(rows).fillna("")
    if rows:  # some systems have an encoder's share and some have not: the long text goes last
        table = table[[name for name in table if name != MORE] + [MORE]]
    return Sheet("variance", f"Where the variance of {name_of(metric)} comes from", table)


def loss_sheet(tables: StudyTables) -> Sheet:
    """Give the loss-data measures of systems with probabilities."""
    losses, rows = tables.table("loss_data"), []
    if losses is not None:
        for classifier, name, of_system in by_system(losses, "representation"):
            row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
            rows.append(row | _measures(of_system))
    table = pd.DataFrame(rows).fillna("-")
    return Sheet("loss_data", "Log loss, and what the loss says of the amount of labels", table)


def _measures(losses: pd.DataFrame) -> dict[str, str]:
    log_loss = losses[losses["measure"] == "log_loss"].sort_values("percentage")
    measures = {}
    if len(log_loss):
        last = log_loss.iloc[-1]
        measures[f"Log loss at {last['percentage']:g} %"] = number(last["value"])
    for row in losses[losses["measure"] != "log_loss"].to_dict("records"):
        # the abbreviation of the paper, not a word of the study
        title = "MDL" if row["measure"] == "mdl" else name_of(row["measure"])
        if np.isfinite(row["epsilon"]):
            title += f" (epsilon {row['epsilon']:.3g})"
        measures[title] = number(row["value"], 1)
    return measures


def probability_sheet(tables: StudyTables) -> Sheet:
    """Give the scores of the probabilities at the largest budget, beside the level of chance."""
    scores, rows = tables.table("probabilities"), []
    if scores is not None and len(scores):
        scores = scores[scores["percentage"] == scores["percentage"].max()]
        for classifier, name, of_system in by_system(scores, "representation"):
            row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
            by_metric = of_system.set_index("metric").to_dict("index")
            for metric in PROBABILITY_METRICS.values():
                values = by_metric[metric.name]
                better = "lower is better" if metric.lower_is_better else "higher is better"
                row[f"{metric.title} ({better})"] = number(values["mean"])
                row[f"{metric.title} of the classes' shares"] = number(values["chance"])
            rows.append(row)
    caption = "Scores of the probabilities with all labels, means of the draws"
    return Sheet("probabilities", caption, pd.DataFrame(rows))


def information_sheet(tables: StudyTables) -> Sheet:
    """Give the mutual information gap of every representation."""
    information, rows = tables.table("information"), []
    if information is not None:
        for row in information.dropna(subset="gap").to_dict("records"):
            rows.append(
                {"Representation": name_of(row["representation"]), "Factor": row["factor"]}
                | {"Gap": number(row["gap"]), "Nats": number(row["information"])}
                | {"Best feature": row["best"], "Rows": str(row["rows"])}
            )
    caption = "Mutual information gap: how far the feature that tells most is ahead of the next"
    return Sheet("information", caption, pd.DataFrame(rows))
