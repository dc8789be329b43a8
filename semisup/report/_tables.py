"""Tables of the report: each a small DataFrame of text and numbers, made once.

In: the tables of a study. Out: `Sheet`s, for the page and as CSV and LaTeX under ``tables/``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.comparison.told import AHEAD, BEHIND
from semisup.engine.artefacts import write_table, write_text
from semisup.features.speakers import TRANSDUCTIVE, USES_OTHERS
from semisup.figures.drawings import BUDGETS
from semisup.figures.paired import CHANCE, select
from semisup.figures.study_tables import StudyTables, nearest_budgets
from semisup.metrics import PROBABILITY_METRICS
from semisup.report._choices import choices_table
from semisup.report._classes import classes_table
from semisup.report._latex import latex
from semisup.report._systems import systems_text
from semisup.report._words import MISSING, classifier_name, interval, name_of, number

MORE = "What more would buy"
#: Columns that hold representations.
NAMED = ("Representation", "First", "Second")


class Sheet(NamedTuple):
    """One table for a reader."""

    name: str
    caption: str
    table: pd.DataFrame


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
        makers: list[Callable[[pd.DataFrame, str], Sheet]] = [
            differences_sheet,
            crossover_sheet,
            areas_sheet,
            saved_sheet,
            bayes_sheet,
            chance_sheet,
        ]
        makers = [make for make in makers if not (one and make in _OF_CURVES)]
        all_sheets += [make(tables.comparison, metric) for make in makers]
    all_sheets += [
        dummies_sheet(tables, metric),
        variance_sheet(tables, metric),
        loss_sheet(tables),
        probability_sheet(tables),
    ]
    all_sheets += [information_sheet(tables), choices_sheet(tables)]
    return [_marked(sheet, tables) for sheet in all_sheets if len(sheet.table)]


def write_tables(folder: Path, metric: str) -> list[Path]:
    """Write every table as CSV and LaTeX into the folder ``tables`` of a study."""
    tables, paths = StudyTables(folder), []
    for sheet in sheets(tables, metric):
        path = folder / "tables" / sheet.name
        paths.append(write_table(path.with_suffix(".csv"), sheet.table))
        text = latex(sheet.table, sheet.caption, sheet.name)
        paths.append(write_text(path.with_suffix(".tex"), text))
    return paths


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
    for classifier, name, curve in _by_system(rows, "representation"):
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


def differences_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the paired difference at the largest budget, and at how many budgets who is ahead."""
    rows = select(comparison, "difference", metric=metric)
    one, lines = _of_one_budget(rows), []
    for pair, differences in _by_pair(rows):
        last = differences.loc[differences["percentage"].idxmax()]
        column = f"At {last['percentage']:g} % of labels"
        lines.append({**pair, column: interval(last), **_ahead(differences, one)})
    caption = f"Paired difference in {name_of(metric)}, first minus second, with its 95 % interval"
    if not one:
        caption += "; and at how many label budgets either is ahead (95 %, all budgets at once)"
    return Sheet("differences", caption, pd.DataFrame(lines))


def crossover_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the label budget where the sign of the difference changes."""
    meanings = {
        "crossing": "crossing",
        "none": "none: the second is ahead or equal throughout",
        "always": "none: the first is ahead throughout",
    }
    lines = [
        pair
        | {
            "Crossover (% of labels)": interval(row, 0),
            "Outcome": meanings.get(row["outcome"], f"{row['outcome']} by this data"),
        }
        for pair, crossovers in _by_pair(select(comparison, "crossover", metric=metric))
        for _, row in crossovers.iterrows()
    ]
    caption = "Crossover: the label budget where the sign of the difference changes, 95 % interval"
    return Sheet("crossover", caption, pd.DataFrame(lines))


def areas_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the paired difference of the areas under the curves."""
    lines = []
    linear = _by_pair(select(comparison, "area_linear", metric=metric))
    logarithmic = _by_pair(select(comparison, "area_log", metric=metric))
    for (pair, areas), (_, log_areas) in zip(linear, logarithmic, strict=True):
        row, other = areas.iloc[0], log_areas.iloc[0]
        lines.append(
            pair
            | {
                "Linear budget": interval(row),
                "p": _p(row["p_value"]),
                "p (Holm)": _p(row["p_holm"]),
            }
            | {"Log budget": interval(other), "p, log": _p(other["p_value"])}
            | {"p, log (Holm)": _p(other["p_holm"])}
        )
    caption = f"Difference of the normalised areas under the curves of {name_of(metric)}"
    return Sheet("areas", caption, pd.DataFrame(lines))


