"""Whether more labels made a system worse: the largest loss between two label budgets.

In: a learning curve. Out: the loss that stands out most with a p value that holds for all pairs of
budgets; and, once those are corrected for all systems, a word and a sentence for each.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from semisup.comparison.bootstrap import Curve
from semisup.comparison.summary import MEAN
from semisup.comparison.told import OPEN
from semisup.comparison.variance import variance

#: The statistic of these rows, and what stands for a curve that is resolved to fall.
MONOTONE, LOSES = "monotone", "loses"
#: What a representation is compared with in these rows: itself.
FEWER_LABELS = "fewer labels"
#: Of more budgets so many are compared, evenly over ln(budget): pairs are as many as their square.
MOST_BUDGETS = 12


class Loss(NamedTuple):
    """The loss between two budgets that stands out most.

    Parameters
    ----------
    start, end : float
        In percent.
    value : float
        The score at the end less that at the start.
    p_value : float
        One-sided, of the largest of all losses; NaN where nothing can be told of other orders.
    """

    start: float
    end: float
    value: float
    p_value: float


def largest_loss(curve: Curve, budgets: np.ndarray) -> Loss | None:
    """Return the loss that stands out most; None where there is one budget.

    Every loss between two budgets has a one-sided p value, Student's as of all differences; the
    smallest is multiplied by their number (Bonferroni). Quantiles of the largest of the resampled
    losses have no more power in the simulations of docs/STATISTICS.md, and p values no smaller than
    one in the number of resamples.

    References
    ----------
    Yan, Mohr and Viering 2025, LCDB 1.1 (arXiv 2505.15657): learning curves that fall.
    """
    if len(budgets) == 1:
        return None
    chosen = _spread_out(budgets)
    first, second = (chosen[places] for places in np.triu_indices(len(chosen), 1))
    losses = curve.mapped(np.eye(len(budgets))[first] - np.eye(len(budgets))[second])
    spread = variance(losses)
    error = np.sqrt(spread.total)
    ratio = np.divide(losses.estimate, error, out=np.zeros_like(error), where=error > 0)
    p_values = scipy.special.stdtr(spread.df, -ratio)
    most = int(np.argmin(p_values))
    p_value = np.nan if curve.is_one_order else min(p_values[most] * len(p_values), 1.0)
    return Loss(budgets[first[most]], budgets[second[most]], -losses.estimate[most], p_value)


def _spread_out(budgets: np.ndarray) -> np.ndarray:
    """Return the places of at most `MOST_BUDGETS` budgets, the first and the last among them."""
    if len(budgets) <= MOST_BUDGETS:
        return np.arange(len(budgets))
    at = np.linspace(np.log(budgets[0]), np.log(budgets[-1]), MOST_BUDGETS)
    return np.unique(np.abs(np.log(budgets) - at[:, None]).argmin(axis=1))


def sentence(system: str, loss: Loss, level: float) -> str:
    """Say what a system loses, as it is once it is resolved."""
    return (
        f"{system} loses {-loss.value:.3f} from {loss.start:g} to {loss.end:g} % of the labels "
        f"({100 * level:g} %, all budgets and systems at once)"
    )


def with_losses(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Fill `outcome` of the rows of losses, by their corrected p values; of the mean by its own.

    What is not resolved has no sentence of a loss.
    """
    rows = table["statistic"] == MONOTONE
    p_values = table["p_holm"].where(table["classifier"] != MEAN, table["p_value"])
    loses = rows & (p_values < 1 - level)
    outcome = table["outcome"].mask(rows, OPEN).mask(loses, LOSES)
    return table.assign(outcome=outcome, sentence=table["sentence"].mask(rows & ~loses))
