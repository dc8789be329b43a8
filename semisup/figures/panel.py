"""Small multiples: one panel a name, shared axes, one title above and one legend under all.

In: names and a function that draws one of them on an Axes. Out: a Figure.
"""

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from semisup.comparison import MEAN
from semisup.figures.look import look
from semisup.figures.style import dress, new_figure, plain, words
from semisup.figures.wrapping import panels_of, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

#: Panels side by side at most, and how many letters wide each must be.
COLUMNS, NARROWEST = 3, 12


def name_of(classifier: str) -> str:
    """Write a classifier's name, or what stands for all of them."""
    return "Mean of all classifiers" if classifier == MEAN else words(classifier)


def labels_used(budget: float) -> str:
    """Write a label budget, in a title or within a sentence.

    Examples
    --------
    >>> labels_used(100.0), labels_used(2.5)
    ('all labels', '2.5 % of the labels')
    """
    return "all labels" if budget == 100 else f"{budget:g} % of the labels"


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
    sizes = look()
    width = sizes.several if len(names) > 1 else sizes.one
    columns = columns_of(width, len(names))
    rows = ceil(len(names) / columns)
    across = (width - 4 * sizes.em) / columns
    # a panel has a title of a line, and all of them numbers and words below
    figure = new_figure(width, rows * (across * sizes.aspect + 2 * sizes.em) + 3 * sizes.em)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, name in zip(grid, names, strict=False):
        draw(ax, name)
        dress(ax, name_of(name), is_panel=True)
    for ax in grid[len(names) :]:
        ax.remove()
    for ax in grid[max(0, len(names) - columns) : len(names)]:
        # shared axes have numbers in the last row alone, whose last panels may be gone
        ax.tick_params(labelbottom=True)
        ax.set_xlabel(x, fontsize=sizes.text)
    for ax in grid[: len(names) : columns]:
        ax.set_ylabel(y, fontsize=sizes.text)
    explain(figure, grid[: len(names)])
    return figure


def columns_of(width: float, panels: int, narrowest: float = NARROWEST, most: int = COLUMNS) -> int:
    """Return how many panels stand side by side, each so many heights of a letter wide or more.

    Rows have equally many where that takes no row more.
    """
    columns = max(1, min(most, panels, int(width / (narrowest * look().em))))
    return ceil(panels / ceil(panels / columns))


def head(figure: "Figure", title: str) -> None:
    """Write a title above all panels, in the place of one that is there; the figure grows by it."""
    before, size = figure.get_suptitle(), look().title
    lines = wrapped(title, 0.96 * figure.get_figwidth(), size)
    figure.suptitle(lines, fontsize=size)
    figure.set_figheight(figure.get_figheight() + _height(lines) - _height(before))


def _height(title: str) -> float:
    return (1.25 * (title.count("\n") + 1) * look().title / 72 + 0.08) if title else 0.0


def entitle(figure: "Figure", title: str) -> None:
    """Write another title, of the one Axes that a figure has, or above all of them."""
    panels = panels_of(figure)
    if len(panels) == 1:
        panels[0].set_title(plain(title), fontsize=look().title)
    else:
        head(figure, plain(title))


def explain(
    figure: "Figure | SubFigure", axes: Iterable["Axes"], columns: int = 4, title: str = ""
) -> None:
    """Put one legend under all panels, with every label that is in any of them.

    It has as many columns as there is room for, and the figure grows by it.

    Parameters
    ----------
    figure : Figure
    axes : iterable of Axes
    columns : int
        At most.
    title : str
        Above the legend.
    """
    handles = {
        text: handle
        for ax in axes
        for handle, text in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    if handles:
        legend_below(figure, list(handles.values()), list(handles), columns, title)


def explain_axes(ax: "Axes", is_alone: bool) -> None:
    """Put the legend of one Axes below it, or inside if its figure is the caller's.

    Such a figure may leave no room below, and inside a legend hides what it lies on.
    """
    if is_alone:
        explain(figure_of(ax), [ax])
    else:
        ax.legend(loc="best", fontsize=look().tick, framealpha=0.85, edgecolor="none")


def legend_below(
    figure: "Figure | SubFigure",
    handles: Sequence[Any],
    labels: Sequence[str],
    columns: int = 4,
    title: str = "",
) -> None:
    """Put a legend of these handles and labels under all panels, as `explain` does."""
    size = look().tick
    # the handle, and the room around it
    room = 0.98 * figure.bbox.width / figure.dpi - 3.4 * size / 72
    entries = handles, [wrapped(label, room, size) for label in labels]
    style: dict[str, Any] = {"loc": "outside lower center", "fontsize": size, "frameon": False}
    style |= {"title": title or None, "title_fontsize": size, "columnspacing": 1.2}
    columns = min(columns, len(labels))
    made = figure.legend(*entries, ncols=columns, **style)
    while columns > 1 and made.get_window_extent().width > 0.99 * figure.bbox.width:
        made.remove()
        columns -= 1
        made = figure.legend(*entries, ncols=columns, **style)
    top = figure.figure
    assert top
    top.set_figheight(top.get_figheight() + made.get_window_extent().height / figure.dpi)


def figure_of(ax: "Axes") -> "Figure":
    """Return the figure of an Axes that was drawn alone."""
    from matplotlib.figure import Figure

    assert isinstance(ax.figure, Figure)
    return ax.figure
