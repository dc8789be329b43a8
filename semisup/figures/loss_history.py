"""Loss histories of a training: loss and validation loss by epoch, or by number of updates.

In: `history.csv` (epoch, loss, val_loss, and updates where these are what was counted). Out: an
Axes with both and the best epoch.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd

from semisup.comparison import require_columns
from semisup.figures.look import look
from semisup.figures.panel import explain_axes
from semisup.figures.style import COLOURS, GREY, dress, new_axes, plain, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("epoch", "loss", "val_loss")


def best_epoch(history: pd.DataFrame) -> int | None:
    """Return the epoch of least validation loss, the first of several; None if all are NaN."""
    losses = require_columns(history, COLUMNS, "the loss history")["val_loss"]
    return None if losses.isna().all() else int(history.loc[losses.idxmin(), "epoch"])


def plot_loss_history(
    history: pd.DataFrame, title: str = "", ax: "Axes | None" = None, loss: str = "Loss"
) -> "Axes":
    """Draw training and validation loss and mark the best epoch.

    Parameters
    ----------
    history : DataFrame
        Columns epoch, loss, val_loss, and perhaps updates; one row an epoch, index unique.
    title : str
        A representation's name, or other words.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    loss : str
        What the loss is, for the vertical axis.

    Raises
    ------
    TableError
        If a column is missing.
    """
    best, is_alone = best_epoch(history), ax is None
    ax = draw_history(history, ("loss", "val_loss"), ax)
    counted = count_of(history)
    if best is not None:
        row = history[history["epoch"] == best].iloc[0]
        place, value = int(row[counted]), float(row["val_loss"])
        told = f"Best epoch: {place}" if counted == "epoch" else f"Best: {place:,} updates"
        mark_epoch(ax, place, value, f"{told} ({value:.4g})")
    dress(ax, words(title), counted.capitalize(), plain(loss))
    explain_axes(ax, is_alone)
    return ax


def draw_history(
    history: pd.DataFrame, columns: tuple[str, str], ax: "Axes | None" = None
) -> "Axes":
    """Draw what was measured on training and on validation data by epoch; points where few."""
    from matplotlib.ticker import MaxNLocator

    ax = new_axes() if ax is None else ax
    places = history[count_of(history)]
    few = "o" if len(history) < 15 else ""
    style: dict[str, Any] = {"linewidth": 1.4, "marker": few, "markersize": 3.5}
    for column, label, colour, dash in zip(
        columns, ("Training", "Validation"), COLOURS, ("-", "--"), strict=False
    ):
        ax.plot(places, history[column], color=colour, linestyle=dash, label=label, **style)
    if history.empty:  # of a network that was left untrained
        ax.text(0.5, 0.5, "Not trained", ha="center", transform=ax.transAxes, fontsize=look().text)
        ax.set(xticks=[], yticks=[])
        return ax
    margin = places.min() / 2
    ax.set_xlim(places.min() - margin, places.max() + margin)
    # epochs are whole numbers, and there may be a single one
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return ax


def count_of(history: pd.DataFrame) -> str:
    """Return the column that counts how far a training was: updates, where there is one."""
    return "updates" if "updates" in history else "epoch"


def mark_epoch(ax: "Axes", epoch: int, value: float, label: str) -> None:
    """Mark one epoch by a star and a line."""
    ax.axvline(epoch, color=GREY, linestyle=":", linewidth=1)
    ax.plot(
        [epoch],
        [value],
        color=GREY,
        linestyle=":",
        marker="*",
        markersize=10,
        label=label,
        zorder=3,
    )
