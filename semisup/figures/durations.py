"""Signal lengths, and the cost of a chunk length: recordings that are too short for one chunk.

In: one table of recordings with their lengths, one of counts (`durations.csv`). Out: box plots by
class and subset, and the share dropped against the chunk length by subset.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.comparison import require_columns
from semisup.figures.look import look
from semisup.figures.panel import columns_of, explain, figure_of
from semisup.figures.style import (
    COLOURS,
    GREY,
    dress,
    label_text,
    line_styles,
    new_axes,
    new_figure,
    words,
)
from semisup.figures.wrapping import width_of
from semisup.recordings.durations import TOTAL
from semisup.study.split_spec import SUBSETS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LENGTH_COLUMNS = ("recording", "subset", "label", "seconds")
DROP_COLUMNS = ("subset", "label", "chunk_samples", "recordings", "dropped", "dropped_share")
#: bxp's names of what a box shows, and the quantiles that they are here.
_BOX = {"whislo": 0.05, "q1": 0.25, "med": 0.5, "q3": 0.75, "whishi": 0.95}
_BOX_WIDTH = 0.8
#: Heights of a letter that a panel is wide at least where two stand side by side.
_NARROWEST = 25


def box_statistics(lengths: pd.DataFrame) -> pd.DataFrame:
    """Count the recordings of every class and subset and take quantiles of their lengths.

    Parameters
    ----------
    lengths : DataFrame
        Columns recording, subset, label, seconds. The label may be "" (not known).

    Returns
    -------
    DataFrame
        Columns label, subset, recordings and the 0.05, 0.25, 0.5, 0.75 and 0.95 quantiles of
        seconds as whislo, q1, med, q3, whishi; sorted by label, subsets in their usual order,
        recordings of no known class last.
    """
    # pictures have no seconds
    table = require_columns(lengths, LENGTH_COLUMNS, "signal lengths").dropna(subset="seconds")
    table = table[table["subset"].isin(SUBSETS)].fillna({"label": ""})
    groups = table.groupby(["label", "subset"])["seconds"]
    boxes = pd.DataFrame({"recordings": groups.size()})
    for name, quantile in _BOX.items():
        boxes[name] = groups.quantile(quantile)
    order = sorted(boxes.index, key=lambda key: (not key[0], key[0], SUBSETS.index(key[1])))
    return boxes.loc[order].reset_index()


def plot_lengths(
    lengths: pd.DataFrame, chunk_seconds: float | None = None, ax: "Axes | None" = None
) -> "Axes":
    """Draw one box a class and subset: quartiles, and whiskers from 5 to 95 %.

    Parameters
    ----------
    lengths : DataFrame
        As `box_statistics` takes it.
    chunk_seconds : float, optional
        Length of a chunk, drawn as a line: recordings below it have none.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    boxes, is_alone = box_statistics(lengths), ax is None
    ax = new_axes() if ax is None else ax
    # One step from box to box, one more from class to class.
    new_class = boxes["label"] != boxes["label"].shift()
    boxes["position"] = np.arange(len(boxes)) + new_class.cumsum()
    for subset, colour in zip(SUBSETS, COLOURS, strict=False):
        of_subset = boxes[boxes["subset"] == subset]
        if len(of_subset):
            _draw_boxes(ax, of_subset, colour)
            ax.fill_between([], [], color=colour, alpha=0.5, label=words(subset))
    if chunk_seconds is not None:
        text = f"Chunk: {chunk_seconds:.3g} s"
        ax.axhline(chunk_seconds, color=GREY, linestyle="--", linewidth=1.2, label=text)
    dress(ax, "Signal length (box: quartiles, whiskers: 5 to 95 %)", "", "Signal length (s)")
    _name_classes(ax, boxes.groupby("label", sort=False)["position"].mean())
    ax.set_ylim(bottom=0)
    if is_alone:
        explain(figure_of(ax), [ax])
    return ax


