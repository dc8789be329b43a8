"""Confusion matrices at chosen label budgets.

In: `predictions.parquet` and the labels of the test recordings. Out: a table of counts, and a
Figure: representations down, budgets across.
"""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from semisup.comparison import require_columns
from semisup.errors import TableError, UnknownNameError, nearest
from semisup.figures.look import look
from semisup.figures.panel import columns_of, head, labels_used, name_of
from semisup.figures.style import dress, new_figure, plain, shortened, words
from semisup.figures.wrapping import width_of, wrapped
from semisup.metrics import confusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

#: Letters that the name of a class may have: fewer where there are so many that room is scarce.
_LETTERS = (24, 16, 10)
#: Height of a line in that of its letters.
_LINE = 1.2
COLUMNS = ("representation", "classifier", "percentage", "draw", "recording", "predicted")
_CELL = ["representation", "classifier", "percentage"]


def confusion_table(
    predictions: pd.DataFrame,
    labels: pd.Series,
    classes: Sequence[str],
    budgets: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Count how often each class was taken for each, over all draws.

    Parameters
    ----------
    predictions : DataFrame
        As `predictions.parquet` has it: `predicted` is the place of the class in `classes`.
    labels : Series of str
        The true class by recording.
    classes : sequence of str
        Sorted class names.
    budgets : sequence of float, optional
        Percentages to count; all if left out.

    Returns
    -------
    DataFrame
        Columns representation, classifier, percentage, true, predicted, count, share: of the
        true class's predictions.

    Raises
    ------
    TableError
        If a column is missing or a recording has no label among the classes.
    """
    table = require_columns(predictions, COLUMNS, "predictions")
    if budgets is not None:
        table = table[table["percentage"].isin(budgets)]
    place = {name: number for number, name in enumerate(classes)}
    # as text: a map of categories gives categories again, which are no numbers
    truth = table["recording"].astype(object).map(labels.map(place))
    if truth.isna().any():
        lacking = table.loc[truth.isna(), "recording"].iloc[0]
        raise TableError(f"The test recording {lacking} has no label among {', '.join(classes)}")
    rows = []
    coded = table.assign(true=truth.astype(int))
    for cell, rows_of_cell in coded.groupby(_CELL, sort=False, observed=True):
        counts = confusion(
            rows_of_cell["true"].to_numpy(),
            rows_of_cell["predicted"].to_numpy(dtype=np.int64),
            len(classes),
        )
        rows += [
            (
                *cell,
                classes[i],
                classes[j],
                int(counts[i, j]),
                counts[i, j] / max(counts[i].sum(), 1),
            )
            for i in range(len(classes))
            for j in range(len(classes))
        ]
    return pd.DataFrame(rows, columns=[*_CELL, "true", "predicted", "count", "share"])


def plot_confusions(table: pd.DataFrame, classifier: str, budget: float | None = None) -> "Figure":
    """Draw the matrices of one classifier at one label budget, a panel a representation.

    Parameters
    ----------
    table : DataFrame
        As `confusion_table` gives it.
    classifier : str
        One of the table's.
    budget : float, optional
        A percentage of the table's; the largest if left out.

    Returns
    -------
    Figure
        Cells have the percentage of the true class and, where there is room, how many predictions
        of all draws that are. Of very many classes they have their colours alone.

    Raises
    ------
    UnknownNameError
        If the table has no such classifier or budget.
    """
    classifiers, budgets = list(table["classifier"].unique()), sorted(table["percentage"].unique())
    if classifier not in classifiers:
        hint = nearest(classifier, classifiers)
        raise UnknownNameError(f"The predictions have no classifier '{classifier}'; {hint}")
    percentage = budgets[-1] if budget is None else budget
    if percentage not in budgets:
        hint = nearest(f"{percentage:g}", [f"{known:g}" for known in budgets])
        raise UnknownNameError(f"The predictions have no budget of {percentage:g} %; {hint}")
    is_asked = (table["classifier"] == classifier) & (table["percentage"] == percentage)
    counts = table[is_asked]
    names, classes = counts["representation"].unique(), list(counts["true"].unique())
    plan = _plan(len(names), classes)
    figure, grid = _grid(len(names), plan)
    for ax, name in zip(grid, names, strict=True):
        cells = counts[counts["representation"] == name]
        image = ax.imshow(_matrix(cells, "share", classes), cmap="Blues", vmin=0, vmax=1)
        title = wrapped(words(name), plan.side, look().text)
        dress(ax, title, ax.get_xlabel(), ax.get_ylabel(), is_panel=True)
        ax.grid(visible=False)
        ax.spines[:].set_visible(True)
    cell = _cell(figure, grid, plan)
    has_counts = _has_counts(cell, int(counts["count"].max()))
    if cell > width_of("100", look().tick):
        for ax, name in zip(grid, names, strict=True):
            _write(ax, counts[counts["representation"] == name], classes, has_counts)
    else:
        _add_scale(figure, grid, image)
    what = "percentage of each true class" + " (count over all draws)" * has_counts
    head(figure, f"{name_of(classifier)}, {labels_used(percentage)}: {what}")
    return figure


class _Plan(NamedTuple):
    """Sizes in inches: of a panel's side, of the figure, and of what stands beside and below."""

    texts: list[str]
    columns: int
    side: float
    width: float
    below: float

    @property
    def cell(self) -> float:
        return self.side / len(self.texts)

    @property
    def is_turned(self) -> bool:
        return max(width_of(text, look().tick) for text in self.texts) > 0.9 * self.cell


def _plan(panels: int, classes: Sequence[str]) -> _Plan:
    """Choose how many panels stand side by side: so many that their cells can be read."""
    sizes = look()
    line = _LINE * sizes.tick / 72
    for most in _LETTERS:
        texts = [plain(shortened(name, most)) for name in classes]
        names = max(width_of(text, sizes.tick) for text in texts)
        # names of classes stand at the left of the first panel alone
        room = sizes.several - names - 4 * sizes.em
        if room >= line * len(classes):
            break
    for cell in (1.15 * width_of("100", sizes.tick), line):
        # smaller panels without numbers, but with all names, where there is no room for numbers
        smallest = max(cell * len(classes) + sizes.em, 9 * sizes.em)
        columns = columns_of(room, panels, smallest / sizes.em, panels)
        # large cells of a few classes look empty
        side = min(room / columns - sizes.em, len(classes) * 4.5 * sizes.em)
        rows, beside = ceil(panels / columns), names + 3 * sizes.em
        tallest = (sizes.tallest - beside) / rows - 2 * sizes.em
        side = max(min(side, tallest), min(side, cell * len(classes)))
        height = rows * (side + 2 * sizes.em) + beside
        if smallest <= room and height <= sizes.tallest:
            break
    width = sizes.width or min(sizes.page, names + (4 + columns) * sizes.em + columns * side)
    return _Plan(texts, columns, side, width, names)


def _grid(panels: int, plan: _Plan) -> "tuple[Figure, list[Axes]]":
    """Make a figure of square panels, with the names of classes at the left and above.

    Above, as there is a panel in every column of the first row, but not of the last.
    """
    em, tick = look().em, look().tick
    rows = ceil(panels / plan.columns)
    below = (plan.below if plan.is_turned else em) + 3 * em
    figure = new_figure(plan.width, rows * (plan.side + 2 * em) + below)
    every = figure.subplots(rows, plan.columns, sharex=True, sharey=True, squeeze=False).ravel()
    for ax in every[panels:]:
        ax.remove()
    # names of very many classes would be written over each other
    step = ceil(_LINE * tick / 72 / plan.cell)
    places, texts = range(0, len(plan.texts), step), plan.texts[::step]
    for place, ax in enumerate(every[:panels]):
        ax.set_xticks(places, texts, rotation=90 if plan.is_turned else 0)
        ax.set_yticks(places, texts)
        is_first = place < plan.columns
        ax.tick_params(top=is_first, labeltop=is_first, bottom=False, labelbottom=False)
        ax.xaxis.set_label_position("top")
        ax.set_xlabel("Predicted class" if is_first else "", fontsize=look().text)
        ax.set_ylabel("" if place % plan.columns else "True class", fontsize=look().text)
    return figure, list(every[:panels])


def _cell(figure: "Figure", grid: Sequence["Axes"], plan: _Plan) -> float:
    """Return the width of a cell in inches, after the figure has the height that the plan needs."""
    figure.draw_without_rendering()
    lacking = plan.side - grid[0].get_window_extent().height / figure.dpi
    rows = ceil(len(grid) / plan.columns)
    figure.set_figheight(figure.get_figheight() + rows * max(lacking, 0))
    figure.draw_without_rendering()
    return float(grid[0].get_window_extent().width) / figure.dpi / len(plan.texts)


def _add_scale(figure: "Figure", grid: Sequence["Axes"], image: "AxesImage") -> None:
    """Say what the colours are, below all panels, where cells have no numbers."""
    em = look().em
    figure.set_figheight(figure.get_figheight() + 3 * em)
    share = 1.5 * em / figure.get_figheight()
    bar = figure.colorbar(
        image, ax=list(grid), location="bottom", fraction=share, aspect=40, pad=share
    )
    bar.ax.xaxis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    bar.ax.tick_params(labelsize=look().tick)


def _has_counts(cell: float, largest: int) -> bool:
    """Tell whether a cell of so many inches has room for a count below the percentage."""
    size = look().tick
    return cell > max(1.1 * width_of(f"({largest:,})", size), 2.7 * size / 72)


def _matrix(cells: pd.DataFrame, column: str, classes: Sequence[str]) -> NDArray[np.float64]:
    return cells.pivot_table(column, "true", "predicted").loc[classes, classes].to_numpy()


def _write(ax: "Axes", cells: pd.DataFrame, classes: Sequence[str], has_counts: bool) -> None:
    counts = _matrix(cells, "count", classes)
    for (i, j), share in np.ndenumerate(_matrix(cells, "share", classes)):
        text = f"{100 * share:.0f}" + f"\n({counts[i, j]:,.0f})" * has_counts
        colour = "white" if share > 0.55 else "black"  # on dark blue, and on light
        written = ax.text(j, i, text, ha="center", va="center", color=colour)
        # within its cell: the layout, which would measure hundreds of them, need not know
        written.set(fontsize=look().tick, in_layout=False)
