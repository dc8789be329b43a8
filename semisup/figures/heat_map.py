"""Heat map of a difference: classifiers down, label budgets across.

In: `comparison.csv`. Out: an Axes. Colours run from that of b over white (no difference) to that of
a; what the simultaneous band resolves is hatched, so that the map can be read in grey.
"""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.comparison import MEAN
from semisup.figures.difference import difference_table, title_of
from semisup.figures.learning_curve import X_LABEL
from semisup.figures.look import look
from semisup.figures.paired import representations, stretches
from semisup.figures.panel import figure_of, legend_below, name_of
from semisup.figures.style import (
    GREY,
    dress,
    line_styles,
    new_axes,
    words,
)
from semisup.figures.wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

_HATCHES = {1: "////", -1: "...."}


def difference_grid(
    comparison: pd.DataFrame, metric: str, a: str, b: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay out the difference a - b, and who is ahead, by classifier and budget.

    Returns
    -------
    values, ahead : DataFrame of shape (classifiers, budgets)
        `ahead` as `difference_table` has it. The mean of all classifiers comes last.
    """
    table = difference_table(comparison, metric, a, b)
    order = sorted(table["classifier"].unique(), key=lambda name: name == MEAN)
    values, ahead = (
        table.pivot_table(column, "classifier", "percentage").reindex(order)
        for column in ("value", "ahead")
    )
    return values, ahead.fillna(0).astype(int)


def plot_heat_map(
    comparison: pd.DataFrame,
    a: str,
    b: str,
    metric: str = "f1_weighted",
    ax: "Axes | None" = None,
    names: Sequence[str] = (),
) -> "Axes":
    """Draw the difference a - b of all classifiers.

    Parameters
    ----------
    comparison : DataFrame
        As `comparison.csv` has it.
    a, b : str
        A pair of it.
    metric : str
        One that was compared.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    names : sequence of str
        All representations in the study's order, from which the colours follow.
    """
    values, ahead = difference_grid(comparison, metric, a, b)
    if ax is None:
        # title, numbers, label and legend beside a line and a half for each classifier
        ax = new_axes(look().several, (7 + 2.2 * len(values)) * look().em)
    styles = line_styles(names or representations(comparison))
    image = _draw(ax, values, styles[a]["color"], styles[b]["color"])
    for row, signs in enumerate(ahead.to_numpy()):
        for first, last, sign in stretches(signs.tolist()):
            _hatch(ax, first, last, row, sign)
    dress(ax, f"{words(metric)}: {title_of(a, b)}", X_LABEL)
    _name_cells(ax, values)
    bar = ax.figure.colorbar(image, ax=ax, aspect=12, pad=0.02)
    bar.set_label("Difference", fontsize=look().text)
    bar.ax.tick_params(labelsize=look().tick)
    _explain(ax, ahead, words(a), words(b))
    return ax


def _draw(ax: "Axes", values: pd.DataFrame, ahead: str, behind: str) -> "AxesImage":
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("difference", [behind, "#ffffff", ahead])
    # as far down as up, so that white is no difference; not 0 where all are the same
    limit = max(float(np.nanmax(np.abs(values.to_numpy()))), 1e-6)
    return ax.imshow(
        values.to_numpy(dtype=float),
        cmap=colours.with_extremes(bad="#eeeeee"),
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
    )


def _hatch(ax: "Axes", first: int, last: int, row: int, sign: int) -> None:
    from matplotlib.patches import Rectangle

    corner = (first - 0.5, row - 0.5)
    ax.add_patch(
        Rectangle(
            corner,
            last - first + 1,
            1,
            fill=False,
            hatch=_HATCHES[sign],
            edgecolor="black",
            linewidth=0.9,
            alpha=0.75,
        )
    )


def _name_cells(ax: "Axes", values: pd.DataFrame) -> None:
    ax.grid(visible=False)
    room = 0.3 * _width(ax)
    names = [wrapped(name_of(name), room, look().tick) for name in values.index]
    ax.set_yticks(range(len(values)), names, fontsize=look().tick)
    budgets = [float(budget) for budget in values.columns]
    # a number has room every four letters
    shown = _places(budgets, int(0.6 * _width(ax) / (4 * look().em)))
    ax.set_xticks(shown, [f"{budgets[i]:g}" for i in shown], fontsize=look().tick)
    if values.index[-1] == MEAN and len(values) > 1:
        ax.axhline(len(values) - 1.5, color=GREY, linewidth=1.5)


def _places(budgets: Sequence[float], most: int) -> list[int]:
    """Return the places of so many budgets at most, round ones where they are evenly spaced."""
    steps = np.diff(budgets)
    is_even = len(steps) > 1 and np.allclose(steps, steps[0])
    for step in (5, 10, 20, 25, 50):
        rounds = [place for place, budget in enumerate(budgets) if budget % step == 0]
        if is_even and 1 < len(rounds) <= most < len(budgets):
            return rounds
    # Counted from the last, which is the one that all studies have: 100 %.
    return list(range(len(budgets) - 1, -1, -max(1, ceil(len(budgets) / most))))


def _width(ax: "Axes") -> float:
    """Return the width of the figure in inches."""
    return figure_of(ax).get_figwidth()


def _explain(ax: "Axes", ahead: pd.DataFrame, a: str, b: str) -> None:
    from matplotlib.patches import Patch

    handles = [
        # denser than on the map: a patch of the legend is small
        Patch(fill=False, hatch=_HATCHES[sign] * 2, edgecolor="black", label=f"{name} ahead")
        for sign, name in ((1, a), (-1, b))
        if (ahead == sign).any(axis=None)
    ]
    labels = [str(handle.get_label()) for handle in handles]
    if handles:
        legend_below(figure_of(ax), handles, labels, 2, "At 95 %, all budgets at once")
    else:
        nobody = "Neither is ahead at any budget (95 %, all budgets at once)"
        legend_below(figure_of(ax), [Patch(alpha=0)], [nobody])
