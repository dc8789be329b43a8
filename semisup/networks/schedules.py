"""Learning rates from epoch to epoch: the losses so far in, the next epoch's rate out."""

import math

from semisup.errors import SpecError, nearest

SCHEDULES = ("constant", "plateau", "cosine")
#: What a plateau multiplies the rate by.
FACTOR = 0.5


def learning_rate(
    schedule: str, base: float, val_losses: list[float], epochs: int, wait: int
) -> float:
    """Return the learning rate of the next epoch.

    Parameters
    ----------
    schedule : {"constant", "plateau", "cosine"}
    base : float
        Of the first epoch.
    val_losses : list of float
        Of the epochs done.
    epochs, wait : int
        Epochs at most, and without a lower val_loss before a plateau's rate is halved.

    Raises
    ------
    SpecError
        If there is no such schedule.

    Examples
    --------
    >>> learning_rate("cosine", 0.1, [0.9, 0.8], epochs=4, wait=2)
    0.05
    >>> learning_rate("plateau", 0.1, [0.9, 0.9, 0.9], epochs=4, wait=2)
    0.05
    """
    if schedule not in SCHEDULES:
        raise SpecError(f"There is no schedule '{schedule}'; {nearest(schedule, SCHEDULES)}")
    if schedule == "cosine":
        # rounded: the computed cos(pi / 2) is 6e-17 and not 0
        return base * (1 + round(math.cos(math.pi * len(val_losses) / epochs), 15)) / 2
    return base * FACTOR ** plateaus(val_losses, wait) if schedule == "plateau" else base


def plateaus(val_losses: list[float], wait: int) -> int:
    """Count the times that `wait` epochs in a row brought no lower val_loss.

    Examples
    --------
    >>> plateaus([3, 2, 2, 2, 2, 2, 1], wait=2)
    2
    """
    lowest, waited, count = math.inf, 0, 0
    for val_loss in val_losses:
        waited = 0 if val_loss < lowest else waited + 1
        lowest = min(lowest, val_loss)
        if waited == wait:
            waited, count = 0, count + 1
    return count
