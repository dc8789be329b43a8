"""Difference curves: one representation minus another against the percentage of labelled data.

In: `comparison.csv`. Out: an Axes for one classifier, or a Figure with all side by side. Along the
bottom, bars mark the budgets where the simultaneous band leaves zero out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from semisup.comparison.told import AHEAD, BEHIND
from semisup.figures.crossover import draw_crossover, explain_crossovers
from semisup.figures.learning_curve import X_LABEL
from semisup.figures.paired import classifiers, representations, select, stretches
from semisup.figures.paired import pairs as pairs_of
from semisup.figures.panel import explain, figure_of, head, name_of, small_multiples
from semisup.figures.style import GREY, dress, line_styles, new_axes, phrase, words
from semisup.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Pair = tuple[str, str]
#: Height of the marks along the bottom, as a share of the Axes.
_ROW = 0.05
#: Of a bar where b is ahead, so that it can be told from one of a in grey.
_HATCH = "/////"


def difference_table(
    comparison: pd.DataFrame, metric: str, a: str, b: str, classifier: str | None = None
) -> pd.DataFrame:
    """Return the paired difference a - b at every budget.

    Returns
    -------
    DataFrame
        Columns classifier, percentage, value, low, high (pointwise 95 %), low_simultaneous,
        high_simultaneous, and ahead: 1 where a is ahead, -1 where b is, else 0, by the
        simultaneous band; nobody is whose score is not resolved from chance. Percentages ascend
        within a classifier.

    Raises
    ------
    UnknownNameError
        If the comparison lacks the metric, the pair or the classifier.
    """
    keys = {"metric": metric, "representation_a": a, "representation_b": b}
    if classifier is not None:
        keys["classifier"] = classifier
    rows = select(comparison, "difference", **keys)
    bands = ["low", "high", "low_simultaneous", "high_simultaneous"]
    table = rows[["classifier", "percentage", "value", *bands]].copy()
    table["ahead"] = rows["outcome"].map({AHEAD: 1, BEHIND: -1}).fillna(0).astype(int)
    order = {name: place for place, name in enumerate(table["classifier"].unique())}
    # lexsort takes the last key first: classifiers keep their order, budgets ascend in each
    columns = [table["percentage"], table["classifier"].map(order)]
    return table.iloc[np.lexsort([column.to_numpy() for column in columns])].reset_index(drop=True)


def plot_difference(
    comparison: pd.DataFrame,
    classifier: str,
    metric: str = "f1_weighted",
    pair: Pair | None = None,
    ax: "Axes | None" = None,
    names: Sequence[str] = (),
) -> "Axes":
    """Draw how far one representation is ahead of another with one classifier.

    Parameters
    ----------
    comparison : DataFrame
        As `comparison.csv` has it.
    classifier : str
        One of its classifiers, or "mean".
    metric : str
        One that was compared.
    pair : (a, b), optional
        One of the table's; the first if left out.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    names : sequence of str
        All representations in the study's order, from which the colours follow.

    Returns
    -------
    Axes
        With the difference, a pointwise and a lighter simultaneous band, bars along the bottom in
        the colour of who is ahead where that is resolved, and the crossover with its interval on
        the zero line.
    """
    is_alone = ax is None
    ax = new_axes() if ax is None else ax
    a, b = pair or pairs_of(comparison)[0]
    table = difference_table(comparison, metric, a, b, classifier)
    colours = _colours(comparison, (a, b), names)
    _draw(ax, table, colours)
    draw_crossover(ax, comparison, (classifier, metric, a, b), GREY)
    _explain(ax, table, (a, b), colours)
    _make_room(ax, table)
    dress(ax, f"{name_of(classifier)}: {title_of(a, b)}", X_LABEL, _y_label(metric))
    if is_alone:
        explain(figure_of(ax), [ax])
    return ax


def plot_differences(
    comparison: pd.DataFrame,
    metric: str = "f1_weighted",
    pair: Pair | None = None,
    names: Sequence[str] = (),
) -> "Figure":
    """Draw the difference of a pair for all classifiers, a panel each, as `plot_difference`."""
    a, b = pair or pairs_of(comparison)[0]
    whole = difference_table(comparison, metric, a, b)
    colours = _colours(comparison, (a, b), names)

    def draw(ax: "Axes", classifier: str) -> None:
        table = whole[whole["classifier"] == classifier]
        _draw(ax, table, colours)
        draw_crossover(ax, comparison, (classifier, metric, a, b), GREY)
        # of all panels: what is ahead in one of them is explained once, below all
        _explain(ax, whole, (a, b), colours)

    # A classifier that is run on some representations alone may not have the pair.
    shown = [name for name in classifiers(comparison) if name in set(whole["classifier"])]
    figure = small_multiples(shown, draw, X_LABEL, _y_label(metric))
    # Panels share their axes: what makes room in one does in all.
    _make_room(figure.axes[0], whole)
    head(figure, title_of(a, b))
    return figure


def title_of(a: str, b: str) -> str:
    """Write which is taken from which."""
    return f"{words(a)} minus {phrase(b)}"


def _y_label(metric: str) -> str:
    return f"Difference in {METRICS[metric].phrase}"


def _colours(comparison: pd.DataFrame, pair: Pair, names: Sequence[str]) -> tuple[str, str]:
    styles = line_styles(names or representations(comparison))
    return styles[pair[0]]["color"], styles[pair[1]]["color"]


def _draw(ax: "Axes", table: pd.DataFrame, colours: tuple[str, str]) -> None:
    ax.axhline(0, color=GREY, linewidth=1)
    x = table["percentage"]
    # A band over one budget has no width: its edge is drawn instead.
    edge = 6 if len(x) == 1 else 0
    for kind, strength in (("_simultaneous", 0.15), ("", 0.3)):
        low, high = table[f"low{kind}"], table[f"high{kind}"]
        ax.fill_between(x, low, high, color=GREY, alpha=strength, linewidth=edge)
    few = "o" if len(x) < 8 else ""
    ax.plot(x, table["value"], color="black", linewidth=1.4, marker=few, markersize=3)
    _draw_stretches(ax, table, colours)


def _draw_stretches(ax: "Axes", table: pd.DataFrame, colours: tuple[str, str]) -> None:
    x = table["percentage"].to_numpy(dtype=float)
    # half the least step between budgets: bars of neighbours touch and do not overlap
    half = float(np.diff(x).min()) / 2 if len(x) > 1 else 1.0
    for first, last, sign in stretches(table["ahead"].tolist()):
        left, right = max(x[first] - half, 0), min(x[last] + half, 1.02 * x[-1])
        ax.barh(
            _ROW,
            right - left,
            left=left,
            height=_ROW,
            transform=ax.get_xaxis_transform(),
            zorder=3,
            **_bar(colours, sign),
        )


def _bar(colours: tuple[str, str], sign: int) -> dict[str, Any]:
    if sign > 0:
        return {"facecolor": colours[0], "edgecolor": colours[0], "linewidth": 0.8}
    return {"facecolor": "white", "edgecolor": colours[1], "hatch": _HATCH, "linewidth": 0.8}


def _explain(ax: "Axes", table: pd.DataFrame, pair: Pair, colours: tuple[str, str]) -> None:
    """Say in the legend what the marks mean, of those that some panel has."""
    ax.plot([], [], color="black", linewidth=1.4, label="Difference")
    has_bands = bool(table["low_simultaneous"].notna().any())
    pointwise = "95 % at one budget" if has_bands else "95 % at one budget, of this order"
    ax.fill_between([], [], color=GREY, alpha=0.4, linewidth=0, label=pointwise)
    explain_crossovers(ax)
    # of one draw there are no bands, and nobody is ahead
    if not has_bands:
        return
    at_once = "95 % at all budgets at once"
    ax.fill_between([], [], color=GREY, alpha=0.15, linewidth=0, label=at_once)
    signs = [sign for sign in (1, -1) if sign in set(table["ahead"])]
    for sign in signs:
        label = f"{words(pair[0] if sign > 0 else pair[1])} ahead"
        ax.fill_between([], [], label=label, **_bar(colours, sign))
    if not signs:
        ax.plot([], [], linestyle="", label="Neither is ahead at any budget")


def _make_room(ax: "Axes", table: pd.DataFrame) -> None:
    """Leave the bottom to the marks."""
    values = np.append(table[["value", "low", "high"]].to_numpy(dtype=float).ravel(), 0)
    # Few draws make the simultaneous band of a few budgets so wide that it would flatten the rest.
    low = np.nanmin([*values, table["low_simultaneous"].median()])
    high = np.nanmax([*values, table["high_simultaneous"].median()])
    span = max(high - low, 1e-3)
    share = 2 * _ROW
    ax.set_ylim(low - span * (share / (1 - share) + 0.02), high + 0.05 * span)
    ax.set_xlim(0, 1.02 * float(table["percentage"].max()))
