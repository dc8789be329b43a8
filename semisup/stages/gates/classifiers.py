"""Parameters of classifiers, which today's fits would refuse after hours of features."""

from collections.abc import Mapping

from semisup import registry
from semisup.classifiers import classifier, wrong_parameters
from semisup.curve.trial import Size, tried
from semisup.study.spec import ClassifierSpec

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


def _fit_problem(spec: ClassifierSpec) -> list[str]:
    entry = classifier(spec.kind)
    # a network says all of its parameters' values; to train one takes long
    if entry.network or entry.trained:
        return []
    problem = tried(spec, Size((ROWS, ROWS, ROWS), FEATURES))
    return [f"cannot be fitted: {problem}"] if problem else []
