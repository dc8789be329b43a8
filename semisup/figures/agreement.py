"""Predicted against true numbers at one label budget.

In: `predictions.parquet` and the numbers of the test recordings. Out: a table with a row a
recording and system, and a Figure: a panel a representation.
"""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.figures.look import look
from semisup.figures.panel import columns_of, head, labels_used, name_of
from semisup.figures.style import COLOURS, GREY, dress, new_figure, words
from semisup.figures.wrapping import wrapped
from semisup.metrics import scores_of_numbers
from semisup.moments import terms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KEYS = ["representation", "classifier", "recording"]


def agreement_table(predictions: pd.DataFrame, numbers: pd.Series, budget: float) -> pd.DataFrame:
    """Put what was predicted of each recording beside what is true.

    Parameters
    ----------
    predictions : DataFrame
        As `predictions.parquet` has it.
    numbers : Series of float
        True ones by recording.
    budget : float
        In percent.

    Returns
    -------
    DataFrame
        representation, classifier, recording, predicted (the mean over the draws), true.
    """
    table = predictions[predictions["percentage"] == budget]
    table = table.assign(predicted=table["predicted"].astype(float))
    means = table.groupby(_KEYS, sort=False, observed=True)["predicted"].mean().reset_index()
    # as text: a map of categories gives categories again, which are no numbers
    return means.assign(true=means["recording"].astype(object).map(numbers).astype(float))


def plot_agreement(
    table: pd.DataFrame, classifier: str, budget: float, representations: Sequence[str]
) -> "Figure":
    """Draw a point a recording, and the line on which all would be right.

    Parameters
    ----------
    table : DataFrame
        As `agreement_table` gives it.
    classifier : str
    budget : float
        In percent.
    representations : sequence of str
        In the order of the panels.
    """
    sizes, panels = look(), len(representations)
    rows_of = table[table["classifier"] == classifier]
    width = sizes.several if panels > 1 else sizes.one
    columns = columns_of(width, panels)
    side = (width - 4 * sizes.em) / columns
    rows = ceil(panels / columns)
    figure = new_figure(width, rows * (side + 2 * sizes.em) + 3 * sizes.em)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    values = rows_of[["true", "predicted"]].to_numpy()
    low, high = float(values.min()), float(values.max())
    margin = 0.04 * (high - low or 1.0)
    for ax, name in zip(grid, representations, strict=False):
        _draw(ax, rows_of[rows_of["representation"] == name], (low - margin, high + margin))
        dress(ax, wrapped(words(name), side, sizes.text), "", "", is_panel=True)
    for ax in grid[panels:]:
        ax.remove()
    for ax in grid[max(0, panels - columns) : panels]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel("True", fontsize=sizes.text)
    for ax in grid[:panels:columns]:
        ax.set_ylabel("Predicted (mean over draws)", fontsize=sizes.text)
    head(figure, f"{name_of(classifier)}, {labels_used(budget)}: a point is a test recording")
    return figure


def _draw(ax: "Axes", rows: pd.DataFrame, ends: tuple[float, float]) -> None:
    ax.plot(ends, ends, color=GREY, linewidth=0.8, linestyle="--", zorder=1)
    # fainter where there are more, so that a cloud shows where it is dense
    alpha = float(np.clip(30 / max(len(rows), 1) ** 0.5 / 3, 0.15, 0.8))
    points: dict[str, Any] = {"s": 8, "color": COLOURS[0], "alpha": alpha, "linewidths": 0}
    ax.scatter(rows["true"], rows["predicted"], **points, rasterized=len(rows) > 2000)
    ax.set_xlim(*ends)
    ax.set_ylim(*ends)
    ax.set_aspect("equal")
    sums = terms(rows["true"].to_numpy(), rows["predicted"].to_numpy()).sum(axis=-1)
    score = float(scores_of_numbers(sums)["ccc"])
    text = f"CCC of the means {score:.2f}".replace("-", "\N{MINUS SIGN}")
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
    ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top", fontsize=look().tick, bbox=box)
