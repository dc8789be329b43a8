"""What does not go with the task of a study: a `StudySpec` in, problems out."""

from semisup.classifiers import why_not
from semisup.engine import outside
from semisup.errors import OutsideError, UnknownNameError
from semisup.features.kinds import kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.metrics import METRICS, METRICS_OF
from semisup.study.spec import StudySpec


def task_problems(study: StudySpec) -> list[str]:
    """Return what a study asks for that has no meaning for what it predicts."""
    problems = _metric_problems(study)
    if study.task == "classification":
        return problems
    return problems + _classifier_problems(study) + _class_problems(study)


def _metric_problems(study: StudySpec) -> list[str]:
    name, known = study.plot.metric, METRICS_OF[study.task]
    shown = [other for other in known if not METRICS[other].lower_is_better]
    if name not in known:
        return [
            f"[plot] metric: '{name}' is of another task than task = '{study.task}', whose metrics "
            f"are {', '.join(shown)}"
        ]
    if name not in shown:
        return [
            f"[plot] metric: '{name}' is better when it is lower, and figures and verdicts are of "
            f"scores that should be high, {' or '.join(shown)}; summary.csv has '{name}' of every "
            "system"
        ]
    return []


def _classifier_problems(study: StudySpec) -> list[str]:
    """Ask each classifier of the curve, but those of others, whether it predicts numbers."""
    problems = []
    for name in study.curve.classifiers:
        kind = study.classifier(name).kind
        if outside.is_reference(kind):
            continue  # the check of names has asked
        try:
            problem = why_not(kind, study.task)
        except (OutsideError, UnknownNameError):
            continue  # the check of names says that it is not there
        problems += [f"[curve] classifiers: {problem}"] if problem else []
    return problems


def _class_problems(study: StudySpec) -> list[str]:
    """Refuse what is about classes."""
    problems = []
    if study.curve.balance not in (None, "none"):
        problems.append(
            f"[curve] balance: '{study.curve.balance}' is of classes, and task = 'regression' "
            "has none"
        )
    asking = [name for name, spec in study.classifiers.items() if spec.query is not None]
    of_classes = [f"[classifiers.{name}] query" for name in asking]
    of_classes += [f"[fusions.{name}]" for name in study.fusions]
    of_classes += ["[importance]"] if study.importance is not None else []
    problems += [
        f"{where}: it is made for classes, and task = 'regression' has none" for where in of_classes
    ]
    if study.tuning is not None and study.tuning.objective == "probe":
        problems.append(
            "[tuning] objective: 'probe' asks a classifier, and task = 'regression' has no "
            "classes; objective = 'loss' does without"
        )
    problems += [
        f"[representations.{name}] kind: '{spec.kind}' learns from classes, and task = "
        "'regression' has none"
        for name, spec in study.representations.items()
        if name in study.compared() and isinstance(kind_of(spec), LabelDependent)
    ]
    return problems
