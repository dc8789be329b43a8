"""Checks of `[tuning]`: its names, and every single value, against what it tunes."""

from typing import Any

from semisup import registry
from semisup.errors import SpecError, nearest
from semisup.features.kinds import kind_of
from semisup.reading.messages import unless_known, validated
from semisup.study.controls import controlled
from semisup.study.spec import StudySpec
from semisup.study.tuning_spec import Range


def tuning_problems(study: StudySpec) -> list[str]:
    """Return what is wrong with `[tuning]`, if there is such a table."""
    if study.tuning is None:
        return []
    try:
        name = tuned_name(study)
    except SpecError as error:
        return [str(error)]
    architectures = registry.architectures.names()
    problems = [
        problem
        for architecture in study.tuning.architectures or ()
        for problem in unless_known(architecture, architectures, "[tuning] architectures")
        or _too_small(study, name, architecture)
    ]
    for key, values in study.tuning.searched().items():
        # limits of keys are intervals: where both ends of a range are allowed, all between are
        tried = [values.low, values.high] if isinstance(values, Range) else values
        for value in tried:
            problems += _wrong_values(study, name, {key: value})
    return problems + _wrong_values(study, name, study.tuning.limits())


def tuned_name(study: StudySpec) -> str:
    """Return the name of the representation that `semisup tune` tunes.

    Raises
    ------
    SpecError
        If it is not there, not an autoencoder, or not among those that the curve compares.
    """
    candidates = [
        name
        for name, spec in study.representations.items()
        if spec.kind == "autoencoder"
        and name in study.compared()
        and controlled(name, study.representations) is None
    ]
    name = study.tuning.representation if study.tuning else None
    if not candidates:
        raise SpecError(
            "[tuning] needs a representation of kind 'autoencoder' among those that the curve "
            "compares; the study has none"
        )
    if name is not None and name not in candidates:
        raise SpecError(
            f"[tuning] representation: '{name}' is not one of kind 'autoencoder' that the curve "
            f"compares; {nearest(name, candidates)}"
        )
    return name or candidates[0]


def _too_small(study: StudySpec, name: str, architecture: str) -> list[str]:
    """Tell why the study's chunks do not fit an architecture, if so."""
    changed = study.representations[name].model_copy(update={"architecture": architecture})
    misfits = kind_of(changed).misfits(study.chunks)
    return [f"[tuning] architectures: {problem}" for problem in misfits]


def _wrong_values(study: StudySpec, name: str, values: dict[str, Any]) -> list[str]:
    """Tell why keys cannot have these values beside what is not searched, if so."""
    spec, tuning = study.representations[name], study.tuning
    searched = set(tuning.searched()) if tuning else set()
    # a default that is written out counts as chosen, and would not follow another scaling
    kept = spec.model_dump(exclude=searched, exclude_unset=True)
    problems: list[str] = []
    validated(type(spec), {**kept, **values}, "tuning", problems)
    return problems
