"""Tables of the comparison: who is ahead of whom, where, and by how much.

In: `comparison.csv`. Out: a `Sheet` each.
"""

import pandas as pd

from semisup.comparison.queries import as_comparison
from semisup.comparison.told import AHEAD, BEHIND
from semisup.figures.paired import select
from semisup.report._sheet import Sheet, by_pair, by_system, p_text
from semisup.report._words import MISSING, classifier_name, interval, name_of, number


def differences_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the paired difference at the largest budget, and at how many budgets who is ahead."""
    rows = select(comparison, "difference", metric=metric)
    one, lines = _of_one_budget(rows), []
    for pair, differences in by_pair(rows):
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
        for pair, crossovers in by_pair(select(comparison, "crossover", metric=metric))
        for _, row in crossovers.iterrows()
    ]
    caption = "Crossover: the label budget where the sign of the difference changes, 95 % interval"
    return Sheet("crossover", caption, pd.DataFrame(lines))


def areas_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the paired difference of the areas under the curves."""
    lines = []
    linear = by_pair(select(comparison, "area_linear", metric=metric))
    logarithmic = by_pair(select(comparison, "area_log", metric=metric))
    for (pair, areas), (_, log_areas) in zip(linear, logarithmic, strict=True):
        row, other = areas.iloc[0], log_areas.iloc[0]
        lines.append(
            pair
            | {
                "Linear budget": interval(row),
                "p": p_text(row["p_value"]),
                "p (Holm)": p_text(row["p_holm"]),
            }
            | {"Log budget": interval(other), "p, log": p_text(other["p_value"])}
            | {"p, log (Holm)": p_text(other["p_holm"])}
        )
    caption = f"Difference of the normalised areas under the curves of {name_of(metric)}"
    return Sheet("areas", caption, pd.DataFrame(lines))


def saved_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Give the budget at which the first reaches the score of the second with all labels."""
    first = select(comparison, "difference", metric=metric)["percentage"].min()
    lines = [
        pair | {"Budget (% of labels)": _at_most(row, first), "Outcome": row["outcome"]}
        for pair, budgets in by_pair(select(comparison, "labels_saved", metric=metric))
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
        for pair, probabilities in by_pair(select(comparison, "bayes", metric=metric))
        for _, row in probabilities.iterrows()
    ]
    caption = "Second opinion: Bayesian probabilities at the largest budget, with a region of "
    return Sheet("bayes", caption + "practical equivalence", pd.DataFrame(lines))


def queries_sheet(queries: pd.DataFrame, metric: str) -> Sheet:
    """Say what classifiers that ask for recordings gain over the draw, and what they save."""
    comparison, lines = as_comparison(queries), []
    first = comparison["percentage"].min()
    gaps = select(comparison, "difference", metric=metric)
    keys = ["representation_a", "representation_b", "classifier"]
    saved = select(comparison, "labels_saved", metric=metric).set_index(keys)
    for (asks, drawn, name), rows in gaps.groupby(keys, sort=False):
        best, (a, b) = rows.loc[rows["value"].idxmax()], _sides(rows)
        place = saved.loc[(asks, drawn, name)]
        lines.append(
            {
                "Representation": name_of(name),
                "Asks": classifier_name(asks),
                "Drawn at random": classifier_name(drawn),
                "Asking ahead most": f"{interval(best)} at {best['percentage']:g} %",
                "Asking ahead": a,
                "Draw ahead": b,
                "Asking needs (% of labels)": f"{_at_most(place, first)}, {place['outcome']}",
            }
        )
    caption = (
        f"Recordings asked for instead of drawn: paired difference in {name_of(metric)}, asking "
        "minus drawn, with its 95 % interval; at how many label budgets either is ahead (95 %, all "
        "budgets at once); and the % of the labels at which asking reaches what the draw does with "
        "all"
    )
    return Sheet("queries", caption, pd.DataFrame(lines))


def chance_sheet(comparison: pd.DataFrame, metric: str) -> Sheet:
    """Say of every system whether it is above chance."""
    rows = select(comparison, "chance", metric=metric)
    one, lines = _of_one_budget(rows), []
    for classifier, name, of_system in by_system(rows, "representation_a"):
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


def _of_one_budget(rows: pd.DataFrame) -> bool:
    return bool(rows["percentage"].min() == rows["percentage"].max())


def _ahead(differences: pd.DataFrame, one: bool) -> dict[str, int | str]:
    """Count the budgets where either of a pair is ahead; of one budget, say who is."""
    a, b = _sides(differences)
    if one:
        return {"Outcome": "First ahead" if a else "Second ahead" if b else "Not resolved"}
    total = len(differences)
    return {"Budgets": total, "First ahead": a, "Second ahead": b, "Not resolved": total - a - b}


def _sides(differences: pd.DataFrame) -> tuple[int, int]:
    """Count the budgets where the first is ahead, and those where the second is."""
    first, second = (int((differences["outcome"] == word).sum()) for word in (AHEAD, BEHIND))
    return first, second


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
    return {title: interval(last), "p": p_text(last["p_value"]), "p (Holm)": p_text(last["p_holm"])}
