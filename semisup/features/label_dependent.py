"""What a kind must have whose features depend on labels: it is fitted anew in every cell.

Such a kind learns from the labels of a label budget, so it must be fitted for each budget of each
draw, on that draw's labels alone. Besides `LEVEL`, `NEEDS` and `Options` it has

`MODELS` : ()
    Nothing is written before the learning curve.
`OUTPUTS` : tuple of str
    Names of what one fit gives; `options.output` chooses one. Representations whose options differ
    in `output` alone share their fits.
`rows(options, inputs)` : function
    Returns `PreparedRows` of all recordings of all subsets: what the network is given, no label.
`refit(options, labelled, unlabelled, n_classes, seed)` : function
    Returns a `Fitted`. Everything random comes from `seed`; where it holds out recordings to
    validate on, these are whole ones of `labelled`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd


class PreparedRows(NamedTuple):
    """Rows of the network's input.

    Parameters
    ----------
    index : DataFrame
        recording, chunk (-1 for a whole recording); line i describes ``x[i]``.
    x : ndarray of shape (n, ...), float32
    """

    index: pd.DataFrame
    x: np.ndarray


class Labelled(NamedTuple):
    """The rows of one label budget.

    Parameters
    ----------
    x : ndarray of shape (n, ...), float32
    classes : ndarray of shape (n,), int
        From 0 to n_classes - 1; a small budget may lack none of them.
    owner : ndarray of shape (n,), int
        Which recording each row is of.
    """

    x: np.ndarray
    classes: np.ndarray
    owner: np.ndarray


class Fitted(NamedTuple):
    """What one fit gives.

    Parameters
    ----------
    history : DataFrame
        epoch (from 1), loss, val_loss, and whatever else was measured, such as accuracy.
    encode : callable
        Takes rows (n, ...) and returns an array (n, d), float32, for every name of `OUTPUTS`.
    model : keras.Model or None
        For those who want to keep it.
    """

    history: pd.DataFrame
    encode: Callable[[np.ndarray], dict[str, np.ndarray]]
    model: object = None
