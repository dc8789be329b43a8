"""A fitted system: rows in, class probabilities out; kept on disk without anything that runs.

`skops` keeps estimators as plain data, JSON and arrays, and makes on loading nothing but what a
list of types names: no code of the file is executed, as it is of a pickle.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from math import prod
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import Field

from semisup.classifiers import Estimator
from semisup.curve.fit import Fit
from semisup.curve.sources import Features
from semisup.engine.artefacts import write_json, write_whole
from semisup.engine.failures import words_of
from semisup.engine.sizes import why_zip_too_large
from semisup.errors import SemisupError, TableError
from semisup.prediction.indices import check_indices
from semisup.study.spec import ChunkSpec
from semisup.study.table import Table

#: Types besides scikit-learn's and numpy's own that may be made of a file: our estimators, and what
#: trees, neighbours and networks of scikit-learn consist of.
TRUSTED = (
    "semisup.classifiers._largest.LargestNumber",
    "semisup.classifiers._self_training.MarginSVC",
    "semisup.classifiers._self_training.PseudoLabels",
    "semisup.classifiers._self_training.SelfTraining",
    "semisup.classifiers._small_data.QuietNetwork",
    "semisup.classifiers._small_data.SmallAdaBoost",
    "semisup.classifiers._small_data.SmallKNeighbors",
    "semisup.classifiers._small_data.SmallLabelPropagation",
    "semisup.classifiers._small_data.SmallLabelSpreading",
    "semisup.networks.kinds.Convolutions1d",
    "semisup.networks.kinds.Convolutions2d",
    "semisup.networks.kinds.RecurrentNetwork",
    "semisup.networks.layer.LayerClassifier",
    "semisup.networks.transfer.TransferClassifier",
    "sklearn.tree._tree.Tree",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)
#: Raised when what is written changes.
FORMAT: Literal[1] = 1
#: What a system is kept as.
FILES = ("system.json", "fitted.skops")


class Facts(Table):
    """What must be known besides the fitted estimator; `system.json`.

    Parameters
    ----------
    name, representation : str
        ``classifier@representation``, and the latter by itself.
    representations : dict
        Options by name: of the representation, and of what it is made of, parents first.
    media : tuple of {"sound", "picture"}
    longest : float, optional
        As `semisup.prediction.recipe.Recipe` has it; None is infinite.
    row_shape : tuple of int
        Of what the classifier was fitted on.
    several_rows : bool
        Whether recordings of the study had several rows, which add up decision values.
    reads_arrays : bool
        Whether the classifier takes rows of arrays as they are.
    """

    format: Literal[1] = FORMAT
    name: str
    representation: str
    representations: dict[str, dict[str, Any]]
    chunks: ChunkSpec
    seed: int
    media: tuple[Literal["sound", "picture"], ...]
    longest: float | None
    classes: tuple[str, ...] = Field(min_length=1)
    row_shape: tuple[int, ...] = Field(min_length=1)
    several_rows: bool
    reads_arrays: bool

    @property
    def classifier(self) -> str:
        """The classifier by itself."""
        return self.name.split("@", 1)[0]


class Answers(NamedTuple):
    """What a fitted system says of windows: a row each, a column a class.

    Parameters
    ----------
    by_window : ndarray of shape (n_windows, n_classes)
        Probabilities, or votes where the classifier has none.
    decisions : ndarray of shape (n_windows, n_classes), optional
        By which a file's class is chosen in place of votes.
    """

    by_window: np.ndarray
    decisions: np.ndarray | None


class Fitted(NamedTuple):
    """A fitted system."""

    facts: Facts
    fit: Fit

    @property
    def votes(self) -> bool:
        """Whether it has votes and no probabilities."""
        return not self.fit.has_probabilities

    def answers(self, rows: Features) -> Answers:
        """Ask for the classes of rows.

        Raises
        ------
        TableError
            If they are not as long as those that it was fitted on.
        SemisupError
            If the classifier fails.
        """
        from threadpoolctl import threadpool_limits

        facts = self.facts
        if rows.shape[1:] != facts.row_shape:
            raise TableError(
                f"'{facts.representation}' has {facts.row_shape[0]} features in the study and "
                f"{rows.shape[1]} of these files: their number depends on the recordings"
            )
        try:
            with threadpool_limits(1):  # as the cells: the same sums in the same order
                return self._answers(rows, len(facts.classes))
        except Exception as error:  # what is in a file of others may fail in any way
            raise SemisupError(
                f"{facts.name} cannot be asked about these rows: {words_of(error)}"
            ) from error

    def _answers(self, rows: Features, n_classes: int) -> Answers:
        probabilities = self.fit.probabilities(rows, n_classes)
        if probabilities is not None:
            return Answers(probabilities, None)
        votes = np.eye(n_classes)[self.fit.predict(rows)]
        several = self.facts.several_rows
        return Answers(votes, self.fit.decisions(rows, n_classes) if several else None)


def why_not_kept(fit: Fit) -> str:
    """Tell why a fitted classifier cannot be kept, "" if it can."""
    import skops.io

    try:
        content = skops.io.dumps(_state(fit))
        others = set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED)
    except Exception as error:  # others' estimators hold anything, and fail to be written anyhow
        return f"{type(fit.classifier).__name__} cannot be written as data ({error})"
    if others:
        return f"it consists of {', '.join(sorted(others))}, which no file is trusted to make"
    return ""


def save_fitted(fitted: Fitted, folder: Path) -> list[Path]:
    """Write a system of which `why_not_kept` has nothing to say, as data: the paths of `FILES`."""
    import skops.io

    facts, fit = (folder / name for name in FILES)
    return [
        write_json(facts, fitted.facts.model_dump(mode="json")),
        write_whole(fit, lambda partial: skops.io.dump(_state(fitted.fit), partial)),
    ]


def load_fitted(folder: Path) -> Fitted:
    """Read what `save_fitted` wrote; no code of the files is run.

    Raises
    ------
    SemisupError
        If a file is none of ours, or names a type that is not trusted.
    """
    facts, fit = (folder / name for name in FILES)
    with _sentence(facts):
        read = Facts.model_validate_json(facts.read_bytes())
    with _sentence(fit):
        return Fitted(read, _load_fit(fit, read))


def _load_fit(path: Path, facts: Facts) -> Fit:
    import skops.io

    if why := why_zip_too_large(path):
        raise ValueError(why)
    state = skops.io.load(path, trusted=list(TRUSTED))
    fit = Fit(state["classifier"], state["scaler"], facts.reads_arrays)
    check_indices(fit.classifier, prod(facts.row_shape))
    if not np.isin(fit.classifier.classes_, np.arange(len(facts.classes))).all():
        raise ValueError(f"it has other classes than the {len(facts.classes)} of its system")
    return fit


@contextmanager
def _sentence(path: Path) -> Iterator[None]:
    """Turn any error into one sentence: damage fails in all ways that zip, JSON and arrays can."""
    try:
        yield
    except Exception as error:
        raise SemisupError(
            f"{path} cannot be read as a fitted system: {words_of(error)}"
        ) from error


def _state(fit: Fit) -> Mapping[str, object]:
    return {"classifier": _without_history(fit.classifier), "scaler": fit.scaler}


def _without_history(classifier: Estimator) -> Estimator:
    """Return a classifier without the losses of its training, a table that no prediction needs."""
    if "history_" not in vars(classifier):
        return classifier
    bare = copy(classifier)
    del vars(bare)["history_"]
    return bare
