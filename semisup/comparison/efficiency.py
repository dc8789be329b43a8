"""Data efficiency of representations: measures of the loss-against-data curve.

In: `losses.parquet` and the scores. Out: `loss_data.csv`. The measures are those of Whitney, Song,
Brandfonbrener, Altosaar and Cho 2020, Evaluating representations by the complexity of learning
low-loss predictors, arXiv 2009.07368, in nats and labelled recordings.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

COLUMNS = ("representation", "classifier", "measure", "percentage", "epsilon", "value")
LOSS_COLUMNS = ("representation", "classifier", "percentage", "draw", "log_loss")


def surplus_description_length(n: np.ndarray, loss: np.ndarray, epsilon: float = 0.0) -> float:
    r"""Sum what the loss exceeds a tolerance by, over the labels from the first to the last.

    .. math:: \sum_k (n_k - n_{k-1}) \max(L(n_k) - \varepsilon, 0), \quad n_0 = 0

    as the authors' own program does on a grid. With :math:`\varepsilon = 0` it is the minimum
    description length (MDL) of the labels. Where the last loss is above the tolerance it is a lower
    bound: more labels would add to it.

    Parameters
    ----------
    n : ndarray of shape (k,)
        Labelled recordings, ascending.
    loss : ndarray of shape (k,)
        Test log loss in nats.
    epsilon : float
        Tolerance in nats.

    Examples
    --------
    >>> surplus_description_length(np.array([10, 20, 40]), np.array([1.0, 0.5, 0.2]), 0.3)
    9.0
    """
    return float((np.diff(n, prepend=0) * np.maximum(loss - epsilon, 0)).sum())


def sample_complexity(n: np.ndarray, loss: np.ndarray, epsilon: float) -> int | None:
    """Return the place of the smallest number of labels with a loss within the tolerance.

    Examples
    --------
    >>> sample_complexity(np.array([10, 20, 40]), np.array([1.0, 0.5, 0.2]), 0.5)
    1
    """
    within = np.flatnonzero(loss <= epsilon)
    return int(within[0]) if len(within) else None


def loss_data(
    losses: pd.DataFrame, scores: pd.DataFrame, epsilons: Sequence[float]
) -> pd.DataFrame:
    """Return mean losses by budget and the measures of every system.

    Parameters
    ----------
    losses : DataFrame
        Columns `LOSS_COLUMNS`, one row a cell of a classifier with probabilities.
    scores : DataFrame
        One row a cell, with `n_recordings`.
    epsilons : sequence of float
        Tolerances in nats.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: "log_loss" by percentage; "mdl"; "surplus_description_length" and
        "epsilon_sample_complexity" by epsilon, the latter with the percentage at which it is
        reached and its labelled recordings as value, NaN if never.
    """
    keys = ["representation", "classifier", "percentage"]
    # a budget has as many recordings in every draw, so that the mean is that number
    counts = scores.groupby(keys, observed=True)["n_recordings"].mean()
    curves = losses.groupby(keys, sort=False, observed=True)["log_loss"].mean().reset_index()
    rows: list[tuple] = []
    for system, curve in curves.groupby(keys[:2], sort=False):
        curve = curve.sort_values("percentage")
        percentages, loss = curve["percentage"].to_numpy(), curve["log_loss"].to_numpy()
        n = counts.loc[system].reindex(percentages).to_numpy()
        rows += [(*system, *row) for row in _measures(percentages, n, loss, epsilons)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _measures(
    percentages: np.ndarray, n: np.ndarray, loss: np.ndarray, epsilons: Sequence[float]
) -> list[tuple]:
    rows: list[tuple] = [
        ("log_loss", percentage, np.nan, value)
        for percentage, value in zip(percentages, loss, strict=True)
    ]
    rows.append(("mdl", np.nan, np.nan, surplus_description_length(n, loss)))
    for epsilon in epsilons:
        value = surplus_description_length(n, loss, epsilon)
        rows.append(("surplus_description_length", np.nan, epsilon, value))
        place = sample_complexity(n, loss, epsilon)
        reached = (np.nan, np.nan) if place is None else (percentages[place], n[place])
        rows.append(("epsilon_sample_complexity", reached[0], epsilon, reached[1]))
    return rows
