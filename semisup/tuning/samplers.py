"""Samplers of hyper-parameters: what `[tuning]` searches in, the values of one trial out.

Every trial has a sampler of its own, one of Optuna's, seeded by the study's seed and the trial's
place in the search: a search that was killed goes on as if it had not been.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
import optuna

from semisup.study.tuning_spec import Range, WholeRange

Searched = Mapping[str, list | Range]
Sampler = Literal["grid", "random", "tpe"]
#: Of the trials, which TPE draws at random before it trusts what it has seen.
_RANDOM_FIRST = 10


def grid(searched: Searched) -> list[dict[str, Any]]:
    """Return every combination, the last key changing fastest.

    Combinations of log scaling with another loss than the squared error are left out: they cannot
    be trained.

    Examples
    --------
    >>> grid({"latent_dim": [2, 4], "batch_size": [8]})
    [{'latent_dim': 2, 'batch_size': 8}, {'latent_dim': 4, 'batch_size': 8}]
    """
    points = [dict(zip(searched, values, strict=True)) for values in product(*searched.values())]
    return [point for point in points if _can_be_trained(point)]


def suggest(trial: optuna.Trial, searched: Searched) -> dict[str, Any]:
    """Ask a trial for a value of every searched key.

    Where log scaling was drawn the loss is not: it has to be the squared error.
    """
    values: dict[str, Any] = {}
    # the scaling first, as the loss hangs on it
    for name in sorted(searched, key=lambda name: name != "input_scaling"):
        values[name] = (
            "mean_squared_error"
            if name == "loss" and values.get("input_scaling") == "log"
            else _suggest_one(trial, name, searched[name])
        )
    # in the order of the study file again, in which they are shown
    return {name: values[name] for name in searched}


def sampler(kind: Sampler, seed: int, number: int) -> optuna.samplers.BaseSampler:
    """Return the sampler of one trial.

    Parameters
    ----------
    kind : {"grid", "random", "tpe"}
        How values are chosen; the points of a grid are queued, so that its sampler has no say.
    seed : int
        Of the search.
    number : int
        Of the trial: its place in the search.
    """
    drawn = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    if kind == "tpe":
        return optuna.samplers.TPESampler(seed=drawn, n_startup_trials=_RANDOM_FIRST)
    return optuna.samplers.RandomSampler(seed=drawn)


def hangs_on_none(kind: Sampler, number: int) -> bool:
    """Tell whether a trial's values depend on no other trial's result."""
    return kind != "tpe" or number < _RANDOM_FIRST


def _can_be_trained(point: Mapping[str, Any]) -> bool:
    logarithmic = point.get("input_scaling") == "log"
    return not logarithmic or point.get("loss", "mean_squared_error") == "mean_squared_error"


def _suggest_one(trial: optuna.Trial, name: str, values: Sequence[Any] | Range) -> Any:
    if isinstance(values, WholeRange):
        return trial.suggest_int(name, values.low, values.high, log=values.log)
    if isinstance(values, Range):
        return trial.suggest_float(name, values.low, values.high, log=values.log)
    return trial.suggest_categorical(name, values)
