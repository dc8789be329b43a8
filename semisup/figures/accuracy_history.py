"""Accuracy histories of a training: accuracy and validation accuracy by epoch.

In: the history of a network that tells classes (epoch, accuracy, val_accuracy). Out: an Axes with
both and the epoch whose weights were kept.
"""

from typing import TYPE_CHECKING

import pandas as pd

from semisup.comparison import require_columns
from semisup.figures.loss_history import best_epoch, draw_history, mark_epoch
from semisup.figures.panel import explain_axes
from semisup.figures.style import GREY, dress, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("epoch", "accuracy", "val_accuracy")


def kept_accuracy(history: pd.DataFrame) -> tuple[int, float] | None:
    """Return the epoch whose weights were kept, and its validation accuracy.

    It is the epoch of the least validation loss, which need not be that of the best accuracy.

    Returns
    -------
    tuple of (int, float), or None
        None where the history tells no validation loss.

    Raises
    ------
    TableError
        If a column is missing.
    """
    accuracies = require_columns(history, COLUMNS, "the accuracy history")
    if "val_loss" not in history:
        return None
    epoch = best_epoch(history.assign(loss=history["val_loss"]))
    if epoch is None:
        return None
    return epoch, float(accuracies.set_index("epoch").loc[epoch, "val_accuracy"])


def plot_accuracy_history(
    history: pd.DataFrame,
    title: str = "",
    ax: "Axes | None" = None,
    chance: float | None = None,
) -> "Axes":
    """Draw training and validation accuracy and mark the epoch whose weights were kept.

    Parameters
    ----------
    history : DataFrame
        Columns epoch, accuracy, val_accuracy and, for the mark, val_loss; one row an epoch.
    title : str
        A representation's name, or other words.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    chance : float, optional
        Accuracy of guessing, drawn as a line.

    Raises
    ------
    TableError
        If a column is missing.
    """
    kept, is_alone = kept_accuracy(history), ax is None
    ax = draw_history(history, ("accuracy", "val_accuracy"), ax)
    if chance is not None:
        ax.axhline(chance, color=GREY, linewidth=1, label=f"Chance ({chance:.2g})")
    if kept is not None:
        mark_epoch(ax, *kept, f"Kept epoch: {kept[0]} ({kept[1]:.3g})")
    dress(ax, words(title), "Epoch", "Accuracy")
    ax.set_ylim(0, 1.03)  # half of a line at 1 would be cut off otherwise
    explain_axes(ax, is_alone)
    return ax