def plot_dropped(
    durations: pd.DataFrame,
    chunk_samples: int | None = None,
    sample_rate: int = 8000,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the share of recordings that each chunk length drops, one line a subset.

    Parameters
    ----------
    durations : DataFrame
        Columns subset, label ("all" for a whole subset), chunk_samples, recordings, dropped,
        dropped_share (0 to 1).
    chunk_samples : int, optional
        The study's chunk length in samples, drawn as a line.
    sample_rate : int
        Hz of the samples.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    totals = require_columns(durations, DROP_COLUMNS, "durations")
    totals = totals[totals["label"] == TOTAL].sort_values("chunk_samples")
    is_alone = ax is None
    ax = new_axes() if ax is None else ax
    for subset, style in line_styles(SUBSETS).items():
        of_subset = totals[totals["subset"] == subset]
        if len(of_subset):
            share = 100 * of_subset["dropped_share"]
            ax.plot(of_subset["chunk_samples"], share, **style, markersize=4, label=words(subset))
    if chunk_samples is not None:
        text = f"Chunk: {chunk_samples / sample_rate:.3g} s"
        ax.axvline(chunk_samples, color=GREY, linestyle="--", linewidth=1.2, label=text)
    label = f"Chunk length (thousand samples at {sample_rate:,} Hz)"
    dress(ax, "Recordings shorter than one chunk", label, "Dropped (%)")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}")
    ax.set_ylim(bottom=0)
    _add_seconds(ax, sample_rate)
    if is_alone:
        explain(figure_of(ax), [ax])
    return ax


def plot_durations(
    lengths: pd.DataFrame, durations: pd.DataFrame, chunk_seconds: float, sample_rate: int
) -> "Figure":
    """Draw `plot_lengths` and `plot_dropped` side by side, with the study's chunk length."""
    width, em = look().several, look().em
    columns = columns_of(width, 2, _NARROWEST)
    across = width / columns
    figure = new_figure(width, (across * look().aspect + 3 * em) * 2 / columns)
    panels = figure.subplots(2 // columns, columns, squeeze=False).ravel()
    plot_lengths(lengths, chunk_seconds, panels[0])
    plot_dropped(durations, round(chunk_seconds * sample_rate), sample_rate, panels[1])
    for ax in panels:
        ax.title.set_fontsize(look().text)
    explain(figure, panels)
    return figure


def _draw_boxes(ax: "Axes", boxes: pd.DataFrame, colour: str) -> None:
    statistics: list[dict[str, Any]] = [
        {name: float(box[name]) for name in _BOX} for box in boxes.to_dict("records")
    ]
    ax.bxp(
        statistics,
        positions=boxes["position"].to_list(),
        widths=_BOX_WIDTH,
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": colour, "alpha": 0.5, "edgecolor": colour},
        medianprops={"color": "black", "linewidth": 1.4},
        whiskerprops={"color": colour},
        capprops={"color": colour},
        manage_ticks=False,
    )


def _name_classes(ax: "Axes", centres: "pd.Series[float]") -> None:
    names = [label_text(label) or "no label" for label in centres.index]
    # half of the figure's width, where two panels stand side by side
    room = 0.8 * look().several / columns_of(look().several, 2, _NARROWEST)
    crowded = sum(width_of(f"{name}  ", look().tick) for name in names) > room
    ax.set_xticks(centres.to_list(), names, fontsize=look().tick, rotation=45 if crowded else 0)
    if crowded:
        for text in ax.get_xticklabels():
            text.set_horizontalalignment("right")
            text.set_rotation_mode("anchor")
    ax.grid(visible=False, axis="x")


def _add_seconds(ax: "Axes", sample_rate: int) -> None:
    def to_seconds(samples: Any) -> Any:
        return samples / sample_rate

    def to_samples(seconds: Any) -> Any:
        return seconds * sample_rate

    seconds = ax.secondary_xaxis("top", functions=(to_seconds, to_samples))
    seconds.xaxis.set_major_formatter(lambda value, _: f"{value:g} s")
    seconds.tick_params(labelsize=look().tick, width=0.8 * look().ink, length=3 * look().ink)
