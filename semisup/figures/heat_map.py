"""Heat map of a difference: classifiers down, label budgets across.

In: `comparison.csv`. Out: an Axes. Colours run from that of b over white (no difference) to that of
a; what the simultaneous band resolves is hatched, so that the map can be read in grey.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.comparison import MEAN
from semisup.figures.difference import difference_table
from semisup.figures.learning_curve import X_LABEL
from semisup.figures.paired import representations, stretches
from semisup.figures.panel import name_of
from semisup.figures.style import (
    GREY,
    TEXT_SIZE,
    TICK_SIZE,
    dress,
    line_styles,
    new_axes,
    words,
)

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
    ax = new_axes((7.2, 1.5 + 0.34 * len(values))) if ax is None else ax
    styles = line_styles(names or representations(comparison))
    image = _draw(ax, values, styles[a]["color"], styles[b]["color"])
    for row, signs in enumerate(ahead.to_numpy()):
        for first, last, sign in stretches(signs.tolist()):
            _hatch(ax, first, last, row, sign)
    dress(ax, f"{words(metric)}: {words(a)} minus {words(b)}", X_LABEL)
    _name_cells(ax, values)
    bar = ax.figure.colorbar(image, ax=ax, aspect=12, pad=0.02)
    bar.set_label("Difference", fontsize=TEXT_SIZE)
    bar.ax.tick_params(labelsize=TICK_SIZE)
    _explain(ax, words(a), words(b))
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
    ax.set_yticks(range(len(values)), [name_of(name) for name in values.index], fontsize=TICK_SIZE)
    budgets = values.columns
    every = max(1, round(len(budgets) / 10))
    # Counted from the last, which is the one that all studies have: 100 %.
    shown = list(range(len(budgets) - 1, -1, -every))
    ax.set_xticks(shown, [f"{budgets[i]:g}" for i in shown], fontsize=TICK_SIZE)
    if values.index[-1] == MEAN and len(values) > 1:
        ax.axhline(len(values) - 1.5, color=GREY, linewidth=1.5)


def _explain(ax: "Axes", a: str, b: str) -> None:
    from matplotlib.patches import Patch

    handles = [
        # denser than on the map: a patch of the legend is small
        Patch(fill=False, hatch=_HATCHES[sign] * 2, edgecolor="black", label=f"{name} ahead")
        for sign, name in ((1, a), (-1, b))
    ]
    ax.figure.legend(
        handles=handles,
        title="Resolved at 95 %, all budgets at once",
        loc="outside lower center",
        ncols=2,
        fontsize=TICK_SIZE,
        title_fontsize=TICK_SIZE,
        frameon=False,
    )
