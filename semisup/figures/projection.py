"""Projections: the labelled and test recordings of each representation in two dimensions.

In: feature tables, labels and speakers. Out: a table of points, and a Figure: one column a
representation, coloured by class above and by speaker below.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from math import ceil
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from semisup.errors import SemisupError, TableError
from semisup.features.tables import feature_names
from semisup.figures.look import look
from semisup.figures.panel import columns_of
from semisup.figures.style import (
    COLOURS,
    MARKERS,
    dress,
    label_text,
    new_figure,
    words,
)
from semisup.figures.wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Method = Literal["pca", "umap"]
#: A legend of more speakers hides the picture.
_LISTED = 9
#: Panels side by side at most, how many letters wide each must be, and the share of the legend.
_COLUMNS, _NARROWEST, _LEGEND = 5, 11, 0.2


def projection_table(
    tables: Mapping[str, pd.DataFrame],
    recordings: pd.DataFrame,
    method: Method = "pca",
    seed: int = 0,
) -> pd.DataFrame:
    """Project every representation onto a plane.

    A recording's chunks are averaged, features standardised over all recordings shown; constant
    features count for nothing.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Feature tables by representation.
    recordings : DataFrame
        Columns recording, label, speaker, subset; those that a table lacks are left out of it.
    method : {"pca", "umap"}
        Principal components (by singular values; the largest loading of each is positive, so that
        the same features give the same picture), or UMAP where `umap-learn` is installed.
    seed : int
        Of UMAP.

    Returns
    -------
    DataFrame
        Columns representation, recording, label, speaker, subset, x, y, x_share, y_share: the
        shares of the variance that the components hold (NaN for UMAP).

    Raises
    ------
    TableError
        If a table and the recordings have nothing in common.
    SemisupError
        If UMAP is asked for and not installed.

    References
    ----------
    L. McInnes, J. Healy and J. Melville, "UMAP: Uniform Manifold Approximation and Projection for
    Dimension Reduction", 2018. https://arxiv.org/abs/1802.03426
    """
    projections = []
    for name, table in tables.items():
        means = table.groupby("recording", sort=False)[feature_names(table)].mean()
        shown = recordings[recordings["recording"].isin(means.index)]
        if shown.empty:
            raise TableError(f"The feature table '{name}' has none of the recordings to be shown")
        features = _standardised(means.loc[shown["recording"]].to_numpy(dtype=float))
        points, shares = _pca(features) if method == "pca" else _umap(features, seed)
        columns = shown[["recording", "label", "speaker", "subset"]].reset_index(drop=True)
        columns.insert(0, "representation", name)
        projections.append(
            columns.assign(x=points[:, 0], y=points[:, 1], x_share=shares[0], y_share=shares[1])
        )
    return pd.concat(projections, ignore_index=True)


def plot_projection(
    points: pd.DataFrame,
    by: Sequence[Literal["label", "speaker"]] = ("label", "speaker"),
    notes: Mapping[str, str] | None = None,
) -> "Figure":
    """Draw the points of every representation by class and by speaker.

    Parameters
    ----------
    points : DataFrame
        As `projection_table` gives it.
    by : sequence of {"label", "speaker"}
        One row of panels each.
    notes : mapping of str to str, optional
        What a title must say of a representation, such as ``{"code": "collapsed"}``.

    Returns
    -------
    Figure
        Each class or speaker has a colour and a marker of its own; test recordings are filled,
        labelled ones hollow.
    """
    names = list(points["representation"].unique())
    width, em = look().several if len(names) > 1 else look().one, look().em
    # the legend stands beside the panels
    panels = (1 - _LEGEND) * width
    columns = columns_of(panels, len(names), _NARROWEST, _COLUMNS)
    rows = ceil(len(names) / columns)
    side = panels / columns - em
    titles = [
        wrapped(
            words(name) + (f", {notes[name]}" if notes and name in notes else ""), side, 72 * em
        )
        for name in names
    ]
    lines = max(title.count("\n") for title in titles)
    height = rows * (0.85 * side + (4.5 + 1.2 * lines) * em)
    figure = new_figure(width, len(by) * max(height, (_LISTED + 4) * 1.25 * look().tick / 72))
    for block, column in zip(figure.subfigures(len(by), 1, squeeze=False)[:, 0], by, strict=True):
        grid = block.subplots(rows, columns, squeeze=False).ravel()
        for ax, name, title in zip(grid, names, titles, strict=False):
            of_representation = points[points["representation"] == name]
            _draw(ax, of_representation, points[column], column)
            dress(ax, title, is_panel=True)
            _leave_out_numbers(ax)
            ax.set_xlabel(_shares(of_representation), fontsize=look().tick)
        for ax in grid[len(names) :]:
            ax.remove()
        _explain(block, points[column], {"label": "Class", "speaker": "Speaker"}[column])
    return figure


def _standardised(features: np.ndarray) -> np.ndarray:
    deviation = features.std(axis=0)
    # Relative to its size: float32 round-off of a constant feature is not information.
    varies = deviation > 1e-6 * np.maximum(np.abs(features).max(axis=0), 1e-12)
    centred = (features - features.mean(axis=0))[:, varies]
    return centred / deviation[varies]


def _pca(features: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    from sklearn.decomposition import PCA

    points, shares = np.zeros((len(features), 2)), np.zeros(2)
    count = min(2, *features.shape)
    # Nothing varies where all features are constant or there is one recording.
    if count:
        # The full decomposition is the same each time; the largest loading is made positive there.
        pca = PCA(count, svd_solver="full")
        points[:, :count] = pca.fit_transform(features)
        shares[:count] = pca.explained_variance_ratio_
    return points, (float(shares[0]), float(shares[1]))


def _umap(features: np.ndarray, seed: int) -> tuple[np.ndarray, tuple[float, float]]:
    try:
        umap = import_module("umap")
    except ImportError as error:
        raise SemisupError(
            "UMAP needs the package umap-learn, which is not installed; use the method 'pca'"
        ) from error
    # with a seed UMAP runs on one thread, and warns where more are asked for
    return umap.UMAP(random_state=seed, n_jobs=1).fit_transform(features), (np.nan, np.nan)


def _style(place: int) -> tuple[str, str]:
    # markers move on by one in each round of the colours, so that pairs do not come again at once
    return COLOURS[place % len(COLOURS)], MARKERS[(place + place // len(COLOURS)) % len(MARKERS)]


def _draw(ax: "Axes", points: pd.DataFrame, everywhere: pd.Series, column: str) -> None:
    for place, value in enumerate(sorted(everywhere.astype(str).unique())):
        colour, marker = _style(place)
        for subset, face in (("labelled", "none"), ("test", colour)):
            chosen = points[(points[column].astype(str) == value) & (points["subset"] == subset)]
            ax.scatter(
                chosen["x"],
                chosen["y"],
                s=13,
                marker=marker,
                facecolors=face,
                edgecolors=colour,
                linewidths=0.7,
                alpha=0.75,
            )


def _leave_out_numbers(ax: "Axes") -> None:
    """Draw a frame alone: components have no unit, and only what lies close to what tells."""
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(True)


def _shares(points: pd.DataFrame) -> str:
    """Say what the two directions have of the variance."""
    x, y = points[["x_share", "y_share"]].iloc[0]
    return "UMAP" if np.isnan(x) else f"{100 * x:.0f} % + {100 * y:.0f} % of variance"


def _explain(block: "SubFigure", values: pd.Series, title: str) -> None:
    from matplotlib.lines import Line2D

    names, size = sorted(values.astype(str).unique()), look().tick
    room = 0.9 * _LEGEND * block.bbox.width / block.dpi - 1.5 * size / 72
    handles = []
    for place, name in enumerate(names[:_LISTED]):
        colour, marker = _style(place)
        style = {"color": colour, "marker": marker, "linestyle": "", "markersize": 4}
        label = wrapped(label_text(name) or "not known", room, size)
        handles.append(Line2D([], [], label=label, **style))  # type: ignore[arg-type]
    if len(names) > _LISTED:
        handles.append(Line2D([], [], linestyle="", label=f"and {len(names) - _LISTED} more"))
    block.legend(
        handles=handles,
        title=f"{title}\n(filled: test)",
        loc="outside right center",
        handletextpad=0.2,
        fontsize=size,
        title_fontsize=size,
        frameon=False,
    )
