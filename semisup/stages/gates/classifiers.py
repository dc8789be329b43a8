"""Parameters of classifiers, which today's fits would refuse after hours of features."""

from collections.abc import Mapping

from semisup import registry
from semisup.classifiers import at_point, classifier, spread, wrong_grid, wrong_parameters
from semisup.curve.trial import Size, tried
from semisup.networks.parameters import shown
from semisup.study.spec import ClassifierSpec, TaskName

#: Of the table that parameters are tried on: more rows than most of them ask for.
ROWS, FEATURES = 30, 8
#: Points of a grid that are tried, the first and the last among them.
POINTS = 50


def parameter_problems(
    classifiers: Mapping[str, ClassifierSpec], task: TaskName = "classification"
) -> list[str]:
    """Return what is wrong with the parameters of classifiers, names and values.

    Nothing is imported for those that a study takes as they are.
    """
    return [
        f"[classifiers.{name}] {problem}"
        for name, spec in classifiers.items()
        for problem in _problems(spec, task)
    ]


def _problems(spec: ClassifierSpec, task: TaskName) -> list[str]:
    wrong = [*wrong_parameters(spec, task), *wrong_grid(spec, task), *_cannot_ask(spec)]
    if wrong or not (spec.parameters or spec.grid or registry.classifiers.reference(spec.kind)):
        return wrong
    return _fit_problem(spec, task) or _point_problem(spec, task)


def _cannot_ask(spec: ClassifierSpec) -> list[str]:
    """Say that a classifier with a query cannot tell which recordings it doubts."""
    if spec.query is None:
        return []
    estimator = classifier(spec.kind).build(0)
    if any(hasattr(estimator, name) for name in ("predict_proba", "decision_function")):
        return []
    return [f"query: '{spec.kind}' has neither probabilities nor decision values: it doubts none"]


def _fit_problem(spec: ClassifierSpec, task: TaskName) -> list[str]:
    entry = classifier(spec.kind)
    # a network says all of its parameters' values; to train one takes long
    if entry.network or entry.trained:
        return []
    problem = tried(spec, Size((ROWS, ROWS, ROWS), FEATURES), task=task)
    return [f"cannot be fitted: {problem}"] if problem else []


def _point_problem(spec: ClassifierSpec, task: TaskName) -> list[str]:
    """Say which values of a grid do not go together, of the first such point."""
    for point in spread(spec, POINTS) if spec.grid else []:
        if problem := tried(at_point(spec, point), Size((ROWS, ROWS, ROWS), FEATURES), task=task):
            values = ", ".join(f"{name} = {shown(value)}" for name, value in point.items())
            return [f"grid: it cannot be fitted with {values}: {problem}"]
    return []
