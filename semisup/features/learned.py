"""Which representations were learned from audio without labels: kinds in, names out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semisup.features.contract import Representation


def learned(kinds: Mapping[str, "Representation"]) -> list[str]:
    """Return which representations, parents first, are learned or made of what is."""
    names: list[str] = []
    for name, kind in kinds.items():
        if kind.is_learned or set(kind.parents()) & set(names):
            names.append(name)
    return names
