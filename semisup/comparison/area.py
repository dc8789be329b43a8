"""The area under a learning curve, over the budget and over its logarithm.

In: budgets. Out: weights, so that an area is a linear map of a curve and needs no more for its
interval than a score does.
"""

import numpy as np


def area_weights(budgets: np.ndarray, log: bool = False) -> np.ndarray:
    """Return the trapezoid rule's weights, divided by the width.

    Parameters
    ----------
    budgets : ndarray of shape (n,)
        In percent, ascending.
    log : bool
        Over ln(budget), where each doubling of the labels counts the same.

    Returns
    -------
    ndarray of shape (n,)
        They add up to one: the area is a mean score.

    Examples
    --------
    >>> area_weights(np.array([20.0, 60.0, 100.0])).tolist()
    [0.25, 0.5, 0.25]
    """
    # one budget has no width to divide by; its area is its score
    if len(budgets) == 1:
        return np.ones(1)
    x = np.log(budgets) if log else budgets
    steps = np.diff(x)
    weights = np.zeros(len(x))
    weights[:-1] += steps / 2
    weights[1:] += steps / 2
    normalised: np.ndarray = weights / (x[-1] - x[0])
    return normalised
