"""Class probabilities of an audio file over time, below its mel spectrogram.

In: the file, and a table of windows. Out: a Figure; the spectrogram and the windows share the time
axis.
"""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.figures.look import look
from semisup.figures.panel import head
from semisup.figures.style import (
    COLOURS,
    GREY,
    dress,
    label_text,
    new_figure,
    plain,
)
from semisup.recordings.audio import inspect, load
from semisup.signals.decibels import decibels
from semisup.signals.mfcc import BANDS, FRAME_LENGTH, mel_spectrogram, slaney_filters

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Hz, at most: what is above is not drawn.
HIGHEST_RATE = 22050
#: Columns of a spectrogram, at most: about one a dot.
COLUMNS = 1200
#: Classes with a colour of their own, at most; the others are drawn as one.
SHOWN = 12
HATCHES = ("", "///", "...")
OTHERS = "#dddddd"
#: An area of black would outweigh all others.
FILLS = (*COLOURS[:-1], GREY)
#: Windows with a white line between them, at most: lines of more would cover the colours.
SEPARATED = 150
#: Seconds that are in memory at once.
LONG = 600.0
#: Hz that are written beside a spectrogram.
TICKS = (250, 500, 1000, 2000, 4000, 8000)


class MelPicture(NamedTuple):
    """A mel spectrogram to be drawn.

    Parameters
    ----------
    levels : ndarray of shape (n_mels, n_columns)
        dB.
    centres : ndarray of shape (n_mels,)
        Centre of each band in Hz.
    seconds : float
        Duration.
    """

    levels: np.ndarray
    centres: np.ndarray
    seconds: float


def mel_picture(path: Path) -> MelPicture:
    """Compute the mel spectrogram of a file, at most `COLUMNS` wide whatever its length."""
    header = inspect(path)
    rate = min(header.sample_rate, HIGHEST_RATE)
    cuts = np.linspace(0, header.seconds, int(np.ceil(header.seconds / LONG)) + 1)
    power = np.concatenate(
        [mel_spectrogram(load(path, rate, start, end)[0], rate) for start, end in pairwise(cuts)]
    )
    edges = np.unique(np.linspace(0, len(power), min(COLUMNS, len(power)) + 1).astype(int))
    means = np.add.reduceat(power, edges[:-1]) / np.diff(edges)[:, None]
    filters = slaney_filters(rate, BANDS, FRAME_LENGTH)
    centres = filters @ np.fft.rfftfreq(FRAME_LENGTH, 1 / rate) / filters.sum(axis=1)
    return MelPicture(decibels(means).T, centres, header.seconds)


def shares(windows: pd.DataFrame, most: int = SHOWN) -> pd.DataFrame:
    """Return what is stacked: a column a class, the likeliest first, and the others in one.

    Classes that no window gives a probability are left out.

    Parameters
    ----------
    windows : DataFrame
        start, end (seconds), then a probability a class.
    most : int
        Classes of their own, chosen by their means.

    Examples
    --------
    >>> table = pd.DataFrame({"start": [0.0], "end": [3.0], "a": [0.1], "b": [0.6], "c": [0.3]})
    >>> shares(table, most=1).round(3).to_dict("list")
    {'b': [0.6], '2 others': [0.4]}
    """
    classes = windows.iloc[:, 2:]
    classes = classes.loc[:, (classes != 0).any()]
    order = np.argsort(-classes.to_numpy().mean(axis=0), kind="stable")
    shown, rest = classes.iloc[:, order[:most]], classes.iloc[:, order[most:]]
    if rest.shape[1]:
        shown = shown.assign(**{f"{rest.shape[1]} others": rest.sum(axis=1)})
    return shown


def plot_prediction(
    picture: MelPicture, windows: pd.DataFrame, title: str = "", y: str = "Probability"
) -> "Figure":
    """Draw a file's spectrogram, and below it the probabilities of its windows, stacked.

    Parameters
    ----------
    picture : MelPicture
    windows : DataFrame
        start, end (seconds), then a probability a class. Where windows overlap, each is drawn up
        to the start of the next.
    title, y : str
        Title, and label of the lower axis.
    """
    figure = new_figure(look().several, 0.56 * look().several)
    grid: Any = figure.subplots(2, 2, width_ratios=(1, 0.02), height_ratios=(1, 1.1))
    grid[1, 0].sharex(grid[0, 0])
    _draw_spectrogram(grid[0, 0], grid[0, 1], picture)
    _draw_shares(grid[1, 0], windows, y)
    grid[1, 1].set_axis_off()
    handles, labels = grid[1, 0].get_legend_handles_labels()
    # the likeliest class is at the bottom of the stack, and of its legend
    grid[1, 1].legend(
        handles[::-1],
        labels[::-1],
        loc="center left",
        bbox_to_anchor=(-1, 0.5),
        fontsize=look().tick,
        frameon=False,
    )
    grid[0, 0].set_xlim(0, picture.seconds)
    head(figure, plain(title))
    return figure


def _draw_spectrogram(ax: "Axes", bar: "Axes", picture: MelPicture) -> None:
    n_mels = len(picture.levels)
    image = ax.imshow(
        picture.levels,
        origin="lower",
        aspect="auto",
        cmap="magma",
        extent=(0, picture.seconds, -0.5, n_mels - 0.5),
        interpolation="nearest",
    )
    dress(ax, y="Frequency (Hz)")
    ax.grid(visible=False)
    ax.tick_params(labelbottom=False)
    ticks = [hertz for hertz in TICKS if hertz <= picture.centres[-1]]
    ax.set_yticks(np.interp(ticks, picture.centres, np.arange(n_mels)), map(str, ticks))
    colours = ax.get_figure().colorbar(image, cax=bar)  # type: ignore[union-attr]
    colours.set_label("Power (dB)", fontsize=look().text)
    bar.tick_params(labelsize=look().tick)


def _draw_shares(ax: "Axes", windows: pd.DataFrame, y: str) -> None:
    start, end = (windows[name].to_numpy() for name in ("start", "end"))
    until = np.minimum(end, np.append(start[1:], np.inf))
    edges = np.column_stack([start, until]).ravel()
    table, below = shares(windows), np.zeros(len(windows))
    places = {name: place for place, name in enumerate(windows.columns[2:])}
    for name, column in table.items():
        above = below + column.to_numpy()
        # one patch a class: a bar a window would be thousands for an hour of audio
        ax.stairs(
            _with_gaps(above),
            edges,
            baseline=_with_gaps(below),
            fill=True,
            edgecolor="white",
            linewidth=0.3 if len(windows) <= SEPARATED else 0,
            label=label_text(str(name)),
            **_style(places.get(name)),
        )
        below = above
    dress(ax, x="Time (s)", y=y)
    ax.grid(visible=False)
    ax.set_ylim(0, 1)


def _with_gaps(values: np.ndarray) -> np.ndarray:
    """Put a NaN between two values: nothing is drawn from the end of a window to the next."""
    spaced = np.full(2 * len(values) - 1, np.nan)
    spaced[::2] = values
    return spaced


def _style(place: int | None) -> dict[str, Any]:
    """Give a class the colour of its place, the same for all files of a study."""
    if place is None:
        return {"facecolor": OTHERS}
    hatch = HATCHES[place // len(FILLS) % len(HATCHES)]
    return {"facecolor": FILLS[place % len(FILLS)], "hatch": hatch}
