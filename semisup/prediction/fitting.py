"""A system fitted as the cell of all labels is, once: it is kept with its fingerprint."""

from pathlib import Path

import numpy as np

from semisup import registry
from semisup.curve.cells import fit_cell
from semisup.curve.fit import Fit
from semisup.curve.plan import Experiment
from semisup.curve.task import Task
from semisup.engine import outside
from semisup.engine.artefacts import discard, fingerprint, is_current, seal
from semisup.engine.progress import say
from semisup.errors import OutputError, SemisupError
from semisup.prediction.about import versions
from semisup.prediction.fitted import (
    FILES,
    FORMAT,
    Facts,
    Fitted,
    load_fitted,
    save_fitted,
    why_not_kept,
)
from semisup.prediction.recipe import PICTURE, SOUND, ancestry
from semisup.recordings.pictures import is_picture
from semisup.stages import curve
from semisup.stages.resolved import ResolvedStudy

#: Libraries with another version of which a system is fitted again.
LIBRARIES = ("scikit-learn", "keras", "tensorflow", "numpy", "scipy", "skops")


def kept_or_fitted(study: ResolvedStudy, name: str, folder: Path) -> Fitted:
    """Return a system as it was kept, if all that it depends on is as it was; else fit and keep.

    Parameters
    ----------
    study : ResolvedStudy
        Finished; one fold of a study with folds.
    name : str
        ``classifier@representation``
    folder : Path
        Where it is kept.
    """
    here = versions()
    numbers = [here.get(library) for library in LIBRARIES]
    print_ = fingerprint("fitted", FORMAT, study.fingerprints.curve, name, numbers)
    if is_current([folder / file for file in FILES], print_):
        try:
            return load_fitted(folder)
        except SemisupError as error:
            say(f"{error}: {name} is fitted again", tone="caution")
    fitted = _fitted(study, name)
    if reason := why_not_kept(fitted.fit):
        say(f"{name} is fitted at every call: {reason}")
        return fitted
    try:
        discard(folder / file for file in FILES)
        seal(save_fitted(fitted, folder), print_)
    except OutputError as error:  # another's study, which may be read only
        say(f"{name} is not kept: {error}", tone="caution")
    return fitted


def _fitted(study: ResolvedStudy, name: str) -> Fitted:
    """Fit as the cell of all labels does."""
    from threadpoolctl import threadpool_limits

    planned = curve.experiment(study)
    # the first of a system's tasks is that of draw 0
    task = next(task for task in planned.tasks if task.system.name == name)
    say(f"fitting {name} on {len(task.order)} recordings")
    # as the cells: the same sums in the same order
    with threadpool_limits(1), outside.guarded(_reference(task)):
        source = task.source.at(0)
        fit = fit_cell(task, 100.0, source)
    return Fitted(_facts(study, planned, task, source.test().shape[1:], fit), fit)


def _reference(task: Task) -> str:
    return registry.classifiers.reference(task.system.spec.kind)


def _facts(
    study: ResolvedStudy, planned: Experiment, task: Task, shape: tuple[int, ...], fit: Fit
) -> Facts:
    name = task.system.representation
    pictures = {is_picture(path) for path in study.manifest["path"]}
    return Facts(
        name=task.system.name,
        representation=name,
        representations={
            of: kind.options.model_dump(mode="json")
            for of, kind in ancestry(study.kinds, name).items()
        },
        chunks=study.spec.chunks,
        seed=study.seed(0),
        media=tuple(PICTURE if one else SOUND for one in sorted(pictures)),
        longest=_longest(study, planned, task),
        classes=tuple(planned.classes),
        row_shape=shape,
        several_rows=len(task.test.owner) > len(np.unique(task.test.owner)),
        reads_arrays=fit.reads_arrays,
    )


def _longest(study: ResolvedStudy, planned: Experiment, task: Task) -> float | None:
    """Return the seconds of the longest recording learned from, None where no length matters."""
    # chunks and windows have a length of their own; features of whole recordings depend on theirs
    if (task.labelled.chunk != -1).any():
        return None
    lengths = study.manifest.set_index("recording")["seconds"]
    longest = float(lengths[planned.labelled].max())
    # pictures have no length
    return None if np.isnan(longest) else longest
