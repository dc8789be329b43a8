"""Checks of `[importance]`: its systems and its label budget, against what the curve runs."""

from semisup.features.contract import ArrayRepresentation
from semisup.features.kinds import kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.reading.messages import unless_known
from semisup.study.importance_spec import ImportanceSpec
from semisup.study.spec import StudySpec


def importance_problems(study: StudySpec) -> list[str]:
    """Return what is wrong with `[importance]`, if there is such a table."""
    asked = study.importance
    if asked is None:
        return []
    return _budget_problems(study, asked) + _system_problems(study, asked)


def systems_of(study: StudySpec) -> dict[str, str]:
    """Return the representation of each system of the curve, by the system's name.

    Those that ask for recordings are left out: features matter to the same without a query.
    """
    return {
        f"{classifier}@{name}": name
        for name in study.compared()
        # names that are not there have a problem of their own
        if name in study.representations
        for classifier in study.curve.classifiers
        if study.curve.runs(classifier, name) and study.classifier(classifier).query is None
    }


def why_not(study: StudySpec, name: str, made_of_it: tuple[str, ...] = ()) -> str:
    """Tell why the features of a representation cannot be permuted one by one, "" if they can."""
    kind = kind_of(study.representations[name])
    if isinstance(kind, ArrayRepresentation):
        return f"'{name}' is arrays, which have no features with names"
    if kind.models or isinstance(kind, LabelDependent):
        return f"'{name}' is learned: its features mean another thing in every training"
    line = (*made_of_it, name)
    # names that are not there, and circles, have problems of their own
    parents = [other for other in kind.parents() if other in study.representations]
    reasons = (why_not(study, parent, line) for parent in parents if parent not in line)
    return next(filter(None, reasons), "")


def chosen_systems(study: StudySpec) -> list[str]:
    """Return the systems that `[importance]` asks for, or all that it can be asked of."""
    if study.importance and study.importance.systems:
        return study.importance.systems
    return [system for system, name in systems_of(study).items() if not why_not(study, name)]


def _budget_problems(study: StudySpec, asked: ImportanceSpec) -> list[str]:
    budgets, wanted = study.curve.budgets(), asked.budget
    if wanted is None or wanted in budgets or not budgets:
        return []
    near = min(budgets, key=lambda budget: abs(budget - wanted))
    return [
        f"[importance] budget: the curve has no budget of {wanted:g} %; the nearest is {near:g}"
    ]


def _system_problems(study: StudySpec, asked: ImportanceSpec) -> list[str]:
    systems = systems_of(study)
    if asked.systems is None:
        if chosen_systems(study) or not systems:
            return []
        reasons = dict.fromkeys(why_not(study, name) for name in systems.values())
        return [f"[importance] no system has features to permute: {'; '.join(reasons)}"]
    problems = []
    for system in asked.systems:
        problems += unless_known(system, systems, "[importance] systems")
        if system in systems and (reason := why_not(study, systems[system])):
            problems.append(f"[importance] systems: {reason}")
    return list(dict.fromkeys(problems))
