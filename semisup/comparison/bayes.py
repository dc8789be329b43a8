"""A second opinion: the Bayesian correlated t test with a region of practical equivalence.

In: one difference. Out: three probabilities.
"""

from typing import NamedTuple

import numpy as np
import scipy

from semisup.comparison.bootstrap import Curve
from semisup.comparison.variance import variance


class Opinion(NamedTuple):
    """Probabilities that a is better, that both are practically the same, that b is better."""

    a: float
    same: float
    b: float


def correlated_t_test(differences: np.ndarray, rope: float, correlation: float = 0.0) -> Opinion:
    r"""Weigh paired differences a - b with the correlated Bayesian t test.

    With mean :math:`\bar x` and variance :math:`s^2` of n differences that correlate by
    :math:`\rho`, the posterior of the mean difference is Student's t with n - 1 degrees of freedom,
    centre :math:`\bar x` and scale :math:`\sqrt{(1/n + \rho / (1 - \rho)) s^2}`.

    Parameters
    ----------
    differences : ndarray of shape (n,)
    rope : float
        Half-width of the region of practical equivalence.
    correlation : float
        In [0, 1).

    References
    ----------
    Corani and Benavoli 2015, A Bayesian approach for comparing cross-validated algorithms on
    multiple data sets, Machine Learning 100, 285-304, equation 5; Benavoli, Corani, Demšar and
    Zaffalon 2017, Time for a change, JMLR 18(77), section 3.1.

    Examples
    --------
    >>> correlated_t_test(np.array([0.1, 0.1, 0.1]), 0.02)
    Opinion(a=1.0, same=0.0, b=0.0)
    """
    n = len(differences)
    if n < 2:
        return Opinion(np.nan, np.nan, np.nan)
    spread = differences.var(ddof=1) * (1 / n + correlation / (1 - correlation))
    return _opinion(float(differences.mean()), float(np.sqrt(spread)), n - 1, rope)


def _opinion(centre: float, scale: float, df: float, rope: float) -> Opinion:
    # Differences that are all the same, but for rounding, leave no doubt and no t distribution.
    if scale < 1e-12:
        better, worse = float(centre > rope), float(centre < -rope)
        return Opinion(better, 1 - better - worse, worse)
    better = float(scipy.special.stdtr(df, (centre - rope) / scale))
    worse = float(scipy.special.stdtr(df, (-rope - centre) / scale))
    return Opinion(better, 1 - better - worse, worse)


def second_opinion(difference: Curve, rope: float) -> Opinion:
    r"""Apply the test to the last budget of a difference curve.

    The differences are those of the test speakers, mean over the draws; they share the draws, and
    encoders if there are several, which is their correlation: with the components of `variance`,
    :math:`\rho / (1 - \rho) = (\hat\sigma^2_d / D + \hat\sigma^2_a / E) / s^2`. With one speaker,
    the draws take the speakers' place.
    """
    # kept as float32, which is too coarse for sums of squares
    values = difference.pseudo[-1].astype(np.float64)
    shared = variance(difference).shared[-1]
    if values.shape[1] == 1:
        return correlated_t_test(values.mean(axis=1), rope)
    by_speaker = values.mean(axis=0)
    spread = by_speaker.var(ddof=1)
    # rho / (1 - rho). One draw shares nothing that could be told from the speakers' own.
    odds = shared / spread if spread > 0 and values.shape[0] > 1 else 0.0
    return correlated_t_test(by_speaker, rope, odds / (1 + odds))
