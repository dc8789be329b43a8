"""Every kind of representation made from audio as a scikit-learn transformer of signals.

The classes are built from the kinds themselves, one a kind, when they are asked for: a new kind is
a new transformer, and there is no list of them to keep.
"""

from functools import cache
from typing import TYPE_CHECKING

from semisup import registry

if TYPE_CHECKING:
    from semisup.transformers.base import Transformer


@cache
def kinds() -> dict[str, str]:
    """Return the kind by the name of its class, for all built-in kinds; nothing is imported.

    Names are the kinds' own in CamelCase. An autoencoder is what gets trained, and what the
    transformer gives are its codes.

    Examples
    --------
    >>> kinds()["LogmelPca"], kinds()["AutoencoderCodes"]
    ('logmel_pca', 'autoencoder')
    """
    return {_class_name(kind): kind for kind in registry.representations.built_in()}


def names() -> list[str]:
    """Return the names of all transformers; this imports the kinds, to see which can be one."""
    from semisup.transformers.classes import why_not

    return [name for name, kind in kinds().items() if not why_not(kind)]


def _class_name(kind: str) -> str:
    name = "".join(part.capitalize() for part in kind.split("_"))
    return f"{name}Codes" if name.endswith("Autoencoder") else name


# pickles name a class by its module and name, so that they find it here as users do
def __getattr__(name: str) -> "type[Transformer]":
    if name not in kinds():
        raise AttributeError(f"module 'semisup.transformers' has no attribute '{name}'")
    from semisup.transformers.classes import transformer_class

    return transformer_class(name)
