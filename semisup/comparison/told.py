"""What the data tell of two representations at each label budget, in one word.

In: the band of their difference, and where each is above chance. Out: who is ahead, if anybody. All
that shows a verdict reads it here, so that table, sentence and figure say the same.
"""

import numpy as np

from semisup.comparison.crossover import Place
from semisup.comparison.interval import Interval

#: The first of the pair is ahead, or the second; the band holds zero, or there is none; the band
#: does not, but who would be ahead is itself not resolved from chance.
AHEAD, BEHIND, OPEN, GUESSING = "ahead", "behind", "not resolved", "not resolved from chance"


def told(bounds: Interval, above_a: np.ndarray, above_b: np.ndarray) -> np.ndarray:
    """Tell who is ahead at every budget.

    Parameters
    ----------
    bounds : Interval
        Of the difference a - b; bands of NaN tell nothing.
    above_a, above_b : ndarray of shape (n,), bool
        Where each is above chance.

    Returns
    -------
    ndarray of shape (n,), str
    """
    first, second = bounds.low_simultaneous > 0, bounds.high_simultaneous < 0
    words = np.full(len(first), OPEN, dtype=object)
    words[first | second] = GUESSING
    words[first & above_a] = AHEAD
    words[second & above_b] = BEHIND
    return words


def at_chance(place: Place, budgets: np.ndarray, above: np.ndarray) -> Place:
    """Call a budget that was found "not resolved from chance" where nobody is above it.

    A crossing that both curves make at chance is noise, and so are labels that a guesser saves.

    Parameters
    ----------
    place : Place
        A crossing, or labels saved.
    budgets : ndarray of shape (n,)
        In percent.
    above : ndarray of shape (n,), bool
        Where either representation is above chance.
    """
    if place.outcome not in ("crossing", "reached"):
        return place
    nearest = np.abs(np.log(budgets / place.value)).argmin()
    return place if above[nearest] else place._replace(outcome=GUESSING)