def saved_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the budget at which the first reaches the score of the second with all labels."""
    first = select(comparison, "difference", metric=metric)["percentage"].min()
    lines = [
        pair | {"Budget (% of labels)": _at_most(row, first), "Outcome": row["outcome"]}
        for pair, budgets in _by_pair(select(comparison, "labels_saved", metric=metric))
        for _, row in budgets.iterrows()
    ]
    caption = "Labels saved: the budget at which the first reaches the second's score at 100 %"
    return Sheet("labels_saved", caption, pd.DataFrame(lines))


def _at_most(row: pd.Series, first: float) -> str:
    """Write a budget; where the smallest is enough nobody knows whether fewer labels are."""
    return "at most " * bool(row["value"] <= first) + interval(row, 0)


def bayes_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the probabilities that either is practically better."""
    lines = [
        pair
        | {
            "First better": number(row["value"], 2),
            "Practically equal": number(row["low"], 2),
            "Second better": number(row["high"], 2),
        }
        for pair, probabilities in _by_pair(select(comparison, "bayes", metric=metric))
        for _, row in probabilities.iterrows()
    ]
    caption = "Second opinion: Bayesian probabilities at the largest budget, with a region of "
    return Sheet("bayes", caption + "practical equivalence", pd.DataFrame(lines))


def chance_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Say of every system whether it is above chance."""
    rows = select(comparison, "chance", metric=metric)
    one, lines = _of_one_budget(rows), []
    for classifier, name, of_system in _by_system(rows, "representation_a"):
        budgets, overall = (
            of_system[of_system["percentage"].notna()],
            of_system[of_system["percentage"].isna()],
        )
        above = int((budgets["outcome"] == "above").sum())
        row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
        if len(budgets):
            last = budgets.loc[budgets["percentage"].idxmax()]
            row |= {f"Above chance at {last['percentage']:g} %": interval(last)}
        row |= {} if one else {"Budgets above chance": f"{above} of {len(budgets)}"}
        row |= _permuted(comparison, metric, str(classifier), str(name))
        row |= {"Overall": str(overall["outcome"].iloc[0]) if len(overall) else ""}
        lines.append(row)
    caption = f"{name_of(metric)} less the level of chance, with 95 % intervals"
    if any("p" in row and row["p (Holm)"] == MISSING for row in lines):
        caption += "; p (Holm) is left out where it could not be below .05, and of means"
    return Sheet("chance", caption, pd.DataFrame(lines).fillna("-"))


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
        for classifier, name, of_system in _by_system(of_metric, "representation"):
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
        for classifier, name, of_system in _by_system(losses, "representation"):
            row = {"Classifier": classifier_name(classifier), "Representation": name_of(name)}
            rows.append(row | _measures(of_system))
    table = pd.DataFrame(rows).fillna("-")
    return Sheet("loss_data", "Log loss, and what the loss says of the amount of labels", table)


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


#: What says nothing of one label budget.
_OF_CURVES = (crossover_sheet, areas_sheet, saved_sheet)


def _of_one_budget(rows: pd.DataFrame) -> bool:
    return bool(rows["percentage"].min() == rows["percentage"].max())


def _ahead(differences: pd.DataFrame, one: bool) -> dict[str, int | str]:
    """Count the budgets where either of a pair is ahead; of one budget, say who is."""
    first, second = (differences["outcome"] == word for word in (AHEAD, BEHIND))
    if one:
        ahead = "First ahead" if first.any() else "Second ahead" if second.any() else "Not resolved"
        return {"Outcome": ahead}
    a, b = int(first.sum()), int(second.sum())
    total = len(differences)
    return {"Budgets": total, "First ahead": a, "Second ahead": b, "Not resolved": total - a - b}


def _permuted(comparison: pd.DataFrame, metric: str, classifier: str, name: str) -> dict[str, str]:
    """Give what the system reaches where labels are permuted, at the largest budget tried."""
    rows = comparison[comparison["statistic"] == "permutation"]
    keys = {"metric": metric, "classifier": classifier, "representation_a": name}
    for column, value in keys.items():
        rows = rows[rows[column] == value]
    if rows.empty:
        return {}
    last = rows.loc[rows["percentage"].idxmax()]
    title = f"Permuted labels at {last['percentage']:g} %"
    return {title: interval(last), "p": _p(last["p_value"]), "p (Holm)": _p(last["p_holm"])}


def probability_sheet(tables: StudyTables) -> Sheet:
    """Give the scores of the probabilities at the largest budget, beside the level of chance."""
    scores, rows = tables.table("probabilities"), []
    if scores is not None and len(scores):
        scores = scores[scores["percentage"] == scores["percentage"].max()]
        for classifier, name, of_system in _by_system(scores, "representation"):
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


def _by_system(table: pd.DataFrame, column: str) -> list[tuple[str, str, pd.DataFrame]]:
    """Group by classifier, then representation, both in the order of the table."""
    keys = ["classifier", column]
    orders = [list(table[key].unique()) for key in keys]
    groups = [(*names, rows) for names, rows in table.groupby(keys, sort=False)]
    return sorted(groups, key=lambda group: [orders[i].index(group[i]) for i in range(2)])


def _by_pair(rows: pd.DataFrame) -> list[tuple[dict[str, str], pd.DataFrame]]:
    keys = ["representation_a", "representation_b", "classifier"]
    return [
        ({"First": name_of(a), "Second": name_of(b), "Classifier": classifier_name(c)}, of_pair)
        for (a, b, c), of_pair in rows.groupby(keys, sort=False)
        if b != CHANCE
    ]


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else number(value)
