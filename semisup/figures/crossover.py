"""Crossovers: the label budget where the sign of a difference changes, with its interval.

In: `comparison.csv`. Out: a table, and a diamond with a whisker on an Axes.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.figures.paired import select
from semisup.figures.style import GREY, phrase

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CROSSING = "crossing"


def crossover_table(comparison: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the crossover of every classifier and pair.

    Returns
    -------
    DataFrame
        Columns classifier, representation_a, representation_b, percentage (NaN without a
        crossing), low, high, outcome ("crossing", "none", "always" or "not resolved").
    """
    keys = ["classifier", "representation_a", "representation_b"]
    rows = select(comparison, "crossover", metric=metric).drop(columns="percentage")
    rows = rows.rename(columns={"value": "percentage"})
    return rows[[*keys, "percentage", "low", "high", "outcome"]].reset_index(drop=True)


def draw_crossover(
    ax: "Axes",
    comparison: pd.DataFrame,
    case: tuple[str, str, str, str],
    colour: str,
    height: float | None = None,
) -> None:
    """Mark one crossover; nothing where there is none.

    Parameters
    ----------
    ax : Axes
        Its x axis is the label budget in percent.
    comparison : DataFrame
    case : (classifier, metric, a, b)
    colour : str
        That of a.
    height : float, optional
        Share of the Axes; on the zero line if left out.
    """
    classifier, metric, a, b = case
    table = crossover_table(comparison, metric)
    keys = {"classifier": classifier, "representation_a": a, "representation_b": b}
    for column, name in keys.items():
        table = table[table[column] == name]
    for row in table[table["outcome"] == CROSSING].to_dict("records"):
        _mark(ax, row, colour, height)


def _mark(ax: "Axes", row: dict, colour: str, height: float | None) -> None:
    at, low, high = (float(row[name]) for name in ("percentage", "low", "high"))
    ends = [end if np.isfinite(end) else at for end in (low, high)]
    transform = ax.transData if height is None else ax.get_xaxis_transform()
    ax.errorbar(
        at,
        height or 0.0,
        xerr=[[max(at - ends[0], 0)], [max(ends[1] - at, 0)]],
        fmt="D",
        color=colour,
        markersize=4,
        markeredgecolor="white",
        markeredgewidth=0.6,
        elinewidth=1.2,
        capsize=2,
        transform=transform,
        zorder=4,
    )


def explain_crossovers(ax: "Axes", baseline: str = "") -> None:
    """Say in the legend what the diamonds are, where there are any."""
    from matplotlib.container import ErrorbarContainer

    if not any(isinstance(drawn, ErrorbarContainer) for drawn in ax.containers):
        return
    other = f" with {phrase(baseline)}" if baseline else ""
    look: dict[str, Any] = {"marker": "D", "linestyle": "-", "markersize": 4, "linewidth": 1.6}
    ax.plot([], [], color=GREY, **look, label=f"Crossover{other}, 95 % interval")
