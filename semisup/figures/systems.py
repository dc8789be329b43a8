"""All systems side by side at one label budget.

In: `summary.csv`. Out: a Figure of two panels, a metric and the one beside it, one row a system
with its 95 % interval, the best by the first metric on top.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from semisup.comparison import SUMMARY_COLUMNS, require_columns, require_metric
from semisup.errors import TableError
from semisup.figures.look import look
from semisup.figures.panel import explain, head, labels_used
from semisup.figures.style import (
    COLOURS,
    GREY,
    dress,
    line_styles,
    new_figure,
    phrase,
    plain,
    words,
)
from semisup.figures.wrapping import wrapped
from semisup.study.controls import controlled, without_controls

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Heights of a letter that a figure must be wide for two panels beside the names.
_TWO_PANELS = 45
_SYSTEM = ["classifier", "representation"]


def metrics_beside(metric: str, there: Collection[str] | None = None) -> tuple[str, ...]:
    """Return a metric and the one that a reader wants beside it, if it is among those there.

    Parameters
    ----------
    metric : str
    there : collection of str, optional
        The metrics that are known; all if left out.

    Examples
    --------
    >>> metrics_beside("uar"), metrics_beside("accuracy")
    (('uar', 'accuracy'), ('accuracy', 'f1_macro'))
    """
    beside = require_metric(metric).beside
    return (metric, beside) if there is None or beside in there else (metric,)


def systems_table(
    summary: pd.DataFrame, metrics: Sequence[str], percentage: float | None = None
) -> pd.DataFrame:
    """Pick the scores of every system at a label budget, best by the first metric first.

    Parameters
    ----------
    summary : DataFrame
        As `summary.csv` has it.
    metrics : sequence of str
        Some of the summary's.
    percentage : float, optional
        Label budget; the largest if left out.

    Returns
    -------
    DataFrame
        classifier, representation, then ``<metric>``, ``<metric>_low`` and ``<metric>_high`` of
        each metric. Equal systems keep the order of the summary.

    Raises
    ------
    TableError
        If a column is missing or there is no such metric or budget.
    """
    table = require_columns(summary, SUMMARY_COLUMNS, "summary")
    budget = float(table["percentage"].max()) if percentage is None else percentage
    at = table[table["percentage"] == budget]
    systems = at[_SYSTEM].drop_duplicates()
    for metric in metrics:
        rows = at[at["metric"] == metric]
        if rows.empty:
            raise TableError(f"The summary has no {metric} at {budget:g} % of the labels")
        names = {"mean": metric, "low": f"{metric}_low", "high": f"{metric}_high"}
        systems = systems.merge(rows.rename(columns=names)[[*_SYSTEM, *names.values()]], on=_SYSTEM)
    return systems.sort_values(metrics[0], ascending=False, kind="stable", ignore_index=True)


def plot_systems(
    summary: pd.DataFrame,
    metric: str = "f1_weighted",
    percentage: float | None = None,
    chance: Mapping[str, float | None] | None = None,
    notes: Mapping[str, str] | None = None,
) -> "Figure":
    """Draw every system's scores and intervals by a metric and the one beside it.

    Parameters
    ----------
    summary : DataFrame
        As `summary.csv` has it.
    metric : str
        One of the summary's; systems are ordered by it.
    percentage : float, optional
        Label budget; the largest if left out.
    chance : mapping of str to float or None, optional
        Level of chance by metric.
    notes : mapping of str to str, optional
        What is written after a representation's name.
    """
    budget = float(summary["percentage"].max()) if percentage is None else percentage
    metrics = metrics_beside(metric, set(summary["metric"]))
    table = systems_table(summary, metrics, budget)
    names, title = _names(table, notes or {})
    sizes = look()
    # the names have nearly half of the width, the other metric a panel where there is room for two
    shown = metrics if sizes.several > _TWO_PANELS * sizes.em else metrics[:1]
    names = [wrapped(name, 0.45 * sizes.several, sizes.tick) for name in names]
    lines = np.array([name.count("\n") + 1.4 for name in names])
    figure = new_figure(sizes.several, 1.1 * lines.sum() * sizes.tick / 72 + 4.5 * sizes.em)
    places = np.cumsum(lines) - lines / 2
    colours = _colours(summary["representation"].unique(), table["representation"])
    panels = figure.subplots(1, len(shown), sharex=True, sharey=True, squeeze=False).ravel()
    for ax, name in zip(panels, shown, strict=True):
        _draw(ax, table, places, name, colours, (chance or {}).get(name))
    ax = panels[0]
    ax.set_yticks(places, names, fontsize=sizes.tick)
    ax.set_ylim(lines.sum() + 0.2, -0.2)  # upside down: the best on top
    # bars begin at 0, but a score such as kappa may be below it
    lowest = table[[f"{name}_low" for name in shown] + list(shown)].min(axis=None)
    ax.set_xlim(left=min(0, 1.05 * lowest))
    head(figure, f"{title}, {labels_used(budget)}")
    explain(figure, panels)
    return figure


def _names(table: pd.DataFrame, notes: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the name of each row, and what is the same in all and goes into the title."""
    is_one = len(set(table["classifier"])) == 1
    kinds = [
        (words if is_one else phrase)(name) + (f", {plain(notes[name])}" if name in notes else "")
        for name in table["representation"]
    ]
    classifiers = [words(name) for name in table["classifier"]]
    if is_one:
        return kinds, classifiers[0]
    return [f"{a} on {b}" for a, b in zip(classifiers, kinds, strict=True)], "Every system"


def _colours(names: Sequence[str], rows: Iterable[str]) -> list[str]:
    """Return each row's colour as curves have it; one for all where two kinds would share one."""
    if len(without_controls(names)) > len(COLOURS):
        return [COLOURS[0] for _ in rows]
    styles = line_styles(names)
    return [styles[name]["color"] for name in rows]


def _draw(
    ax: "Axes",
    table: pd.DataFrame,
    places: NDArray[np.float64],
    metric: str,
    colours: list[str],
    chance: float | None,
) -> None:
    low, high = (table[f"{metric}_{end}"] for end in ("low", "high"))
    ax.barh(places, table[metric], height=1.0, color=colours)
    names = list(table["representation"])
    for bar, name in zip(ax.patches, names, strict=True):
        # controls are paler than what they are controls of
        bar.set_alpha(0.25 if controlled(name, names) else 0.55)
    ax.hlines(places, low, high, color="#000000", linewidth=1.3)
    if np.isfinite(low).any():
        ax.plot([], [], color="#000000", linewidth=1.3, label="95 % interval")
    dress(ax, x=words(metric))
    if chance is not None:
        ax.axvline(chance, color=GREY, linestyle=":", linewidth=1.4, label="Chance")
        dress(ax, x=f"{words(metric)} (chance: {chance:.2f})")
    ax.grid(visible=False, axis="y")
