"""Which features matter: the drop of a score where features of the test rows are permuted.

In: `importance.csv`. Out: a Figure of bars with their 95 % intervals, the largest drop on top: the
groups, and below them the single features that matter most.
"""

from typing import TYPE_CHECKING

import pandas as pd

from semisup.comparison import require_columns
from semisup.comparison.importance import IMPORTANCE_COLUMNS
from semisup.errors import TableError
from semisup.figures.look import look
from semisup.figures.panel import explain, head, labels_used, name_of
from semisup.figures.style import (
    COLOURS,
    GREY,
    dress,
    label_text,
    lowered,
    new_figure,
    phrase,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Single features that are drawn.
MOST = 15
_TITLES = {"group": "Groups (number of features)", "feature": "Single features"}
_NAMES = {"zcr": "Zero crossings", "means": "All means", "deviations": "All deviations",
          "deltas": "All deltas"}  # fmt: skip


def importance_table(
    importance: pd.DataFrame,
    metric: str,
    representation: str | None = None,
    classifier: str | None = None,
) -> pd.DataFrame:
    """Pick the drops of one representation with one classifier, the largest first in each level.

    Parameters
    ----------
    importance : DataFrame
        As `importance.csv` has it.
    metric : str
        One of the table's.
    representation : str, optional
        The first of the table if left out.
    classifier : str, optional
        The mean of all if left out, where there are several.

    Raises
    ------
    TableError
        If a column is missing, or the table has no such system or metric.
    """
    table = require_columns(importance, IMPORTANCE_COLUMNS, "importance")
    name = representation or str(table["representation"].iloc[0])
    of_name = table[table["representation"] == name]
    classifiers = list(of_name["classifier"].unique())
    # the mean comes last, and of one classifier there is none
    chosen = classifier or (classifiers[-1] if classifiers else "")
    rows = of_name[(of_name["classifier"] == chosen) & (of_name["metric"] == metric)]
    if rows.empty:
        raise TableError(f"importance.csv has no {metric} of {chosen}@{name}")
    return rows.reset_index(drop=True)


def plot_importance(
    importance: pd.DataFrame,
    metric: str,
    representation: str | None = None,
    classifier: str | None = None,
) -> "Figure":
    """Draw what features are worth; parameters and errors as of `importance_table`."""
    table = importance_table(importance, metric, representation, classifier)
    panels = {
        level: rows.head(MOST if level == "feature" else len(rows))
        for level, rows in table.groupby("level", sort=False)
    }
    sizes = look()
    lines = [len(rows) + 4 for rows in panels.values()]
    figure = new_figure(sizes.one, 1.35 * sum(lines) * sizes.tick / 72 + 2.5 * sizes.em)
    axes = figure.subplots(
        len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": lines}
    ).ravel()
    # single features drop by little: each panel has a scale of its own
    drop = f"Drop of {phrase(metric)} (from {table['score'].iloc[0]:.2f})"
    for ax, (level, rows) in zip(axes, panels.items(), strict=True):
        _draw(ax, rows)
        dress(ax, _TITLES[level], drop, is_panel=True)
        ax.grid(visible=False, axis="y")
    name, of = table["representation"].iloc[0], str(table["classifier"].iloc[0])
    who = f"{lowered(name_of(of))} on {phrase(name)}"
    head(figure, f"Features permuted: {who}, {labels_used(table['percentage'].iloc[0])}")
    explain(figure, axes, columns=2)
    return figure


def row_name(row: pd.Series) -> str:
    """Write what was permuted: a feature as the table has it, a group with its size."""
    if row["level"] == "feature":
        return label_text(row["name"])
    return f"{_NAMES.get(row['name']) or words(row['name'])} ({row['features']})"


def resolved(rows: pd.DataFrame) -> pd.Series:
    """Tell which drops are no chance, by the band that holds for all of a level at once."""
    return (rows["low_simultaneous"] > 0) | (rows["high_simultaneous"] < 0)


def _draw(ax: "Axes", rows: pd.DataFrame) -> None:
    places, is_resolved = range(len(rows)), resolved(rows)
    for wanted, alpha, label in (
        (True, 0.75, "Drops (all of a panel at once, 95 %)"),
        (False, 0.25, "Not resolved"),
    ):
        chosen = [place for place, is_one in zip(places, is_resolved, strict=True)
                  if is_one == wanted]  # fmt: skip
        if chosen:
            values = rows["value"].iloc[chosen]
            ax.barh(chosen, values, color=COLOURS[0], alpha=alpha, height=0.8, label=label)
    ax.hlines(places, rows["low"], rows["high"], color="#000000", linewidth=1.1,
              label="95 % interval")  # fmt: skip
    ax.axvline(0, color=GREY, linewidth=0.8)
    names = [row_name(row) for _, row in rows.iterrows()]
    ax.set_yticks(places, names, fontsize=look().tick)
    ax.set_ylim(len(rows) - 0.4, -0.6)  # the largest on top
