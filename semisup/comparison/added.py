"""What learning added: each learned representation against what it is without learning.

In: `comparison.csv`. Out: a difference with its band, and a sentence, for every control.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.comparison.summary import MEAN
from semisup.comparison.told import AHEAD, BEHIND
from semisup.study.controls import CONTROLS, control_in, controlled

#: In percent: where labels are scarce. The budget is fixed before any result is seen.
BUDGET = 10.0
NO_BREAK = "\N{NO-BREAK SPACE}"


class Added(NamedTuple):
    """The difference of a representation and one of its controls at a label budget.

    Parameters
    ----------
    representation, control : str
    classifier : str
        "mean" for the mean over classifiers.
    percentage : float
        The study's budget that is the nearest to 10 %.
    value, low, high : float
        With the band that holds at all budgets at once; NaN where nothing can be told.
    outcome : str
        As `semisup.comparison.told.told` says.
    """

    representation: str
    control: str
    classifier: str
    percentage: float
    value: float
    low: float
    high: float
    outcome: str

    @property
    def mark(self) -> str:
        """Which way the difference is resolved: "ahead", "behind" or "open"."""
        return self.outcome if self.outcome in (AHEAD, BEHIND) else "open"

    @property
    def where(self) -> str:
        """At which label budget, by which classifier."""
        who = "mean of the classifiers" if self.classifier == MEAN else self.classifier
        return f"at {self.percentage:g} % of the labels ({who})"

    @property
    def finding(self) -> str:
        """What was added over what, with the band."""
        control = control_in(self.control)
        over = f"over {CONTROLS[control] if control else self.control}"
        low, high = (written(end).removeprefix("+") for end in (self.low, self.high))
        # never broken between lines
        number = f"{written(self.value)} [{low}, {high}]".replace(" ", NO_BREAK)
        return f"not resolved {over}: {number}" if self.mark == "open" else f"{number} {over}"

    @property
    def sentence(self) -> str:
        """All of it, in the names of the study."""
        return f"{self.representation}: what learning added {self.where}: {self.finding}"


def written(value: float) -> str:
    """Write a difference with its sign and without a leading zero.

    Examples
    --------
    >>> written(0.0312), written(-0.2), written(float("nan"))
    ('+.031', '-.200', '?')
    """
    if not np.isfinite(value):
        return "?"
    # what rounds to 0 has no sign
    return f"{value:+.3f}".replace("0.", ".", 1) if round(value, 3) else ".000"


def added_by_learning(comparison: pd.DataFrame, metric: str) -> list[Added]:
    """Gather what learning added, in the order of the comparison.

    Where no classifier is run on all representations there is no mean: then one row a classifier.

    Parameters
    ----------
    comparison : DataFrame
        As `comparison.csv` has it.
    metric : str
        One that was compared.
    """
    rows = comparison[comparison["statistic"] == "difference"]
    rows = rows[rows["metric"] == metric]
    pairs = rows[["representation_a", "representation_b"]].itertuples(index=False)
    rows = rows[[controlled(b, [a]) is not None for a, b in pairs]]
    if rows.empty:
        return []
    if MEAN in set(rows["classifier"]):
        rows = rows[rows["classifier"] == MEAN]
    budgets = rows["percentage"].unique()
    nearest = min(budgets, key=lambda budget: (abs(budget - BUDGET), budget))
    return [_added(row) for _, row in rows[rows["percentage"] == nearest].iterrows()]


def _added(row: pd.Series) -> Added:
    return Added(
        row["representation_a"],
        row["representation_b"],
        row["classifier"],
        float(row["percentage"]),
        float(row["value"]),
        float(row["low_simultaneous"]),
        float(row["high_simultaneous"]),
        row["outcome"],
    )
