"""The contract of a classifier: what it declares of itself, and how it is built.

An entry is one file of this room with one class. A scikit-learn classifier from anywhere, named by
``package.module:Name``, is one too: `Foreign` is what stands for it.
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol

import numpy as np

from semisup import registry
from semisup.classifiers._accelerated import accelerated
from semisup.engine import outside
from semisup.errors import OutsideError, SpecError, nearest
from semisup.networks.rows import LazyRows
from semisup.study.spec import ClassifierSpec, TaskName

#: A value of a parameter in a study file.
Value = bool | int | float | str


class Estimator(Protocol):
    """What scikit-learn calls a classifier, as far as cells use it.

    `fit` of one that is trained by epochs takes ``groups`` too, of one that declares it
    ``sample_weight``, and of a network that learns from unlabelled rows ``unlabelled``;
    `predict_proba` and `decision_function` are asked for only where there is one.
    """

    classes_: np.ndarray

    def fit(self, X: LazyRows, y: np.ndarray, **of_rows: LazyRows) -> object:
        """Fit on rows (n, ...) and classes (n,)."""
        ...

    def predict(self, X: LazyRows) -> np.ndarray:
        """Return the classes of rows (n, ...)."""
        ...

    def predict_proba(self, X: LazyRows) -> np.ndarray:
        """Return the probabilities of the classes for rows, (n, n_classes)."""
        ...

    def decision_function(self, X: LazyRows) -> np.ndarray:
        """Return the decision values of rows, (n, n_classes); of two classes one each, (n,)."""
        ...

    def get_params(self) -> dict[str, object]:
        """Return all parameters by name."""
        ...

    def set_params(self, **parameters: object) -> "Estimator":
        """Set some parameters."""
        ...


class Classifier:
    """One entry; the defaults are those of a plain classifier of feature tables.

    Attributes
    ----------
    network : bool
        It takes rows of arrays as they are, lazy ones too, and no feature table.
    trained : bool
        It is trained by epochs: it has a `history_`, and its `fit` takes the recording of each
        row as ``groups``, so that whole ones are held out for validation.
    tunes : bool
        It is a network that goes on training the encoder of the representation that it is run on:
        its rows are what that reads, and its parameter ``encoder`` is set to that one's file.
    tunes_of : tuple of str
        Libraries whose encoders it can train, "keras" and "torch".
    unlabelled : bool
        It is fitted on unlabelled rows too, whose class is -1; a network gets them by themselves.
    weighted : bool
        Its `fit` takes the weight of each row as ``sample_weight``, so that classes of unequal size
        can be worth the same to it; rows are copied for one that does not.
    scales : bool
        Whether its features are scaled as the study says, and not taken as they are.
    files : tuple of str
        Parameters that may be files, looked for as all paths of a study file.
    chance : tuple of str, optional
        Parameters with which a fit may depend on its random state; without them it depends on its
        rows alone, so that one serves all who have the same. None where it always may.
    grid : mapping of str to tuple
        What ``tuned = true`` tries: values by parameter, of each the kind's default first, so that
        equally good ones leave it as it is.
    """

    network: ClassVar[bool] = False
    trained: ClassVar[bool] = False
    tunes: ClassVar[bool] = False
    tunes_of: ClassVar[tuple[str, ...]] = ("keras",)
    unlabelled: ClassVar[bool] = False
    weighted: ClassVar[bool] = False
    scales: ClassVar[bool] = True
    files: ClassVar[tuple[str, ...]] = ()
    chance: ClassVar[tuple[str, ...] | None] = None
    grid: ClassVar[Mapping[str, tuple[Value, ...]]] = MappingProxyType({})

    @property
    def libraries(self) -> tuple[str, ...]:
        """Packages that compute it besides scikit-learn; with other versions it is fitted again."""
        return ("keras", "tensorflow") if self.trained else ()

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted classifier with its default parameters.

        It must answer with one row a class, and with constant features.
        """
        raise NotImplementedError

    def regressor(self, random_state: int) -> Estimator | None:
        """Return an unfitted one that predicts numbers; None where there is no such thing.

        It must answer with one row, and with constant features.
        """
        return None

    def unmet(self, parameters: Mapping[str, Value]) -> list[str]:
        """Return why it cannot work with the user's files, before anything is made."""
        return []


