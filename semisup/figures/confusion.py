"""Confusion matrices at chosen label budgets.

In: `predictions.parquet` and the labels of the test recordings. Out: a table of counts, and a
Figure: representations down, budgets across.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.comparison import require_columns
from semisup.errors import TableError, UnknownNameError, nearest
from semisup.figures.panel import name_of
from semisup.figures.style import (
    TEXT_SIZE,
    TICK_SIZE,
    TITLE_SIZE,
    dress,
    label_text,
    new_figure,
    words,
)
from semisup.metrics import confusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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


def plot_confusions(table: pd.DataFrame, classifier: str) -> "Figure":
    """Draw the matrices of one classifier.

    Parameters
    ----------
    table : DataFrame
        As `confusion_table` gives it, with a few budgets.
    classifier : str
        One of the table's.
    """
    classifiers = list(table["classifier"].unique())
    if classifier not in classifiers:
        hint = nearest(classifier, classifiers)
        raise UnknownNameError(f"The predictions have no classifier '{classifier}'; {hint}")
    shares = table[table["classifier"] == classifier]
    names, budgets = list(shares["representation"].unique()), sorted(shares["percentage"].unique())
    classes = list(shares["true"].unique())
    size = 0.62 * len(classes) + 0.55
    figure = new_figure(size * len(budgets) + 1.5, (size + 0.25) * len(names) + 0.8)
    grid = figure.subplots(len(names), len(budgets), squeeze=False, sharex=True, sharey=True)
    for row, name in zip(grid, names, strict=True):
        for ax, budget in zip(row, budgets, strict=True):
            cell = shares[(shares["representation"] == name) & (shares["percentage"] == budget)]
            _draw(ax, cell, classes)
            dress(ax, f"{budget:g} % of the labels" if name == names[0] else "")
            ax.grid(visible=False)
        row[0].set_ylabel(f"{words(name)}\n\nTrue class", fontsize=TICK_SIZE)
    for ax in grid[-1]:
        ax.set_xlabel("Predicted class", fontsize=TEXT_SIZE)
    figure.suptitle(f"{name_of(classifier)}: % of the true class", fontsize=TITLE_SIZE)
    return figure


def _draw(ax: "Axes", cell: pd.DataFrame, classes: list[str]) -> None:
    shares = cell.pivot_table("share", "true", "predicted")
    values = shares.loc[classes, classes].to_numpy()
    ax.imshow(values, cmap="Blues", vmin=0, vmax=1)
    for (i, j), share in np.ndenumerate(values):
        colour = "white" if share > 0.55 else "black"  # on dark blue, and on light
        ax.text(
            j, i, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=TICK_SIZE
        )
    texts = [label_text(name) for name in classes]
    turned = 90 if max(map(len, texts)) > 9 else 30
    ax.set_xticks(range(len(classes)), texts, rotation=turned, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(classes)), texts)
    ax.spines[:].set_visible(True)
