"""Whether a representation holds classes or speakers: what lies close together in it.

In: `clusters.csv`. Out: a Figure of two panels, a pair of bars for each representation: how well
clusters that are found without labels agree with classes and with speakers, and the neighbours.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.comparison import require_columns
from semisup.errors import TableError
from semisup.figures.look import look
from semisup.figures.panel import explain, head
from semisup.figures.style import COLOURS, GREY, dress, new_figure, words
from semisup.figures.wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FACTORS = ("class", "speaker")
_PANELS = {
    "ami": "Clusters: adjusted mutual information",
    "neighbours": "Neighbours of the same, beyond chance",
}


def plot_clusters(clusters: pd.DataFrame) -> "Figure":
    """Draw how far representations hold classes and speakers.

    Parameters
    ----------
    clusters : DataFrame
        As `clusters.csv` has it.

    Raises
    ------
    TableError
        If a column is missing, or there is no row.
    """
    table = require_columns(clusters, ("representation", "factor", *_PANELS), "clusters")
    names = list(table["representation"].unique())
    if not names:
        raise TableError("clusters.csv has no rows")
    sizes = look()
    labels = [wrapped(words(name), 0.3 * sizes.several, sizes.tick) for name in names]
    figure = new_figure(sizes.several, 2.8 * len(names) * sizes.tick / 72 + 5 * sizes.em)
    axes = figure.subplots(1, 2, sharey=True)
    for ax, (column, title) in zip(axes, _PANELS.items(), strict=True):
        _draw(ax, table, names, column)
        dress(ax, x=title)
        ax.grid(visible=False, axis="y")
    axes[0].set_yticks(range(len(names)), labels, fontsize=sizes.tick)
    axes[0].set_ylim(len(names) - 0.4, -0.6)  # in the order of the study, from the top
    head(figure, "What lies close together: classes or speakers?")
    explain(figure, axes)
    return figure


def _draw(ax: "Axes", table: pd.DataFrame, names: list[str], column: str) -> None:
    for number, factor in enumerate(FACTORS):
        of_factor = table[table["factor"] == factor].set_index("representation")
        values = of_factor[column].reindex(names)
        places = np.arange(len(names)) + 0.38 * (number - 0.5)
        ax.barh(places, values, 0.36, color=COLOURS[number], alpha=0.7, label=words(factor))
    ax.axvline(0, color=GREY, linewidth=0.8)
