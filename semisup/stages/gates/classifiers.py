"""Parameters of classifiers, which today's fits would refuse after hours of features."""

from collections.abc import Mapping

import pandas as pd

from semisup import registry
from semisup.classifiers import classifier, wrong_parameters
from semisup.curve.trial import Size, tried
from semisup.stages.gates.problem import Outlook, Problem, fatal
from semisup.study.spec import ClassifierSpec, StudySpec

#: Of the table that parameters are tried on: more rows than most of them ask for.
ROWS, FEATURES = 30, 8


def parameter_problems(classifiers: Mapping[str, ClassifierSpec]) -> list[str]:
    """Return what is wrong with the parameters of classifiers, names and values.

    Nothing is imported for those that a study takes as they are.
    """
    return [
        f"[classifiers.{name}] {problem}"
        for name, spec in classifiers.items()
        if spec.parameters or registry.classifiers.reference(spec.kind)
        for problem in wrong_parameters(spec) or _fit_problem(spec)
    ]


def small_budgets(outlook: Outlook, classifiers: Mapping[str, ClassifierSpec]) -> list[Problem]:
    """Try classifiers, whose parameters are right, on as few rows as the smallest budget has."""
    spec = outlook.study.spec
    counts = outlook.of_subset("labelled")["label"].value_counts()
    # of chunks nobody knows yet how many rows a recording gives
    if any(kind.level != "recording" for kind in outlook.compared.values()):
        return []
    return [
        problem
        for name, of_name in classifiers.items()
        if of_name.parameters or registry.classifiers.reference(of_name.kind)
        for problem in _on_few_rows(name, of_name, spec, counts)
    ]


def _fit_problem(spec: ClassifierSpec) -> list[str]:
    entry = classifier(spec.kind)
    # a network says all of its parameters' values; to train one takes long
    if entry.network or entry.trained:
        return []
    problem = tried(spec, Size((ROWS, ROWS, ROWS), FEATURES))
    return [f"cannot be fitted: {problem}"] if problem else []


def _on_few_rows(
    name: str, spec: ClassifierSpec, study: StudySpec, counts: pd.Series
) -> list[Problem]:
    entry, budgets = classifier(spec.kind), study.curve.budgets()
    if entry.network or entry.trained:
        return []
    sizes = {
        budget: Size(tuple(max(1, int(budget / 100 * n)) for n in counts), FEATURES)
        for budget in budgets
    }
    first = budgets[0]
    problem = tried(spec, sizes[first], study.curve.scale)
    if not problem:
        return []
    enough = next((b for b in budgets if not tried(spec, sizes[b], study.curve.scale)), None)
    advice = f"it can be from {enough:g} % on" if enough else "it can't be at any of the budgets"
    return fatal(
        f"[curve] percentages: '{name}' cannot be fitted at {first:g} %, which are "
        f"{min(sizes[first].rows)} recordings of the smallest class: {problem}; {advice}"
    )
