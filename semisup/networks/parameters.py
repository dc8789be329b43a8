"""Values of a network's parameters: what a dataclass declares and the values in, problems out.

Known before anything is trained, and without Keras.
"""

import math
from dataclasses import fields
from numbers import Integral, Real
from typing import Any

from semisup.errors import nearest
from semisup.networks.schedules import SCHEDULES

#: Words that the parameters of these names may be.
CHOICES: dict[str, tuple[str, ...]] = {
    "schedule": SCHEDULES,
    "class_weight": ("balanced", "none"),
    "pooling": ("mean", "last"),
}
#: Smallest values, and the largest or a bound that is not reached (for shares of a whole).
AT_LEAST = {
    **dict.fromkeys(("patience", "batch_size", "filters", "blocks", "units"), 1),
    **dict.fromkeys(("fine_tuning_patience", "ratio", "steps"), 1),
    **dict.fromkeys(("epochs", "fine_tuning_epochs", "weights_seed", "random_state"), 0),
    **dict.fromkeys(("memory_gb", "gain_db", "mixup", "time_shift", "spec_augment"), 0),
    **dict.fromkeys(("validation_share", "dropout", "threshold", "lambda_u", "ema"), 0),
}
AT_MOST = {"time_shift": 1, "spec_augment": 1, "threshold": 1}
BELOW = {"validation_share": 1, "dropout": 1, "ema": 1}
ABOVE = {"learning_rate": 0, "fine_tuning_rate": 0}
_TYPES = {int: Integral, float: Real, str: str, bool: bool}
_WORDS = {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}


def wrong_values(network: Any) -> dict[str, str]:
    """Return what is wrong with the parameters of a network, by name.

    Parameters
    ----------
    network : dataclass instance
        Its fields are the parameters.

    Returns
    -------
    dict of str to str
        What the value must be, for the end of a sentence; empty if all are right.
    """
    found = {field.name: _problem(field.name, field.default, network) for field in fields(network)}
    return {name: problem for name, problem in found.items() if problem}


def shown(value: object) -> str:
    """Return a value as a study file writes it.

    Examples
    --------
    >>> shown(True), shown("rbf"), shown(2.5)
    ('true', "'rbf'", '2.5')
    """
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _problem(name: str, default: object, network: object) -> str:
    value, kind = getattr(network, name), type(default)
    if name in CHOICES:
        choices = CHOICES[name]
        hint = nearest(str(value), choices)
        return "" if value in choices else f"must be one of {', '.join(choices)}; {hint}"
    # true is a whole number to Python
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or _is_odd(value, kind)):
        return f"must be {_WORDS[kind]}"
    return _out_of_limits(name, value) if isinstance(value, Real) else ""


def _is_odd(value: object, kind: type) -> bool:
    if isinstance(value, Real) and not math.isfinite(value):
        return True
    return isinstance(value, bool) and kind is not bool


def _out_of_limits(name: str, value: Real) -> str:
    number = float(value)
    low, high = AT_LEAST.get(name, -math.inf), AT_MOST.get(name, math.inf)
    above, below = ABOVE.get(name, -math.inf), BELOW.get(name, math.inf)
    if low <= number <= high and above < number < below:
        return ""
    words = {"at least": low, "at most": high, "above": above, "below": below}
    return "must be " + " and ".join(
        f"{word} {bound:g}" for word, bound in words.items() if math.isfinite(bound)
    )
