"""Projections: the labelled and test recordings of each representation in two dimensions.

In: feature tables, labels and speakers. Out: a table of points, and a Figure: one column a
representation, coloured by class above and by speaker below.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from semisup.errors import SemisupError, TableError
from semisup.features.tables import feature_names
from semisup.figures.style import (
    COLOURS,
    MARKERS,
    TICK_SIZE,
    dress,
    label_text,
    new_figure,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Method = Literal["pca", "umap"]
#: A legend of more speakers hides the picture.
_LISTED = 9
#: Letters of a title that a panel has room for.
_LONGEST_TITLE = 30


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
    figure = new_figure(max(2.7 * len(names), 4.6) + 1.3, 2.6 * len(by) + 0.2)
    grid = figure.subplots(len(by), len(names), squeeze=False)
    for row, column in zip(grid, by, strict=True):
        for ax, name in zip(row, names, strict=True):
            of_representation = points[points["representation"] == name]
            _draw(ax, of_representation, points[column], column)
            title = _title(name, notes or {}) if column == by[0] else ""
            dress(ax, title, *_axis_labels(of_representation))
            ax.grid(visible=False)
        _explain(row[-1], points[column], {"label": "Class", "speaker": "Speaker"}[column])
    return figure


def _title(name: str, notes: Mapping[str, str]) -> str:
    """Return name and note, on two lines where one would reach into the next panel."""
    title = words(name)
    if name not in notes:
        return title
    end = ",\n" if len(title) + len(notes[name]) > _LONGEST_TITLE else ", "
    return f"{title}{end}{notes[name]}"


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
    ax.tick_params(labelsize=TICK_SIZE)


def _axis_labels(points: pd.DataFrame) -> tuple[str, str]:
    shares = points[["x_share", "y_share"]].iloc[0]
    if shares.isna().any():
        return "UMAP 1", "UMAP 2"
    return f"PC 1 ({shares['x_share']:.0%})", f"PC 2 ({shares['y_share']:.0%})"


def _explain(ax: "Axes", values: pd.Series, title: str) -> None:
    from matplotlib.lines import Line2D

    names = sorted(values.astype(str).unique())
    handles = []
    for place, name in enumerate(names[:_LISTED]):
        colour, marker = _style(place)
        style = {"color": colour, "marker": marker, "linestyle": "", "markersize": 4}
        handles.append(Line2D([], [], label=label_text(name) or "not known", **style))  # type: ignore[arg-type]
    if len(names) > _LISTED:
        handles.append(Line2D([], [], linestyle="", label=f"... and {len(names) - _LISTED} more"))
    ax.legend(
        handles=handles,
        title=f"{title}\n(filled: test)",
        loc="center left",
        bbox_to_anchor=(1.02, 0.5),
        fontsize=TICK_SIZE,
        title_fontsize=TICK_SIZE,
        frameon=False,
    )
