"""Scores of predicted numbers, from sums over the scored recordings.

Sums of parts add up to those of the whole, so that resampling speakers is adding up their sums, as
confusion matrices are added up for classes. numpy is imported on use, as in `metrics`.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Moments(NamedTuple):
    """Sums over recordings of the true numbers t and the predicted ones p, ndarrays of one shape.

    Parameters
    ----------
    n : ndarray
        Recordings.
    true, predicted : ndarray
        Sums of t and of p.
    true_squares, predicted_squares, products : ndarray
        Sums of t t, p p and t p.
    errors : ndarray
        Sum of the absolute values of t - p.
    """

    n: "np.ndarray"
    true: "np.ndarray"
    predicted: "np.ndarray"
    true_squares: "np.ndarray"
    predicted_squares: "np.ndarray"
    products: "np.ndarray"
    errors: "np.ndarray"


#: How many sums there are.
N_MOMENTS = len(Moments._fields)


def terms(truth: "np.ndarray", predicted: "np.ndarray") -> "np.ndarray":
    """Return what a recording adds to each of `Moments`.

    Parameters
    ----------
    truth, predicted : ndarray
        Numbers, of shapes that go together.

    Returns
    -------
    ndarray of shape (7, ...), float64
    """
    import numpy as np

    t, p = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (truth, predicted)))
    return np.stack([np.ones_like(t), t, p, t * t, p * p, t * p, np.abs(t - p)])


def ccc(sums: Moments) -> "np.ndarray":
    r"""Return the concordance correlation coefficient; 0 where all numbers are the same.

    .. math:: \rho_c = \frac{2 s_{tp}}{s_t^2 + s_p^2 + (\bar t - \bar p)^2}

    with variances and covariance divided by n, as Lin has them.

    References
    ----------
    Lin 1989, A concordance correlation coefficient to evaluate reproducibility, Biometrics 45(1),
    255-268. doi:10.2307/2532051
    """
    true, predicted, covariance, distance = _spreads(sums)
    # equal numbers go with nothing, whatever rounding leaves
    varies = (true > _rounding(sums.true_squares, sums.n)) & (
        predicted > _rounding(sums.predicted_squares, sums.n)
    )
    covariance = covariance * varies
    agreement: np.ndarray = _ratio(2 * covariance, true + predicted + distance**2).clip(-1, 1)
    return agreement


def r2(sums: Moments) -> "np.ndarray":
    """Return the coefficient of determination; 0 where the true numbers are all the same."""
    squares = sums.true_squares - 2 * sums.products + sums.predicted_squares
    # of a perfect prediction the sums may differ by rounding
    spread = _spreads(sums)[0]
    # of equal numbers there is no spread, whatever rounding leaves
    known = spread > _rounding(sums.true_squares, sums.n)
    left = _ratio(_ratio(squares.clip(0), sums.n), spread * known)
    return (1 - left) * known


def mae(sums: Moments) -> "np.ndarray":
    """Return the mean absolute error."""
    return _ratio(sums.errors, sums.n)


def _spreads(
    sums: Moments,
) -> "tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]":
    """Return variances of truth and prediction, their covariance, and how far the means lie."""
    mean_true, mean_predicted = _ratio(sums.true, sums.n), _ratio(sums.predicted, sums.n)
    return (
        (_ratio(sums.true_squares, sums.n) - mean_true**2).clip(0),
        (_ratio(sums.predicted_squares, sums.n) - mean_predicted**2).clip(0),
        _ratio(sums.products, sums.n) - mean_true * mean_predicted,
        mean_true - mean_predicted,
    )


def _rounding(squares: "np.ndarray", n: "np.ndarray") -> "np.ndarray":
    """Return what the variance of n equal numbers may seem to be, by the sum of their squares."""
    return 1e-12 * _ratio(squares, n)


def _ratio(numerator: "np.ndarray", denominator: "np.ndarray") -> "np.ndarray":
    import numpy as np

    zeros = np.zeros_like(numerator)
    return np.divide(numerator, denominator, out=zeros, where=np.asarray(denominator) > 0)
