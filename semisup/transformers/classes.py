"""Classes of transformers, each built from a kind of representation and its options."""

from collections.abc import Callable
from functools import cache
from inspect import Parameter as Argument
from inspect import Signature
from textwrap import fill

from semisup import registry
from semisup.features.kinds import kind_class
from semisup.features.label_dependent import LabelDependent
from semisup.transformers import kinds
from semisup.transformers.base import Transformer
from semisup.transformers.parameters import REQUIRED, Parameter, parameters_of, written

#: Characters of a line of a docstring.
WIDTH = 96
ATTRIBUTES = """
Attributes
----------
models_ : dict of str to bytes
    Contents of the files that hold what was learned; empty where nothing is.
feature_names_out_ : ndarray of shape (n_features,)
    Names of the columns.
"""


def why_not(kind: str) -> str:
    """Tell why a kind cannot be a transformer of signals, "" if it can."""
    found = kind_class(kind)
    if issubclass(found, LabelDependent):
        return f"kind '{kind}' learns from the labels of each budget anew"
    if found.needs not in ("audio", "chunks"):
        return f"kind '{kind}' is not made from audio but from tables"
    return ""


@cache
def transformer_class(name: str) -> type[Transformer]:
    """Build the class of this name.

    Raises
    ------
    AttributeError
        If its kind cannot be a transformer.
    """
    kind = kinds()[name]
    if why_not(kind):
        raise AttributeError(f"there is no transformer '{name}': {why_not(kind)}")
    parameters = parameters_of(kind_class(kind))
    body = {
        "kind": kind,
        "__init__": _initialiser(parameters),
        "__doc__": _docstring(kind, parameters),
        "__module__": "semisup.transformers",
    }
    return type(name, (Transformer,), body)


def _initialiser(parameters: list[Parameter]) -> Callable[..., None]:
    """Return an `__init__` that does what scikit-learn asks of one: keep what it is given."""
    arguments = [
        Argument(
            name,
            Argument.KEYWORD_ONLY,
            default=Argument.empty if default is REQUIRED else default,
            annotation=annotation,
        )
        for name, annotation, default, _ in parameters
    ]
    itself = Argument("self", Argument.POSITIONAL_ONLY)
    signature = Signature([itself, *arguments], return_annotation=None)

    def initialise(self: Transformer, **values: object) -> None:
        bound = signature.bind(self, **values)
        bound.apply_defaults()
        bound.arguments.pop("self")
        for name, value in bound.arguments.items():
            setattr(self, name, value)

    # get_params, clone, help and editors read it
    vars(initialise)["__signature__"] = signature
    return initialise


def _docstring(kind: str, parameters: list[Parameter]) -> str:
    """Write what a class does and what its parameters are, as numpydoc has it."""
    entries = [_entry(parameter) for parameter in parameters]
    what = f"A scikit-learn transformer of signals: the representation of kind '{kind}'."
    head = [registry.representations.summary(kind), "", what, "", "Parameters", "----------"]
    return "\n".join([*head, *entries, ATTRIBUTES])


def _entry(parameter: Parameter) -> str:
    name, annotation, default, description = parameter
    kind = written(annotation)
    first = f"{name} : {kind}" if default is REQUIRED else f"{name} : {kind}, default={default!r}"
    indent = "    "
    text = fill(description, WIDTH, initial_indent=indent, subsequent_indent=indent)
    return f"{first}\n{text}" if description else first
