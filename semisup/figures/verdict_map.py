"""Map of verdicts: who is ahead by classifier and label budget, and by how much.

In: how one representation stands against another. Out: an Axes. What the data do not tell is white;
the darker a cell of either colour, the larger the difference. Page and figure read the same grid.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.comparison import MEAN
from semisup.comparison.standing import Standing
from semisup.comparison.told import AHEAD, BEHIND, GUESSING
from semisup.figures.learning_curve import X_LABEL
from semisup.figures.look import look
from semisup.figures.panel import legend_below, name_of
from semisup.figures.style import COLOURS, GREY, dress, line_styles, new_axes, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: With more label budgets than this, cells are too narrow for numbers.
MOST_NUMBERS = 12
#: The palest that a cell is where somebody is ahead: it must not be taken for white.
PALEST = 0.3
#: Stripes of the second, so that the map can be read in grey.
HATCH = "////"


class Grid(NamedTuple):
    """What the map shows, the mean of the classifiers first.

    Parameters
    ----------
    classifiers : list of str
    words, values, shades : ndarray of shape (classifiers, budgets)
        Who is ahead; the difference, first less second; and how dark a cell is, 0 where nobody is
        ahead, else from `PALEST` to 1.
    largest : float
        The largest difference of all cells that have a colour; 0 where none has.
    """

    classifiers: list[str]
    words: np.ndarray
    values: np.ndarray
    shades: np.ndarray
    largest: float


def verdict_grid(one: Standing) -> Grid:
    """Lay out who is ahead by classifier and label budget."""
    names = [MEAN] * (MEAN in one.told) + one.classifiers
    told = np.array([one.told[name] for name in names])
    values = np.array([one.bands.loc[name, "value"].to_numpy() for name in names], dtype=float)
    resolved = np.isin(told, (AHEAD, BEHIND))
    largest = float(np.abs(values[resolved]).max()) if resolved.any() else 0.0
    # a difference of nothing is never resolved
    shades = PALEST + (1 - PALEST) * np.abs(values) / (largest or 1.0)
    return Grid(names, told, values, np.where(resolved, shades, 0.0), largest)


def plot_verdict_map(
    one: Standing, metric: str, ax: "Axes | None" = None, names: Sequence[str] = ()
) -> "Axes":
    """Draw the map.

    Parameters
    ----------
    one : Standing
    metric : str
        What was compared.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    names : sequence of str
        All representations in the study's order, from which the colours follow.
    """
    grid = verdict_grid(one)
    if ax is None:
        # title, numbers and label beside two lines for each classifier
        ax = new_axes(look().several, (6 + 2.2 * len(grid.classifiers)) * look().em)
    colours = colours_of(one, names)
    _draw(ax, grid, colours)
    dress(ax, f"{words(metric)}: who is ahead, and by how much", X_LABEL)
    _name_cells(ax, grid, one.budgets)
    _explain(ax, one, colours, grid)
    return ax


def colours_of(one: Standing, names: Sequence[str] = ()) -> dict[str, str]:
    """Return the colour of either side: that of its curve, but never one for both."""
    styles = line_styles(names or (one.second, one.first))
    first, second = styles[one.first]["color"], styles[one.second]["color"]
    other = next(colour for colour in COLOURS if colour != second)
    return {AHEAD: first if first != second else other, BEHIND: second}


def _draw(ax: "Axes", grid: Grid, colours: dict[str, str]) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    picture = np.ones((*grid.words.shape, 3))
    for side, colour in colours.items():
        at = grid.words == side
        shade = grid.shades[at][:, None]
        picture[at] = shade * np.array(to_rgb(colour)) + (1 - shade)
    ax.imshow(picture, aspect="auto", interpolation="nearest")
    for row, column in np.argwhere(np.isin(grid.words, (BEHIND, GUESSING))):
        hatch, edge = (HATCH, "white") if grid.words[row, column] == BEHIND else ("...", GREY)
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(Rectangle(corner, 1, 1, fill=False, hatch=hatch, edgecolor=edge, linewidth=0))


def _name_cells(ax: "Axes", grid: Grid, budgets: np.ndarray) -> None:
    rows, columns = grid.words.shape
    ax.grid(visible=False)
    ax.set_yticks(range(rows), [name_of(name) for name in grid.classifiers], fontsize=look().tick)
    # counted from the last, which is the one that all studies have: 100 %
    shown = list(range(columns - 1, -1, -max(1, round(columns / 10))))
    ax.set_xticks(shown, [f"{budgets[place]:g}" for place in shown], fontsize=look().tick)
    ax.spines[["top", "right"]].set_visible(True)
    for edge in range(1, rows):
        first = edge == 1 and grid.classifiers[0] == MEAN
        ax.axhline(edge - 0.5, color=GREY if first else "#dddddd", linewidth=1.5 if first else 0.6)
    if not grid.largest:
        middle = (columns - 1) / 2, (rows - 1) / 2
        ax.text(*middle, "nothing is resolved", ha="center", va="center", fontsize=look().text)
    if columns > MOST_NUMBERS:
        return
    for (row, column), shade in np.ndenumerate(grid.shades):
        if shade:
            text = f"{abs(grid.values[row, column]):.2f}".replace("0.", ".", 1)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85}
            ax.text(column, row, text, ha="center", va="center", fontsize=look().tick, bbox=box)


def _explain(ax: "Axes", one: Standing, colours: dict[str, str], grid: Grid) -> None:
    from matplotlib.patches import Patch

    sides = ((AHEAD, one.first, ""), (BEHIND, one.second, HATCH))
    handles = [
        Patch(facecolor=colours[side], edgecolor="white", hatch=hatch, label=f"{words(name)} ahead")
        for side, name, hatch in sides
    ]
    handles.append(Patch(facecolor="white", edgecolor=GREY, label="not resolved"))
    if (grid.words == GUESSING).any():
        label = "resolved, but not from chance"
        handles.append(Patch(facecolor="white", edgecolor=GREY, hatch="...", label=label))
    darkest = f"; the darkest: {grid.largest:.2f}" if grid.largest else ""
    legend_below(
        ax.figure,
        handles,
        [str(handle.get_label()) for handle in handles],
        columns=2,
        title=f"95 %, all budgets at once{darkest}",
    )
