"""What learning added by label budget: a representation minus each of its controls.

In: `comparison.csv` and the name of the representation. Out: a Figure with a panel a classifier.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from semisup.errors import UnknownNameError
from semisup.figures.difference import difference_table
from semisup.figures.learning_curve import X_LABEL
from semisup.figures.paired import classifiers, select
from semisup.figures.panel import head, small_multiples
from semisup.figures.style import COLOURS, CONTROL_DASHES, GREY, phrase
from semisup.metrics import METRICS
from semisup.study.controls import CONTROLS, control_in, controls_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def controlled_in(comparison: pd.DataFrame) -> list[str]:
    """Return the representations that are compared with controls of theirs."""
    rows = select(comparison, "difference")
    others = rows.groupby("representation_a", sort=False)["representation_b"].unique()
    return [name for name, compared in others.items() if controls_of(str(name), compared)]


def plot_learning(comparison: pd.DataFrame, representation: str, metric: str) -> "Figure":
    """Draw how far a representation is ahead of each of its controls.

    Parameters
    ----------
    comparison : DataFrame
        As `comparison.csv` has it.
    representation : str
    metric : str
        One that was compared.

    Returns
    -------
    Figure
        A panel a classifier, with a line and a band that holds at all budgets at once for each
        control.

    Raises
    ------
    UnknownNameError
        If the representation has no controls in the comparison.
    """
    rows = select(comparison, "difference", metric=metric)
    rows = rows[rows["representation_a"] == representation]
    controls = controls_of(representation, rows["representation_b"].unique())
    if not controls:
        raise UnknownNameError(
            f"The comparison has no control of '{representation}'; it has some of: "
            f"{', '.join(controlled_in(comparison)) or 'none'}"
        )

    def draw(ax: "Axes", classifier: str) -> None:
        _draw(ax, comparison, metric, representation, controls, classifier)

    shown = [name for name in classifiers(comparison) if name in set(rows["classifier"])]
    # the name of the metric stands above: beside a panel there is no room for it
    figure = small_multiples(shown, draw, X_LABEL, "Added by learning")
    what = f"What learning added to {METRICS[metric].phrase}: {phrase(representation)}"
    head(figure, what)
    return figure


def _draw(
    ax: "Axes",
    comparison: pd.DataFrame,
    metric: str,
    name: str,
    controls: Sequence[str],
    classifier: str,
) -> None:
    ax.axhline(0, color=GREY, linewidth=1, label="Nothing added")
    for colour, other in zip(COLOURS, controls, strict=False):
        control = control_in(other)
        assert control  # `controls_of` has seen to it
        table = difference_table(comparison, metric, name, other, classifier)
        x = table["percentage"]
        # a band over one budget has no width: its edge is drawn instead
        edge = 6 if len(x) == 1 else 0
        low, high = table["low_simultaneous"], table["high_simultaneous"]
        ax.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=edge)
        label, few = f"Over {CONTROLS[control]}", "o" if len(x) < 8 else ""
        dash = CONTROL_DASHES[control]
        ax.plot(
            x, table["value"], color=colour, linestyle=dash, marker=few, markersize=4, label=label
        )
    ax.set_xlim(0, 1.02 * float(comparison["percentage"].max()))
    ax.fill_between([], [], color=GREY, alpha=0.2, label="95 % at all budgets at once", linewidth=0)
