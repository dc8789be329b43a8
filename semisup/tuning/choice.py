"""Choice of the best trial: a table of trials in, the chosen row and the reason in words out."""

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from semisup.errors import SemisupError

Rule = Literal["one_standard_error", "lowest"]
#: Epochs that no trial is ended in, as a share of those it may have, and at least so many.
WARM_UP, LEAST_WARM_UP = 0.3, 5
#: Finished trials before any is pruned.
FINISHED_FIRST = 4


class Measure(NamedTuple):
    """What trials are ranked by: a column, its standard error in ``<column>_se``, its name."""

    column: str
    words: str
    higher_is_better: bool = False


def mean_and_error(values: np.ndarray, groups: np.ndarray) -> tuple[float, float]:
    r"""Average values and give the standard error over groups.

    Parameters
    ----------
    values : ndarray of shape (n,)
        One a chunk.
    groups : ndarray of shape (n,)
        Its speaker.

    Returns
    -------
    mean : float
        Of all values.
    error : float
        :math:`s / \sqrt{k}` with the standard deviation s (k - 1 degrees of freedom) of the k
        groups' means; NaN where there is one group.

    Examples
    --------
    >>> mean_and_error(np.array([1.0, 1, 3]), np.array(["a", "a", "b"]))
    (1.6666666666666667, 1.0)
    """
    means = pd.Series(values).groupby(np.asarray(groups)).mean()
    return float(np.mean(values)), float(means.std(ddof=1) / np.sqrt(len(means)))


def choose(trials: pd.DataFrame, measure: Measure, rule: Rule) -> tuple[int, str]:
    """Choose a trial.

    Parameters
    ----------
    trials : DataFrame
        Columns state, collapsed, architecture, parameters, the measure's and its standard error.
        Only rows of state "complete" can be chosen, and collapsed encoders only if all are: their
        loss may be as low as that of the mean spectrogram, but their codes say nothing.
    measure : Measure
        What they are ranked by.
    rule : {"one_standard_error", "lowest"}
        The smallest encoder whose measure is within one standard error of the best (of encoders of
        one size the better one) [1]_, or the best.

    Returns
    -------
    row : int
        Its place in the table.
    reason : str
        A sentence.

    Raises
    ------
    SemisupError
        If no trial is complete.

    References
    ----------
    .. [1] L. Breiman et al., "Classification and Regression Trees", 1984, section 3.4.3.
    """
    # larger is worse from here on
    sign = -1.0 if measure.higher_is_better else 1.0
    values = (sign * trials[measure.column]).where(_can_be_chosen(trials))
    if values.isna().all():
        raise SemisupError("Not one trial of the search was trained to its end")
    best = int(np.argmin(values.fillna(np.inf)))
    error = trials[f"{measure.column}_se"].iloc[best]
    if rule == "lowest":
        return best, f"{_described(trials, best, measure)} is the best of all"
    if np.isnan(error):
        return best, (
            f"{_described(trials, best, measure)} is the best of all; with one speaker there is no "
            "standard error to prefer a smaller one by"
        )
    near = np.flatnonzero(values <= values.iloc[best] + error)
    # `lexsort` sorts by its last key first: by size, then by measure, then by place
    order = np.lexsort((near, values.iloc[near], trials["parameters"].iloc[near]))
    row = int(near[order[0]])
    if row == best:
        return best, (
            f"{_described(trials, best, measure)} is the best of all, and no smaller encoder is "
            f"within one standard error ({error:.3g}) of it"
        )
    return row, (
        f"{_described(trials, row, measure)} is the smallest encoder within one standard error "
        f"({error:.3g}) of the best: {_described(trials, best, measure)}"
    )


def is_pruned(
    val_losses: list[float], finished: list[list[float]], error: float, epochs: int
) -> bool:
    """Tell whether a trial may end early.

    It may where its lowest val_loss so far is above the median of those that the finished trials
    had after as many epochs, and by more than one standard error, so that no trial is lost that
    `choose` might have taken.

    Parameters
    ----------
    val_losses : list of float
        By epoch, so far.
    finished : list of lists of float
        The same of finished trials with the same loss.
    error : float
        Standard error of the best of these; where it is NaN no trial ends.
    epochs : int
        At most to be trained.
    """
    done = len(val_losses)
    if done < max(LEAST_WARM_UP, WARM_UP * epochs) or len(finished) < FINISHED_FIRST:
        return False
    # lowest so far against lowest so far: a loss may rise for an epoch
    usual = np.median([min(losses[:done]) for losses in finished])
    # a comparison with NaN is false
    return bool(min(val_losses) - usual > error)


def _can_be_chosen(trials: pd.DataFrame) -> pd.Series:
    complete = trials["state"] == "complete"
    healthy = complete & ~trials["collapsed"].astype(bool)
    return healthy if healthy.any() else complete


def _described(trials: pd.DataFrame, row: int, measure: Measure) -> str:
    trial = trials.iloc[row]
    value, error = trial[measure.column], trial[f"{measure.column}_se"]
    spread = "" if np.isnan(error) else f" +- {error:.3g}"
    return (
        f"{trial['architecture']} of {trial['parameters']:,} parameters with a "
        f"{measure.words} of {value:.5g}{spread}"
    )
