"""Classifiers against the rows that representations give them: shapes, widths and weights."""

from semisup.classifiers import build_classifier, classifier
from semisup.curve.trial import Size, tried
from semisup.engine.failures import sentence_of
from semisup.errors import SemisupError
from semisup.networks.estimator import TrainedClassifier
from semisup.stages.gates.classifiers import ROWS
from semisup.stages.gates.problem import Outlook, Problem, fatal
from semisup.study.spec import ClassifierSpec


def networks(
    outlook: Outlook,
    classifiers: dict[str, ClassifierSpec],
    shapes: dict[str, tuple[int, ...]],
) -> list[Problem]:
    """Ask each network whether it takes the rows of the arrays that it is run on.

    Parameters
    ----------
    outlook : Outlook
    classifiers : dict of str to ClassifierSpec
        Those of the curve whose parameters are right, files among them found.
    shapes : dict of str to tuple of int
        Of a row of each representation of arrays.
    """
    n_classes, curve = outlook.of_subset("labelled")["label"].nunique(), outlook.study.spec.curve
    return fatal(
        *(
            f"[curve] {name} on {representation}: {problem}"
            for name, spec in classifiers.items()
            if classifier(spec.kind).network
            for representation, shape in shapes.items()
            if curve.runs(name, representation)
            and (problem := _network_problem(spec, shape, n_classes))
        )
    )


def widths(
    outlook: Outlook, classifiers: dict[str, ClassifierSpec], features: dict[str, int]
) -> list[Problem]:
    """Try what asks for a number of features of its own, such as one a class, on that number."""
    n_classes = outlook.of_subset("labelled")["label"].nunique()
    task = outlook.study.spec.task
    return fatal(
        *(
            f"[curve] {name} on {representation}: {problem}"
            for name, spec in classifiers.items()
            if not (classifier(spec.kind).network or classifier(spec.kind).trained)
            and (spec.parameters or not classifier(spec.kind).scales)
            for representation, width in features.items()
            if outlook.study.spec.curve.runs(name, representation)
            and (problem := tried(spec, Size((ROWS,) * n_classes, width), task=task))
        )
    )


def _network_problem(spec: ClassifierSpec, shape: tuple[int, ...], n_classes: int) -> str:
    network = build_classifier(spec, 0)
    assert isinstance(network, TrainedClassifier)  # a network of others' is no entry yet
    try:
        network.try_rows(shape, n_classes)
    except SemisupError as error:
        return str(error)
    except Exception as error:  # Keras cannot build every layout
        return sentence_of(error)
    return ""
