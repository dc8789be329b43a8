"""Learning curves: a metric against the percentage of labelled data, one line a representation.

In: the table that `comparison.summarise` makes. Out: an Axes for one classifier, or a Figure with
all classifiers side by side.
"""

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

import pandas as pd

from semisup.comparison import SUMMARY_COLUMNS, require_columns
from semisup.errors import UnknownNameError, nearest
from semisup.figures.crossover import draw_crossover, explain_crossovers
from semisup.figures.panel import explain_axes, small_multiples
from semisup.figures.style import (
    GREY,
    LineStyle,
    dress,
    line_styles,
    new_axes,
    words,
)
from semisup.study.controls import without_controls

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

X_LABEL = "Percentage of labels"


def plot_learning_curve(
    summary: pd.DataFrame,
    classifier: str,
    ax: "Axes | None" = None,
    metric: str = "f1_weighted",
    chance: float | None = None,
    notes: Mapping[str, str] | None = None,
    comparison: pd.DataFrame | None = None,
) -> "Axes":
    """Draw the curves of all representations for one classifier.

    Parameters
    ----------
    summary : DataFrame
        As `comparison.summarise` gives it. A representation has the same colour, marker and dash
        in every figure of the same summary, by its place there.
    classifier : str
        A value of the column `classifier`.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    metric : str
        A value of the column `metric`.
    chance : float, optional
        Level of the dotted line, as `comparison.chance` gives it.
    notes : mapping of str to str, optional
        What the legend must say of a representation, such as ``{"code": "collapsed"}``.
    comparison : DataFrame, optional
        As `comparison.csv` has it: crossovers with the baseline are marked on the axis.

    Returns
    -------
    Axes
        With one line a representation and, where there are several draws, a band from `low` to
        `high`.

    Raises
    ------
    UnknownNameError
        If the summary does not have the classifier or the metric.
    """
    curves = _select(summary, "metric", metric)
    curves = _select(curves, "classifier", classifier)
    axes = new_axes() if ax is None else ax
    _draw(axes, summary, curves, chance, notes or {})
    _mark_crossovers(axes, comparison, classifier, metric, summary)
    dress(axes, words(classifier), X_LABEL, words(metric))
    explain_axes(axes, ax is None)
    return axes


def plot_panel(
    summary: pd.DataFrame,
    metric: str = "f1_weighted",
    chance: float | None = None,
    notes: Mapping[str, str] | None = None,
    comparison: pd.DataFrame | None = None,
) -> "Figure":
    """Draw the curves of all classifiers as small multiples with shared axes and one legend.

    Parameters and errors as of `plot_learning_curve`.
    """
    curves = _select(summary, "metric", metric)

    def draw(ax: "Axes", name: str) -> None:
        of_classifier = curves[curves["classifier"] == name]
        _draw(ax, summary, of_classifier, chance, notes or {})
        _mark_crossovers(ax, comparison, name, metric, summary)

    names = list(curves["classifier"].unique())
    return small_multiples(names, draw, X_LABEL, words(metric))


def _select(summary: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    names = require_columns(summary, SUMMARY_COLUMNS, "summary")[column]
    if name not in set(names):
        raise UnknownNameError(
            f"The summary has no {column} '{name}'; {nearest(name, names.unique())}"
        )
    return summary[names == name]


def _draw(
    ax: "Axes",
    summary: pd.DataFrame,
    curves: pd.DataFrame,
    chance: float | None,
    notes: Mapping[str, str],
) -> None:
    styles = line_styles(summary["representation"].unique())
    # bands of many lie upon each other
    strength = 0.15 * min(1.0, 4 / len(styles))
    for place, (name, style) in enumerate(styles.items()):
        curve = curves[curves["representation"] == name].sort_values("percentage")
        if len(curve):
            label = words(name) + (f", {notes[name]}" if name in notes else "")
            _draw_one(ax, curve, label, style, place, strength)
    _explain_bands(ax, curves)
    if chance is not None:
        ax.axhline(chance, color=GREY, linestyle=":", label=f"Chance ({chance:.2f})", zorder=1.5)
    ax.set_xlim(0, 1.02 * float(summary["percentage"].max()))


def _draw_one(
    ax: "Axes", curve: pd.DataFrame, label: str, style: LineStyle, place: int, strength: float
) -> None:
    x = curve["percentage"].to_numpy(dtype=float)
    # Ten markers a line at most, begun at another point on each, or 50 budgets become a hedge.
    every = ceil(len(x) / 10)
    ax.plot(
        x,
        curve["mean"].to_numpy(dtype=float),
        **style,
        label=label,
        markersize=4,
        markevery=(place % every, every),
    )
    # without markers it is a control, whose band would hide that of what it is a control of
    if curve["low"].notna().any() and style["marker"]:
        # A band over one budget has no width: its edge is drawn instead.
        edge = 6 if len(x) == 1 else 0
        ax.fill_between(
            x, curve["low"], curve["high"], color=style["color"], alpha=strength, linewidth=edge
        )


def _mark_crossovers(
    ax: "Axes", comparison: pd.DataFrame | None, classifier: str, metric: str, summary: pd.DataFrame
) -> None:
    if comparison is None:
        return
    crossovers = comparison[comparison["statistic"] == "crossover"]
    # a summary has all metrics, a comparison those that it was asked for
    if metric not in set(crossovers["metric"]):
        return
    styles = line_styles(without_controls(list(summary["representation"].unique())))
    with_baseline = [name for name in crossovers["representation_b"].unique() if name in styles][:1]
    pairs = [(a, b) for b in with_baseline for a in styles if a != b]
    # each a little above the one before: whiskers on one line would hide each other
    step = min(0.05, 0.3 / max(len(pairs), 1))
    for place, (a, b) in enumerate(pairs):
        case = (classifier, metric, a, b)
        draw_crossover(ax, comparison, case, styles[a]["color"], 0.04 + step * place)
    explain_crossovers(ax, *with_baseline)


def _explain_bands(ax: "Axes", curves: pd.DataFrame) -> None:
    draws = int(curves["draws"].max())
    if curves["low"].notna().any():
        label = f"95 % interval, {draws} draws" if draws > 1 else "95 % interval, one draw"
        ax.fill_between([], [], color=GREY, alpha=0.2, linewidth=0, label=label)