class Foreign(Classifier):
    """A classifier with scikit-learn's interface that is not an entry of ours.

    Parameters
    ----------
    reference : str
        Where it is from, as messages name it.
    estimator : type
        Its class.
    """

    def __init__(self, reference: str, estimator: type) -> None:
        self.reference, self.estimator = reference, estimator

    def regressor(self, random_state: int) -> Estimator | None:
        """Return an unfitted one, if it is a regressor."""
        return self.build(random_state) if _is(self.estimator, "regressor") else None

    def build(self, random_state: int) -> Estimator:
        """Return an unfitted one; ``random_state`` is set where it has such a parameter."""
        with outside.calling(self.reference):
            built: Estimator = self.estimator()
            if "random_state" in built.get_params():
                built.set_params(random_state=random_state)
        return built


def classifier(kind: str) -> Classifier:
    """Return the entry, or what stands for a classifier from outside.

    Raises
    ------
    UnknownNameError
        If there is no such entry; the nearest name is named.
    OutsideError
        If what a reference names cannot be imported, or is not a classifier.
    """
    entry = registry.classifiers.load(kind, Classifier)
    if not isinstance(entry, type):
        raise OutsideError(f"'{kind}' is not a class: a classifier is one, as scikit-learn's are")
    if issubclass(entry, Classifier):
        return entry()
    _check_interface(kind, entry)
    return Foreign(kind, entry)


def _check_interface(kind: str, entry: type) -> None:
    lacking = [name for name in ("fit", "predict", "get_params") if not hasattr(entry, name)]
    if lacking:
        raise OutsideError(
            f"'{kind}' is not a scikit-learn classifier: it has no {', no '.join(lacking)}"
        )
    needed = [
        parameter.name
        for parameter in inspect.signature(entry).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if needed:
        raise OutsideError(
            f"'{kind}' cannot be made without {' and '.join(needed)}: parameters of a classifier "
            "need defaults; write a class of your own that has them"
        )


def _is(entry: type, what: str) -> bool:
    """Tell of a class whether it is a "classifier" or a "regressor", as scikit-learn's say.

    Asked of the class, as an instance could only be made without the parameters checked before.
    """
    if any(vars(base).get("_estimator_type") == what for base in entry.__mro__):
        return True
    mixin = what.capitalize()
    return mixin in entry.__name__ or any(b.__name__ == f"{mixin}Mixin" for b in entry.__mro__)


def why_not(kind: str, task: TaskName) -> str:
    """Return why an entry does not do for a task, "" if it does; errors as of `classifier`."""
    entry = classifier(kind)
    if task == "regression":
        if entry.regressor(0) is not None:
            return ""
        return (
            f"'{kind}' predicts classes, and task = 'regression' numbers; those that do: "
            f"{', '.join(regressors())}, and scikit-learn's regressors by package.module:Name"
        )
    if isinstance(entry, Foreign) and _is(entry.estimator, "regressor"):
        return f"'{kind}' is a regressor; a classifier is needed"
    return ""


def regressors() -> list[str]:
    """Return our entries that predict numbers too."""
    names = registry.classifiers.built_in()
    return [name for name in names if has_regressor(classifier(name))]


def has_regressor(entry: Classifier) -> bool:
    """Tell whether an entry of ours predicts numbers, without building it."""
    return type(entry).regressor is not Classifier.regressor


def build_estimator(kind: str, random_state: int, task: TaskName) -> Estimator:
    """Build an unfitted classifier, or regressor, with its default parameters.

    Raises
    ------
    SpecError
        If it does not do for the task.
    """
    entry = classifier(kind)
    built = entry.build(random_state) if task != "regression" else entry.regressor(random_state)
    if built is None:
        raise SpecError(f"[curve] classifiers: {why_not(kind, task)}")
    return built


def build_classifier(
    spec: ClassifierSpec,
    random_state: int,
    task: TaskName = "classification",
    accelerate: bool = False,
) -> Estimator:
    """Build an unfitted classifier, or regressor, with the study's parameters.

    Parameters
    ----------
    spec : ClassifierSpec
    random_state : int
    task : {"classification", "regression"}
    accelerate : bool
        Take the faster counterpart of one of scikit-learn's, where there is one.

    Raises
    ------
    SpecError
        If it has no parameter of a name that the study gives.
    """
    estimator = build_estimator(spec.kind, random_state, task)
    # not left to `set_params`, which scikit-learn's and others' refuse in words of their own
    parameters = estimator.get_params()
    for name in spec.parameters:
        if name not in parameters:
            hint = nearest(name, parameters)
            raise SpecError(f"The classifier '{spec.kind}' has no parameter '{name}'; {hint}")
    estimator = estimator.set_params(**spec.parameters)
    return accelerated(estimator) if accelerate else estimator


def with_files_found(spec: ClassifierSpec, paths: Mapping[str, Path]) -> ClassifierSpec:
    """Return a study's classifier with the files among its parameters as they were found."""
    files = {name: str(path) for name, path in paths.items()}
    return spec.model_copy(update={"parameters": {**spec.parameters, **files}})
