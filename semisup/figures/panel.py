"""Small multiples: one panel a name, shared axes, one legend under all.

In: names and a function that draws one of them on an Axes. Out: a Figure.
"""

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from semisup.comparison import MEAN
from semisup.figures.style import TEXT_SIZE, TICK_SIZE, dress, new_figure, widest_legend, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3


def name_of(classifier: str) -> str:
    """Write a classifier's name, or what stands for all of them."""
    return "Mean of all classifiers" if classifier == MEAN else words(classifier)


def small_multiples(
    names: Sequence[str], draw: Callable[["Axes", str], object], x: str, y: str
) -> "Figure":
    """Draw one panel a name.

    Parameters
    ----------
    names : sequence of str
        Classifiers, in the order of the panels.
    draw : callable
        Called with the Axes and the name.
    x, y : str
        Axis labels, written at the lowest panel of each column and the first of each row.
    """
    columns = min(COLUMNS, len(names))
    rows = ceil(len(names) / columns)
    figure = new_figure(max(2.6 * columns, 4.2), 2.3 * rows + 0.8)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, name in zip(grid, names, strict=False):
        draw(ax, name)
        dress(ax, name_of(name))
    for ax in grid[len(names) :]:
        ax.remove()
    for ax in grid[max(0, len(names) - columns) : len(names)]:
        # shared axes have numbers in the last row alone, whose last panels may be gone
        ax.tick_params(labelbottom=True)
        ax.set_xlabel(x, fontsize=TEXT_SIZE)
    for ax in grid[: len(names) : columns]:
        ax.set_ylabel(y, fontsize=TEXT_SIZE)
    explain(figure, grid[: len(names)], max(2, columns))
    return figure


def explain(figure: "Figure", axes: Iterable["Axes"], columns: int) -> None:
    """Put one legend under all panels, with every label that is in any of them."""
    handles = {
        text: handle
        for ax in axes
        for handle, text in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    if handles:
        entries = list(handles.values()), list(handles)
        look: dict[str, Any] = {
            "loc": "outside lower center",
            "fontsize": TICK_SIZE,
            "frameon": False,
        }
        widest_legend(figure, lambda ncols: figure.legend(*entries, ncols=ncols, **look), columns)
