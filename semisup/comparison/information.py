"""Mutual information of codes and known factors: how well each factor has a code of its own.

In: codes and factors, one row a recording or chunk. Out: the mutual information gap.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.errors import TableError


class InformationGap(NamedTuple):
    """How far the best code of each factor is ahead of the second best.

    Parameters
    ----------
    gap : float
        Mean of `gaps`.
    gaps : ndarray of shape (n_factors,)
        From 0 to 1, as shares of the factor's entropy.
    information : ndarray of shape (n_codes, n_factors)
        Mutual information in nats.
    """

    gap: float
    gaps: np.ndarray
    information: np.ndarray


def mutual_information_gap(
    codes: np.ndarray, factors: np.ndarray | pd.DataFrame, bins: int = 20
) -> InformationGap:
    r"""Measure whether each factor is told by one code alone.

    .. math:: \frac{1}{K} \sum_k \frac{1}{H(v_k)} \Big( I(z_{j(k)}; v_k)
              - \max_{j \neq j(k)} I(z_j; v_k) \Big), \quad j(k) = \arg\max_j I(z_j; v_k)

    Parameters
    ----------
    codes : ndarray of shape (n, n_codes)
        Two codes at least.
    factors : ndarray or DataFrame of shape (n, n_factors)
        Discrete, such as class and speaker; one factor may be of shape (n,).
    bins : int
        Of equal width between a code's least and greatest value. Few rows in many bins tell more
        than there is: the estimate is biased upwards for every code.

    Returns
    -------
    InformationGap

    Raises
    ------
    TableError
        If rows differ in number, codes are fewer than two or not finite, or a factor is constant.

    References
    ----------
    R. T. Q. Chen, X. Li, R. Grosse and D. Duvenaud, "Isolating Sources of Disentanglement in
    Variational Autoencoders", NeurIPS 2018. https://arxiv.org/abs/1802.04942

    Examples
    --------
    >>> codes = np.array([[0.0, 5.0], [0.0, 6.0], [1.0, 5.0], [1.0, 6.0]])
    >>> mutual_information_gap(codes, ["ann", "ann", "bob", "bob"]).gap
    1.0
    """
    from scipy.stats import entropy

    codes = np.asarray(codes, dtype=float)
    values = _numbered(factors)
    _check(codes, values)
    binned = np.column_stack([discretised(code, bins) for code in codes.T])
    information = np.array(
        [[_information(code, factor) for factor in values.T] for code in binned.T]
    )
    second, best = np.sort(information, axis=0)[-2:]
    gaps = (best - second) / np.array([entropy(np.bincount(factor)) for factor in values.T])
    return InformationGap(float(gaps.mean()), gaps, information)


def discretised(code: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of each value, from 0, among bins of equal width.

    Examples
    --------
    >>> discretised(np.array([0.0, 0.4, 0.6, 1.0]), 2)
    array([0, 0, 1, 1])
    """
    low, high = code.min(), code.max()
    if low == high:
        return np.zeros(len(code), dtype=np.int64)
    places = ((code - low) / (high - low) * bins).astype(np.int64)
    # the greatest value alone would be in one bin more
    return np.minimum(places, bins - 1)


def _numbered(factors: np.ndarray | pd.DataFrame) -> np.ndarray:
    table = pd.DataFrame(factors)
    return np.column_stack([pd.factorize(table[name])[0] for name in table])


def _check(codes: np.ndarray, factors: np.ndarray) -> None:
    if codes.ndim != 2 or codes.shape[1] < 2 or not np.isfinite(codes).all():
        raise TableError(
            "The mutual information gap compares at least 2 columns of finite codes, "
            f"got an array of shape {codes.shape}{'' if np.isfinite(codes).all() else ' with NaN'}"
        )
    if len(codes) != len(factors):
        raise TableError(f"There are {len(codes)} rows of codes and {len(factors)} of factors")
    if (factors < 0).any() or (factors.max(axis=0) == 0).any():
        raise TableError("Every factor needs two values at least, and none that is missing")


def _information(code: np.ndarray, factor: np.ndarray) -> float:
    """Return the mutual information of bins and values, in nats."""
    from sklearn.metrics import mutual_info_score

    # Counted here: scikit-learn's own count is slow for the thousands of columns of a study, and
    # warns of a factor with nearly as many values as rows, such as the speakers of few recordings.
    n_values = int(factor.max()) + 1
    pairs = np.bincount(code * n_values + factor, minlength=(int(code.max()) + 1) * n_values)
    return float(mutual_info_score(None, None, contingency=pairs.reshape(-1, n_values)))
