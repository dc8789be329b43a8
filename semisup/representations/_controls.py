"""Controls of learned kinds: the options of one in, those of what it is without learning out."""

from typing import TypeVar

from semisup.features.kinds import kind_class
from semisup.study.spec import RepresentationSpec

OptionsType = TypeVar("OptionsType", bound=RepresentationSpec)


def like(options: RepresentationSpec, kind: str, **keys: object) -> RepresentationSpec:
    """Return options of another kind: the given ones, and all that the two kinds share.

    Examples
    --------
    >>> from semisup.representations.voice_pca import Options
    >>> like(Options(kind="voice_pca"), "descriptors").speaker_normalisation
    'standard'
    """
    model = kind_class(kind).Options
    shared = {
        name: getattr(options, name)
        for name in type(options).model_fields
        if name in model.model_fields and name != "kind"
    }
    return model.model_validate({**shared, **keys, "kind": kind})


def untrained(options: OptionsType) -> OptionsType:
    """Return the options of a network that makes no step; all else is as in training."""
    return options.model_copy(update={"epochs": 0})


def is_untrained(options: RepresentationSpec) -> bool:
    """Tell whether a network is to make no step; what has no such key learns otherwise."""
    return bool(vars(options).get("epochs") == 0)
