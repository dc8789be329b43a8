"""Histories of a network's fits: loss and accuracy by epoch, training and validation.

In: `histories.parquet`. Out: a Figure, a row of two panels for each head of a network, or one row.
Every draw has a line; epochs with released layers follow those with the frozen base.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd

from semisup.comparison import require_columns
from semisup.errors import TableError
from semisup.figures.look import look
from semisup.figures.panel import explain, head
from semisup.figures.style import COLOURS, GREY, dress, new_figure, phrase, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEYS = ("representation", "classifier", "percentage", "draw", "head", "phase")
COLUMNS = (*KEYS, "epoch", "loss", "val_loss", "accuracy", "val_accuracy")
#: What is measured, and its name.
MEASURES = {"loss": "Loss", "accuracy": "Accuracy"}


def fits_of(
    histories: pd.DataFrame, classifier: str, representation: str, budget: float | None = None
) -> pd.DataFrame:
    """Return the histories of a network's fits at a label budget, the largest if none is named.

    Returns
    -------
    DataFrame
        The rows, with `epoch` counted on through the phases of a head.

    Raises
    ------
    TableError
        If a column is missing, or there is no such network.
    """
    table = require_columns(histories, COLUMNS, "the histories")
    is_network = (table["classifier"] == classifier) & (table["representation"] == representation)
    if not is_network.any():
        raise TableError(f"There is no history of {classifier}@{representation}")
    rows = table[is_network]
    rows = rows[rows["percentage"] == (rows["percentage"].max() if budget is None else budget)]
    if rows.empty:
        raise TableError(f"There is no history of {classifier}@{representation} at {budget:g} %")
    return rows.assign(epoch=rows.groupby(["draw", "head"], sort=False).cumcount() + 1)


def kept_epochs(fits: pd.DataFrame) -> pd.DataFrame:
    """Return the row of the least validation loss of every draw and head, whose weights stay."""
    # a fit that diverged at once has no least loss, which idxmin would not take
    finite = fits.dropna(subset="val_loss").reset_index(drop=True)
    return finite.loc[finite.groupby(["draw", "head"], sort=False)["val_loss"].idxmin()]


def plot_network_history(
    histories: pd.DataFrame, classifier: str, representation: str, budget: float | None = None
) -> "Figure":
    """Draw loss and accuracy of a network's fits at one label budget.

    Parameters
    ----------
    histories : DataFrame
        As `histories.parquet` has them.
    classifier, representation : str
        Which network.
    budget : float, optional
        A percentage; the largest if left out.

    Raises
    ------
    TableError
        If a column is missing, or there is no such network.
    """
    fits = fits_of(histories, classifier, representation, budget)
    heads = list(fits["head"].unique())
    width = look().several
    figure = new_figure(width, len(heads) * 0.45 * look().aspect * width + 4 * look().em)
    grid = figure.subplots(len(heads), 2, squeeze=False, sharex="row")
    for axes, part in zip(grid, heads, strict=True):
        of_head = fits[fits["head"] == part]
        for ax, (measure, name) in zip(axes, MEASURES.items(), strict=True):
            _draw(ax, of_head, measure)
            dress(ax, "", "Epoch", f"{name}, head '{part}'" if part else name)
        axes[1].set_ylim(0, 1.03)  # half of a line at 1 would be cut off otherwise
    draws, percentage = fits["draw"].nunique(), fits["percentage"].iloc[0]
    head(
        figure,
        f"{words(classifier)} on {phrase(representation)}: {percentage:g} % of the labels, "
        f"{draws} draw{'s' if draws > 1 else ''}",
    )
    explain(figure, grid.ravel())
    return figure


def _draw(ax: "Axes", fits: pd.DataFrame, measure: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for _, fit in fits.groupby("draw"):
        style: dict[str, Any] = {"linewidth": 1.2, "alpha": 0.85, "markersize": 3}
        style["marker"] = "o" if len(fit) == 1 else ""
        ax.plot(fit["epoch"], fit[measure], color=COLOURS[0], label="Training", **style)
        validation = fit[f"val_{measure}"]
        ax.plot(fit["epoch"], validation, "--", color=COLOURS[1], label="Validation", **style)
        released = fit.loc[fit["phase"] == "released", "epoch"]
        if len(released):
            ax.axvline(released.min() - 0.5, color=GREY, linewidth=0.8, label="Layers released")
    kept = kept_epochs(fits)
    ax.plot(
        kept["epoch"],
        kept[f"val_{measure}"],
        "*",
        color=GREY,
        label="Lowest validation loss",
        zorder=3,
    )
    ax.set_xlim(0.5, fits["epoch"].max() + 0.5)
    # epochs are whole numbers, and there may be a single one
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
