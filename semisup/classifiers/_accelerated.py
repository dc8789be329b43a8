"""Faster counterparts of scikit-learn's forests and support vector machines (scikit-learn-intelex).

Their answers are not those of scikit-learn bit by bit: a forest draws its numbers in another way.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semisup.classifiers._contract import Estimator

PACKAGE = "scikit-learn-intelex"
#: By the name of scikit-learn's class, the module of its counterpart.
MODULES = {
    "RandomForestClassifier": "sklearnex.ensemble",
    "RandomForestRegressor": "sklearnex.ensemble",
    "SVC": "sklearnex.svm",
    "SVR": "sklearnex.svm",
}


def accelerator_version() -> str:
    """Return the version of the package, "" where it is not installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def accelerated(estimator: "Estimator") -> "Estimator":
    """Return the counterpart of an unfitted estimator, with its parameters; itself without one."""
    kind = type(estimator)
    # a class made of scikit-learn's is another one
    if not kind.__module__.startswith("sklearn.") or kind.__name__ not in MODULES:
        return estimator
    # processes share the cores: threads of one would wait for those of another
    import_module("daal4py").daalinit(1)
    counterpart: Estimator = getattr(import_module(MODULES[kind.__name__]), kind.__name__)()
    counterpart.set_params(**estimator.get_params())
    return counterpart
