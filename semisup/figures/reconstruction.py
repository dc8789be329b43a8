"""Reconstructions: what an autoencoder makes of spectrograms, below the originals.

In: two arrays of chunks. Out: a Figure, one column a chunk, one colour scale for all.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from semisup.errors import TableError
from semisup.figures.look import look
from semisup.figures.panel import head
from semisup.figures.style import dress, new_figure, plain, words
from semisup.signals.decibels import OF_MAGNITUDE, decibels
from semisup.signals.framing import FRAME_SECONDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

#: Magnitudes below this are drawn as this: -80 dB, the offset of the log input scaling.
FLOOR = 1e-4


def levels(magnitudes: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn magnitudes into dB; all up to `FLOOR` give -80."""
    return decibels(np.asarray(magnitudes, dtype=np.float64), OF_MAGNITUDE, FLOOR, top=None)


def plot_reconstructions(
    original: NDArray[np.floating],
    reconstructed: NDArray[np.floating],
    sample_rate: int = 8000,
    title: str = "",
    names: Sequence[str] = (),
    magnitudes: bool = True,
) -> "Figure":
    """Draw pairs of spectrograms, the original above its reconstruction.

    Parameters
    ----------
    original, reconstructed : ndarray of shape (n, frames, bins)
        Of the same chunks in the same order.
    sample_rate : int
        Hz; the bins reach from 0 to half of it.
    title : str
        A representation's name, or other words.
    names : sequence of str
        Titles of the n columns; "Chunk 1", ... if left out.
    magnitudes : bool
        Whether the values are magnitudes, drawn in dB. Others (such as standardised log magnitudes)
        are drawn as they are.

    Returns
    -------
    Figure
        The colours span the values of the originals; reconstructions beyond are cut off.

    Raises
    ------
    TableError
        If the arrays are not of one shape (n, frames, bins) with n at least 1.
    """
    _check(original, reconstructed)
    top, bottom = (
        (levels(original), levels(reconstructed)) if magnitudes else (original, reconstructed)
    )
    limits = float(np.min(top)), float(np.max(top))
    columns = list(names) or [f"Chunk {i + 1}" for i in range(len(top))]
    figure = new_figure(look().several, 0.55 * look().several)
    grid = figure.subplots(2, len(top), sharex=True, sharey=True, squeeze=False)
    for column, name in enumerate(columns):
        for ax, values in zip(grid[:, column], (top[column], bottom[column]), strict=True):
            image = _draw(ax, values, sample_rate, limits)
        dress(grid[0, column], plain(name), is_panel=True)
    _label(grid)
    if title:
        head(figure, words(title))
    bar = figure.colorbar(image, ax=grid, aspect=30, pad=0.08 / len(top))
    bar.set_label("Magnitude (dB)" if magnitudes else "Input value", fontsize=look().text)
    bar.ax.tick_params(labelsize=look().tick)
    return figure


def _check(original: NDArray[np.floating], reconstructed: NDArray[np.floating]) -> None:
    shapes = np.shape(original), np.shape(reconstructed)
    if shapes[0] != shapes[1] or len(shapes[0]) != 3 or 0 in shapes[0]:
        raise TableError(
            "Originals and reconstructions must be of one shape (n, frames, bins), "
            f"found {shapes[0]} and {shapes[1]}"
        )


def _draw(
    ax: "Axes", values: NDArray[np.floating], sample_rate: int, limits: tuple[float, float]
) -> "AxesImage":
    # The first frame of a chunk is skipped (docs/CONCEPTS.md, Chunks):
    # the picture begins one frame later.
    end = FRAME_SECONDS * (len(values) + 1)
    return ax.imshow(
        values.T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=limits[0],
        vmax=limits[1],
        extent=(FRAME_SECONDS, end, 0, sample_rate / 2),
        interpolation="nearest",
    )


def _label(grid: NDArray[np.object_]) -> None:
    for ax in grid.ravel():
        dress(ax, ax.get_title(), is_panel=True)
        ax.grid(visible=False)
    for row, what in zip(grid, ("Original", "Reconstruction"), strict=True):
        row[0].set_ylabel(f"{what}\nFrequency (Hz)", fontsize=look().text)
    for ax in grid[1]:
        ax.set_xlabel("Time (s)", fontsize=look().text)
