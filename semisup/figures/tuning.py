"""Loss histories of a search: one small panel a trial, training and validation loss.

In: rows of `tuning.csv` of one architecture and the histories of their trainings. Out: a Figure.
"""

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.comparison import require_columns
from semisup.figures.look import look
from semisup.figures.loss_history import best_epoch
from semisup.figures.panel import explain, head
from semisup.figures.style import (
    COLOURS,
    GREY,
    dress,
    new_figure,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ("trial", "val_loss", "state", "chosen")
#: What `tuning.csv` says of a trial besides its values.
_FIGURES = {
    "architecture",
    "loss",
    "val_loss",
    "val_loss_se",
    "relative_error",
    "relative_error_se",
    "uar",
    "uar_se",
    "parameters",
    "epochs",
    "collapsed",
    "state",
    "trial",
    "seconds",
    "seconds_per_epoch",
    "chosen",
}
_SHORT = {
    "latent_dim": "codes",
    "learning_rate": "rate",
    "batch_size": "batch",
    "loss_function": "loss",
    "bottleneck_activation": "bottleneck",
    "input_scaling": "scaling",
}
#: Trials that differ in these have losses that can't share an axis.
_MIXING = ("loss_function", "input_scaling")
#: Heights of a letter that a panel is wide at least.
_NARROWEST = 15


def plot_trials(
    trials: pd.DataFrame, histories: Mapping[str, pd.DataFrame], title: str = ""
) -> "Figure":
    """Draw the trials of an architecture side by side.

    Parameters
    ----------
    trials : DataFrame
        Rows of `tuning.csv`; the chosen trial is framed.
    histories : mapping of str to DataFrame
        Columns epoch, loss, val_loss by trial; a trial without one (it diverged) gets an empty
        panel.
    title : str
        Of the figure.

    Returns
    -------
    Figure
        All panels share the epochs, and the losses too where all trials have one loss and scaling.

    Raises
    ------
    TableError
        If a column is missing.
    """
    from matplotlib.ticker import MaxNLocator

    require_columns(trials, COLUMNS, "the table of trials")
    width, em = look().several, look().em
    # the values of a trial are its title, in lines of two
    across = min(max(1, int(width / (_NARROWEST * em))), len(trials))
    down = ceil(len(trials) / across)
    figure = new_figure(width, (15 * down + 3) * em)
    shared = all(len(set(trials[key])) == 1 for key in _MIXING if key in trials)
    grid = figure.subplots(down, across, sharex=True, sharey=shared, squeeze=False)
    panels = grid.ravel()
    for ax, (_, trial) in zip(panels, trials.iterrows(), strict=False):
        _draw(ax, histories.get(trial["trial"]), trial)
    for ax in panels[len(trials) :]:
        ax.remove()
    for ax in panels[max(0, len(trials) - across) : len(trials)]:
        ax.tick_params(labelbottom=True)
        ax.set_xlabel("Epoch", fontsize=look().tick)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5, min_n_ticks=1))
    for ax in grid[:, 0]:
        ax.set_ylabel("Loss", fontsize=look().tick)
    if shared:
        _limit(panels[0], [h for h in histories.values() if len(h)])
    head(figure, plain(title))
    explain(figure, panels[: len(trials)])
    return figure


def _draw(ax: "Axes", history: pd.DataFrame | None, trial: pd.Series) -> None:
    dress(ax)
    ax.set_title(
        _title(trial), fontsize=look().tick, fontweight="bold" if trial["chosen"] else None
    )
    if history is not None:
        # a line of one epoch has no length
        alone: dict[str, Any] = {"marker": "o" if len(history) == 1 else "", "markersize": 3}
        epochs = history["epoch"]
        ax.plot(epochs, history["loss"], color=COLOURS[0], label="Training", **alone)
        ax.plot(
            epochs,
            history["val_loss"],
            **alone,
            color=COLOURS[1],
            linestyle="--",
            label="Validation",
        )
        best = best_epoch(history)
        if best is not None:
            low = history["val_loss"].min()
            ax.plot([best], [low], color=GREY, linestyle="", marker="*", label="Best epoch")
    if trial["chosen"]:
        for spine in ax.spines.values():
            spine.set(visible=True, linewidth=2, color=COLOURS[2])


def _title(trial: pd.Series) -> str:
    """Write a trial's values in lines of two, then its loss and what became of it."""
    values = [
        f"{_SHORT.get(str(key), key)} {value:g}"
        if isinstance(value, int | float | np.number)
        else f"{_SHORT.get(str(key), key)} {value}".replace("_", " ")
        for key, value in trial.items()
        if key not in _FIGURES
    ]
    lines = [", ".join(values[start : start + 2]) for start in range(0, len(values), 2)]
    marks = [f"{trial['val_loss']:.4g}"] if np.isfinite(trial["val_loss"]) else []
    marks += ["chosen"] if trial["chosen"] else []
    marks += [trial["state"]] if trial["state"] != "complete" else []
    marks += ["collapsed"] if trial.get("collapsed") else []
    return plain("\n".join([*lines, ", ".join(marks)] if marks else lines))


def _limit(ax: "Axes", histories: list[pd.DataFrame]) -> None:
    """Let the first epochs, which may be far above all others, not flatten the rest."""
    losses = np.concatenate([h[["loss", "val_loss"]].to_numpy().ravel() for h in histories])
    losses = losses[np.isfinite(losses)]
    if not losses.size:
        return
    low, high = losses.min(), np.quantile(losses, 0.98)
    if high > low:
        ax.set_ylim(low - 0.05 * (high - low), high + 0.08 * (high - low))
