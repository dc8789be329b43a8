"""Controls of learned representations: the same without learning, known by their names alone.

``code.untrained`` stands beside ``code`` in all tables, figures and files of a study.
"""

from collections.abc import Collection, Iterable
from typing import Literal

Control = Literal["untrained", "descriptors", "random"]
#: What each control is, after "over".
CONTROLS: dict[Control, str] = {
    "untrained": "the same network untrained",
    "descriptors": "its own descriptors without learning",
    "random": "a random projection of its input",
}


def control_name(name: str, control: Control) -> str:
    """Return the name that a control of a representation has."""
    return f"{name}.{control}"


def control_in(name: str) -> Control | None:
    """Return which control a name is that of, by its end alone.

    Examples
    --------
    >>> control_in("code.random"), control_in("code")
    ('random', None)
    """
    ends = (control for control in CONTROLS if name.endswith(f".{control}"))
    return next(ends, None)


def controlled(name: str, names: Collection[str]) -> str | None:
    """Return which of some representations a name is a control of; None for any other name.

    Examples
    --------
    >>> controlled("code.random", ["code", "code.random"]), controlled("code.random", ["voice"])
    ('code', None)
    """
    control = control_in(name)
    owner = name.removesuffix(f".{control}")
    return owner if control and owner in names else None


def controls_of(name: str, names: Iterable[str]) -> list[str]:
    """Return the controls of a representation among some names, in their order."""
    return [other for other in names if controlled(other, [name])]


def without_controls(names: Collection[str]) -> list[str]:
    """Return the representations that are no control of another, in their order."""
    return [name for name in names if controlled(name, names) is None]
