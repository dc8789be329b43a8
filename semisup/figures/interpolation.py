"""Interpolation between two codes: a decoder restores pieces from those on the line between.

In: an encoder, a decoder and two pieces of audio. Out: a table of restored pieces, and a Figure:
waveform and envelope, one panel a step.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from semisup.comparison import require_columns
from semisup.errors import TableError
from semisup.figures.look import look
from semisup.figures.panel import explain, head
from semisup.figures.style import (
    COLOURS,
    GREY,
    dress,
    new_figure,
    plain,
    words,
)

if TYPE_CHECKING:
    from keras import Model
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = ("share", "number", "value")
#: Envelopes are root mean squares over so much of a second.
ENVELOPE_SECONDS = 0.03


def interpolate(
    encoder: "Model",
    decoder: "Model",
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    steps: int = 7,
) -> pd.DataFrame:
    """Restore pieces from codes at even steps from one piece's code to another's.

    Parameters
    ----------
    encoder : keras.Model
        (n, numbers) pieces to (n, latent_dim) codes.
    decoder : keras.Model
        (n, latent_dim) codes to (n, numbers) pieces.
    first, second : ndarray of shape (numbers,)
        Two pieces.
    steps : int
        Both ends included, 2 at least.

    Returns
    -------
    DataFrame
        Columns share (of the second code, 0 to 1), number (place in the piece, from 0), value.

    Raises
    ------
    TableError
        If the pieces are not of one length, or steps are fewer than 2.
    """
    if np.ndim(first) != 1 or np.shape(first) != np.shape(second) or steps < 2:
        raise TableError(
            "Interpolation goes from one piece to another of the same length in 2 steps at least, "
            f"got shapes {np.shape(first)} and {np.shape(second)} and {steps} steps"
        )
    ends = np.asarray(encoder.predict_on_batch(np.stack([first, second]).astype(np.float32)))
    shares = np.linspace(0, 1, steps)
    codes = (1 - shares[:, None]) * ends[0] + shares[:, None] * ends[1]
    pieces = np.asarray(decoder.predict_on_batch(codes.astype(np.float32)))
    numbers = pieces.shape[1]
    return pd.DataFrame(
        {
            "share": np.repeat(shares, numbers),
            "number": np.tile(np.arange(numbers), steps),
            "value": pieces.ravel(),
        }
    )


def envelope(values: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """Return the root mean square over `width` numbers around each.

    At both ends the window holds fewer numbers.

    Examples
    --------
    >>> envelope(np.array([3.0, -3.0, 3.0, -3.0]), 3)
    array([3., 3., 3., 3.])
    """
    window, ones = np.ones(min(width, len(values))), np.ones(len(values))
    counts = np.convolve(ones, window, mode="same")
    squares = np.convolve(np.square(values, dtype=np.float64), window, mode="same")
    return np.sqrt(np.maximum(squares, 0) / counts)


def plot_interpolation(
    table: pd.DataFrame,
    seconds: float,
    title: str = "",
    names: tuple[str, str] = ("First piece", "Second piece"),
) -> "Figure":
    """Draw the waveform and its envelope at each step, the first code above, the second below.

    Parameters
    ----------
    table : DataFrame
        Of `interpolate`.
    seconds : float
        From one number of a piece to the next.
    title : str
        A representation's name, or other words.
    names : tuple of two str
        Of the pieces at both ends.

    Returns
    -------
    Figure
        All panels have one scale.

    Raises
    ------
    TableError
        If a column is missing.
    """
    groups = require_columns(table, COLUMNS, "the interpolation").groupby("share")["value"]
    width = max(1, round(ENVELOPE_SECONDS / seconds))
    figure = new_figure(look().one, (4.5 * groups.ngroups + 3) * look().em)
    grid = figure.subplots(groups.ngroups, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    ends = dict(zip((0.0, 1.0), names, strict=True))
    for ax, (share, values) in zip(grid, groups, strict=True):
        _draw(ax, values.to_numpy(), seconds, width)
        dress(ax)
        text = plain(ends.get(share, f"{share:.0%}"))
        ax.set_ylabel(text, fontsize=look().tick, rotation=0, ha="right", va="center")
    grid[-1].set_xlabel("Time (s)", fontsize=look().text)
    head(figure, words(title))
    explain(figure, grid[:1])
    return figure


def _draw(ax: "Axes", values: NDArray[np.floating], seconds: float, width: int) -> None:
    time, outline = seconds * np.arange(len(values)), envelope(values, width)
    ax.fill_between(
        time, -outline, outline, color=COLOURS[0], alpha=0.3, linewidth=0, label="Envelope (RMS)"
    )
    ax.plot(time, values, color=GREY, linewidth=0.6, label="Restored waveform")
    ax.set_xlim(0, time[-1])
