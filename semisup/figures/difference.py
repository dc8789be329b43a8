"""Difference curves: one representation minus another against the percentage of labelled data.

In: `comparison.csv`. Out: an Axes for one classifier, or a Figure with all side by side. Along the
bottom, bars mark the budgets where the simultaneous band leaves zero out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from semisup.comparison.told import AHEAD, BEHIND
from semisup.figures.crossover import draw_crossover
from semisup.figures.learning_curve import X_LABEL
from semisup.figures.paired import baselines, classifiers, representations, select, stretches
from semisup.figures.panel import name_of, small_multiples
from semisup.figures.style import GREY, Dash, dress, legend_below, line_styles, new_axes, words
from semisup.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Height of a row of marks along the bottom, as a share of the Axes.
_ROW = 0.055


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
    baseline: str | None = None,
    ax: "Axes | None" = None,
    names: Sequence[str] = (),
) -> "Axes":
    """Draw how far every other representation is ahead of a baseline.

    Parameters
    ----------
    comparison : DataFrame
        As `comparison.csv` has it.
    classifier : str
        One of its classifiers, or "mean".
    metric : str
        One that was compared.
    baseline : str, optional
        The b of the pairs; the first of the table if left out.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    names : sequence of str
        All representations in the study's order, from which the colours follow.

    Returns
    -------
    Axes
        With a line, a pointwise and a lighter simultaneous band for each pair, bars along the
        bottom where the difference is resolved, and the crossover with its interval on the zero
        line.
    """
    ax = new_axes() if ax is None else ax
    baseline = baseline or baselines(comparison)[0]
    _draw(ax, comparison, classifier, metric, baseline, names)
    rows = select(comparison, "difference", metric=metric, representation_b=baseline)
    _make_room(ax, rows[rows["classifier"] == classifier])
    dress(ax, name_of(classifier), X_LABEL, _y_label(metric))
    legend_below(ax, 2)
    return ax


def plot_differences(
    comparison: pd.DataFrame,
    metric: str = "f1_weighted",
    baseline: str | None = None,
    names: Sequence[str] = (),
) -> "Figure":
    """Draw the differences for all classifiers as small multiples, as `plot_difference` does."""
    baseline = baseline or baselines(comparison)[0]

    def draw(ax: "Axes", classifier: str) -> None:
        _draw(ax, comparison, classifier, metric, baseline, names)

    rows = select(comparison, "difference", metric=metric, representation_b=baseline)
    # A classifier that is run on some representations alone may have no pair with the baseline.
    shown = [name for name in classifiers(comparison) if name in set(rows["classifier"])]
    figure = small_multiples(shown, draw, X_LABEL, _y_label(metric))
    # Panels share their axes: what makes room in one does in all.
    _make_room(figure.axes[0], rows)
    return figure


def _y_label(metric: str) -> str:
    return f"Difference in {METRICS[metric].phrase}"


def _draw(
    ax: "Axes",
    comparison: pd.DataFrame,
    classifier: str,
    metric: str,
    baseline: str,
    names: Sequence[str],
) -> None:
    styles = line_styles(names or representations(comparison))
    keys = {"metric": metric, "representation_b": baseline, "classifier": classifier}
    rows = select(comparison, "difference", **keys)
    tables = {
        a: difference_table(comparison, metric, a, baseline, classifier)
        for a in rows["representation_a"].unique()
    }
    ax.axhline(0, color=GREY, linewidth=1, label=f"No difference from {words(baseline)}")
    for place, (a, table) in enumerate(tables.items()):
        _draw_curve(ax, table, styles[a]["color"], styles[a]["linestyle"], words(a))
        _draw_stretches(ax, table, styles[a]["color"], _ROW * (place + 0.6))
        draw_crossover(ax, comparison, (classifier, metric, a, baseline), styles[a]["color"])
    # of one draw there are no bands, and nobody is ahead
    _explain(ax, any(table["low_simultaneous"].notna().any() for table in tables.values()))


def _draw_curve(ax: "Axes", table: pd.DataFrame, colour: str, dash: Dash, text: str) -> None:
    x = table["percentage"]
    # A band over one budget has no width: its edge is drawn instead.
    edge = 6 if len(x) == 1 else 0
    for kind, strength in (("_simultaneous", 0.14), ("", 0.22)):
        ax.fill_between(
            x,
            table[f"low{kind}"],
            table[f"high{kind}"],
            color=colour,
            alpha=strength,
            linewidth=edge,
        )
    few = "o" if len(x) < 8 else ""
    ax.plot(
        x,
        table["value"],
        color=colour,
        linestyle=dash,
        linewidth=1.4,
        marker=few,
        markersize=4,
        label=text,
    )


def _draw_stretches(ax: "Axes", table: pd.DataFrame, colour: str, height: float) -> None:
    x = table["percentage"].to_numpy(dtype=float)
    # half the least step between budgets: bars of neighbours touch and do not overlap
    half = float(np.diff(x).min()) / 2 if len(x) > 1 else 1.0
    for first, last, sign in stretches(table["ahead"].tolist()):
        ax.barh(
            height,
            x[last] - x[first] + 2 * half,
            left=x[first] - half,
            height=_ROW * 0.7,
            facecolor=colour if sign > 0 else "white",
            edgecolor=colour,
            hatch="" if sign > 0 else "/////",
            linewidth=0.8,
            transform=ax.get_xaxis_transform(),
            zorder=3,
        )


def _explain(ax: "Axes", has_bands: bool) -> None:
    """Say in the legend what the marks mean, whether or not this panel has them."""
    pointwise = "95 % at one budget" if has_bands else "95 % at one budget, of this order"
    ax.fill_between([], [], color=GREY, alpha=0.4, linewidth=0, label=pointwise)
    if not has_bands:
        return
    ax.fill_between(
        [], [], color=GREY, alpha=0.15, linewidth=0, label="95 % at all budgets at once"
    )
    ax.fill_between([], [], color=GREY, linewidth=0.8, label="Bar: ahead (all budgets at once)")
    ax.fill_between(
        [],
        [],
        facecolor="white",
        edgecolor=GREY,
        hatch="/////",
        linewidth=0.8,
        label="Hatched bar: behind",
    )


def _make_room(ax: "Axes", table: pd.DataFrame) -> None:
    """Leave the bottom to the marks."""
    values = np.append(table[["value", "low", "high"]].to_numpy(dtype=float).ravel(), 0)
    # Few draws make the simultaneous band of a few budgets so wide that it would flatten the rest.
    low = np.nanmin([*values, table["low_simultaneous"].median()])
    high = np.nanmax([*values, table["high_simultaneous"].median()])
    span = max(high - low, 1e-3)
    share = _ROW * (table["representation_a"].nunique() + 0.8)
    bottom = low - span * (share / (1 - share) + 0.03)
    ax.set_ylim(bottom, high + 0.05 * span)
    ax.set_xlim(0, 1.02 * float(table["percentage"].max()))
