"""All systems side by side at one label budget.

In: `summary.csv`. Out: a Figure, one row a system with its 95 % interval, grouped by classifier.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from semisup.comparison import SUMMARY_COLUMNS, require_columns
from semisup.errors import TableError
from semisup.figures._panel import explain
from semisup.figures._style import (
    GREY,
    TEXT_SIZE,
    TICK_SIZE,
    TITLE_SIZE,
    dress,
    line_styles,
    new_figure,
    plain,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def systems_table(summary: pd.DataFrame, metric: str, percentage: float) -> pd.DataFrame:
    """Pick the scores of every system at a label budget, best last within each classifier.

    Returns
    -------
    DataFrame
        classifier, representation, mean, low, high; classifiers in the order of the summary.

    Raises
    ------
    TableError
        If a column is missing or there is no such metric or budget.
    """
    table = require_columns(summary, SUMMARY_COLUMNS, "summary")
    rows = table[(table["metric"] == metric) & (table["percentage"] == percentage)]
    if rows.empty:
        raise TableError(f"The summary has no {metric} at {percentage:g} % of the labels")
    order = {name: place for place, name in enumerate(table["classifier"].unique())}
    ordered = rows.assign(place=rows["classifier"].map(order)).sort_values(["place", "mean"])
    return ordered[["classifier", "representation", "mean", "low", "high"]].reset_index(drop=True)


def plot_systems(
    summary: pd.DataFrame,
    metric: str = "f1_weighted",
    percentage: float | None = None,
    chance: float | None = None,
    notes: Mapping[str, str] | None = None,
) -> "Figure":
    """Draw every system's score and interval.

    Parameters
    ----------
    summary : DataFrame
        As `summary.csv` has it.
    metric : str
        One of the summary's.
    percentage : float, optional
        Label budget; the largest if left out.
    chance : float, optional
        Level of chance.
    notes : mapping of str to str, optional
        What stands behind a representation's name.
    """
    budget = float(summary["percentage"].max()) if percentage is None else percentage
    table = systems_table(summary, metric, budget)
    classifiers = list(table["classifier"].unique())
    styles = line_styles(summary["representation"].unique())
    figure = new_figure(5.2, 0.9 + 0.2 * len(table) + 0.3 * len(classifiers))
    heights = [1 + len(rows) for _, rows in table.groupby("classifier", sort=False)]
    grid = figure.subplots(len(classifiers), sharex=True, squeeze=False, height_ratios=heights)
    for ax, name in zip(grid[:, 0], classifiers, strict=True):
        _draw(ax, table[table["classifier"] == name], styles, notes or {})
        dress(ax, words(name))
        if chance is not None:
            ax.axvline(chance, color=GREY, linestyle=":", label=f"Chance ({chance:.2f})")
    figure.suptitle(f"{budget:g} % of the labels", fontsize=TITLE_SIZE)
    grid[-1, 0].set_xlabel(f"{words(metric)}, 95 % interval", fontsize=TEXT_SIZE)
    if chance is not None:
        explain(figure, grid[:, 0], 1)
    return figure


def _draw(ax: "Axes", rows: pd.DataFrame, styles: dict, notes: Mapping[str, str]) -> None:
    for height, row in enumerate(rows.itertuples()):
        style = styles[row.representation]
        ax.plot([row.low, row.high], [height, height], color=style["color"], linewidth=1.6)
        ax.plot(row.mean, height, color=style["color"], marker=style["marker"], markersize=5)
    labels = [
        words(name) + (f", {plain(notes[name])}" if name in notes else "")
        for name in rows["representation"]
    ]
    ax.set_yticks(range(len(rows)), labels, fontsize=TICK_SIZE)
    ax.set_ylim(-0.6, len(rows) - 0.4)
