"""Kinds of representations by name: built-in entries, users' classes and plain functions."""

import copyreg
import inspect
from collections.abc import Callable, Sequence

import numpy as np

from semisup import registry
from semisup.errors import OutsideError
from semisup.features.contract import Representation
from semisup.study.spec import RepresentationSpec


class FunctionRepresentation(Representation):
    """A plain function of a signal and its sample rate, made a representation."""

    def features(self, signal: np.ndarray, sample_rate: int) -> Sequence[float] | np.ndarray:
        """Return what the function makes of a signal; workers import it themselves."""
        function = registry.representations.load(self.options.kind, Representation)
        assert inspect.isfunction(function)  # kind_class has seen to it
        vector: Sequence[float] | np.ndarray = function(signal, sample_rate)
        return vector


def kind_class(name: str) -> type[Representation]:
    """Return the class of a kind.

    Raises
    ------
    UnknownNameError
        If there is no such kind; the nearest name is named.
    OutsideError
        If what a reference names cannot be imported, or is neither a subclass of
        `Representation` nor a function of a signal and its sample rate.
    """
    entry = registry.representations.load(name, Representation)
    if isinstance(entry, type) and issubclass(entry, Representation):
        if registry.representations.reference(name):
            _let_travel(entry)
        return entry
    if inspect.isfunction(entry) and _takes_a_signal(entry):
        return FunctionRepresentation
    raise OutsideError(
        f"'{name}' is not a representation: it must be a subclass of semisup.Representation, or a "
        "function of a signal and its sample rate"
    )


def kind_of(spec: RepresentationSpec) -> Representation:
    """Return a kind with its options."""
    return kind_class(spec.kind)(spec)


def _takes_a_signal(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind("signal", "sample_rate")
    except TypeError:
        return False
    return True


def _let_travel(entry: type[Representation]) -> None:
    """Let a class from outside, and its options, be sent to workers: they import it by name.

    The module of a user's file has a name that no worker could import.
    """
    # not `__reduce__`, which the class could have for reasons of its own
    copyreg.pickle(entry, _sent)
    if entry.Options is not RepresentationSpec:
        copyreg.pickle(entry.Options, _sent_options)


def _sent(kind: Representation) -> tuple[Callable[..., Representation], tuple[RepresentationSpec]]:
    return kind_of, (kind.options,)


def _sent_options(
    options: RepresentationSpec,
) -> tuple[Callable[..., RepresentationSpec], tuple[str, dict[str, object]]]:
    return _options, (options.kind, options.model_dump())


def _options(kind: str, keys: dict[str, object]) -> RepresentationSpec:
    return kind_class(kind).Options.model_validate(keys)
