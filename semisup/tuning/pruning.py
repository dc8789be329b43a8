"""Pruning of trials: those before a trial decide, whoever trained which of them at what time.

Trials that are trained side by side end in any order. One whose earlier trials have not all ended
is trained on; what it did beyond the epoch at which they would have ended it is dropped later.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from semisup.tuning.choice import is_pruned

#: Of a trial's folder: its row of the table of trials, with `val_losses` by epoch.
RESULT = "result.json"


class Curve(NamedTuple):
    """A trial that was trained to its end, as far as pruning goes.

    Parameters
    ----------
    name : str
        Of its values: a trial with the same ones shares its fate.
    alike : tuple of str
        Loss function and input scaling: others' losses cannot be compared with its own.
    val_losses : list of float
        By epoch.
    val_loss, error : float
        The lowest and its standard error.
    epochs : int
        That it may have had.
    """

    name: str
    alike: tuple[str, str]
    val_losses: list[float]
    val_loss: float
    error: float
    epochs: int


def curve_of(result: Mapping[str, Any], val_losses: list[float]) -> Curve | None:
    """Return the curve of a trial's result, None of one that was not trained to its end."""
    if result["state"] != "complete":
        return None
    alike = (result["loss_function"], result["input_scaling"])
    # those of older searches did not note how many they might have had, and are settled
    most = result.get("epochs_at_most", 0)
    error = result["val_loss_se"]
    return Curve(result["trial"], alike, val_losses, result["val_loss"], error, most)


class Before(NamedTuple):
    """The trials before one, by their place in the search.

    Parameters
    ----------
    ended : dict of int to Curve
        Those that are settled, but for what was pruned or diverged.
    going : dict of int to Path
        Results of those that are trained meanwhile: not there before they have ended.
    """

    ended: dict[int, Curve]
    going: dict[int, Path]

    def rivals(self) -> list[Curve] | None:
        """Return the trials that count, None as long as one of them is going on."""
        if not all(path.exists() for path in self.going.values()):
            return None
        results = {number: json.loads(path.read_text()) for number, path in self.going.items()}
        curves = {
            number: curve_of(result, result["val_losses"]) for number, result in results.items()
        }
        in_order = sorted({**self.ended, **curves}.items())
        return standing([curve for _, curve in in_order if curve is not None])


def standing(curves: Sequence[Curve]) -> list[Curve]:
    """Return the trials that those before them would not have ended, in the order of the search."""
    stands: dict[str, bool] = {}
    rivals: list[Curve] = []
    for curve in curves:
        if stands.setdefault(curve.name, pruned_after(curve, rivals) is None):
            rivals.append(curve)
    return rivals


def pruned_after(curve: Curve, before: Sequence[Curve]) -> int | None:
    """Return after how many epochs a trial is ended by those before it, None if it is not.

    Parameters
    ----------
    curve : Curve
        Of the trial; of one that is going on, its losses so far.
    before : sequence of Curve
        As `standing` gives them.
    """
    rivals = [rival for rival in before if rival.alike == curve.alike]
    if not rivals:
        return None
    error = min(rivals, key=lambda rival: rival.val_loss).error
    losses = [rival.val_losses for rival in rivals]
    # after its last epoch a trial is complete, whatever its loss
    last = min(len(curve.val_losses), curve.epochs - 1)
    return next(
        (
            done
            for done in range(1, last + 1)
            if is_pruned(curve.val_losses[:done], losses, error, curve.epochs)
        ),
        None,
    )
