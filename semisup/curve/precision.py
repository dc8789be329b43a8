"""How many draws a learning curve needs until its scores are as precise as a study asks.

In: the scores of all systems by draw and budget. Out: the half-width of the interval that the draws
leave to each, and the number of draws with which the largest would be narrow enough. Only the
spread of the draws is looked at, never which system is ahead: a mean is independent of the spread
it is stopped by (exactly of normal scores), so that looking several times costs no coverage.

References
----------
Y. S. Chow and H. Robbins 1965, On the asymptotic theory of fixed-width sequential confidence
intervals for the mean, Annals of Mathematical Statistics 36(2), 457-462.
"""

from collections.abc import Mapping

import numpy as np

from semisup.study.draws_spec import DrawsUntil


def spread(scores: np.ndarray, encoders: int = 1) -> np.ndarray:
    """Return the standard deviation of draws (n_draws, n_budgets), within encoders, by budget.

    Draw d is of encoder d mod `encoders`. Another training is none of what more draws would tell.
    """
    n_draws = len(scores)
    encoder = np.arange(n_draws) % encoders
    means = np.stack([scores[encoder == number].mean(axis=0) for number in range(encoders)])
    rest = scores - means[encoder]
    return np.sqrt((rest**2).sum(axis=0) / max(n_draws - encoders, 1))


def half_width(deviation: float, n_draws: int, encoders: int, level: float) -> float:
    """Return the half-width of Student's interval of a mean over draws."""
    from scipy.special import stdtrit

    if n_draws <= encoders:
        return np.inf
    return float(stdtrit(n_draws - encoders, (1 + level) / 2)) * deviation / float(n_draws**0.5)


def draws_needed(deviation: float, encoders: int, level: float, asked: DrawsUntil) -> int:
    """Return with how many draws of this spread the half-width would be the one asked for."""
    for n_draws in range(max(asked.at_least, encoders + 1), asked.at_most):
        if half_width(deviation, n_draws, encoders, level) <= asked.until:
            return n_draws
    return asked.at_most


def next_look(
    by_system: Mapping[str, np.ndarray],
    encoders: Mapping[str, int],
    level: float,
    asked: DrawsUntil,
) -> int:
    """Return how many draws there should be by the next look; no more than there are: enough.

    Parameters
    ----------
    by_system : mapping of str to ndarray of shape (n_draws, n_budgets)
        Scores.
    encoders : mapping of str to int
        Of each system.
    level : float
        Of the interval.
    asked : DrawsUntil
    """
    there = len(next(iter(by_system.values())))
    needed = max(
        draws_needed(float(np.nanmax(spread(scores, encoders[name]))), encoders[name], level, asked)
        for name, scores in by_system.items()
    )
    # no more than twice as many at once: the spread of a few draws is known badly itself
    return min(needed, 2 * there)


def widest(
    by_system: Mapping[str, np.ndarray], encoders: Mapping[str, int], level: float
) -> tuple[str, int, float]:
    """Return the system and the number of the budget of the widest interval, and its half-width."""
    found = []
    for name, scores in by_system.items():
        of_budgets = spread(scores, encoders[name])
        worst = int(np.nanargmax(of_budgets))
        width = half_width(float(of_budgets[worst]), len(scores), encoders[name], level)
        found.append((width, name, worst))
    width, name, worst = max(found)
    return name, worst, width
