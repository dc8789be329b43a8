"""The representations that a study asks for, with what they are made of, and their trainings."""

from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.kinds import kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.study.spec import RepresentationSpec


def parents_first(
    names: list[str], options: dict[str, RepresentationSpec]
) -> dict[str, Representation]:
    """Return the representations asked for, and before each those that it is made of."""
    kinds: dict[str, Representation] = {}

    # the checks of the study file have refused circles
    def add(name: str) -> None:
        kind = kind_of(options[name])
        for parent in kind.parents():
            add(parent)
        kinds.setdefault(name, kind)

    for name in names:
        add(name)
    return kinds


def trainings_of(kinds: dict[str, Representation], seeds: int) -> dict[str, int]:
    """Return how often each is trained; what is made of others has as many tables as they have."""
    trainings: dict[str, int] = {}
    for name, kind in kinds.items():  # parents come first
        of_parents = [trainings[parent] for parent in kind.parents()]
        trainings[name] = seeds if kind.models else max([1, *of_parents])
    return trainings


def owner_of(name: str, kinds: dict[str, Representation]) -> str:
    """Return the first representation with the same arrays or fits, which may be itself."""
    kind = kinds[name]
    if not isinstance(kind, ArrayRepresentation | LabelDependent):
        return name
    options = kind.options.without(kind.shared)
    return next(
        other
        for other, candidate in kinds.items()
        if isinstance(candidate, type(kind)) and candidate.options.without(kind.shared) == options
    )
