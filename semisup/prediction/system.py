"""A system of a finished study: a study in, a model or its predictions out.

It is fitted as in the learning curve's cell of all labels and draw 0: the same rows, scaling and
random state.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from semisup.classifiers import classifier
from semisup.engine.parallel import Workers
from semisup.engine.progress import say
from semisup.errors import SpecError, UnknownNameError, nearest
from semisup.prediction.about import about
from semisup.prediction.fitting import kept_or_fitted
from semisup.prediction.model import Model
from semisup.prediction.recipe import Recipe, ancestry, why_not
from semisup.prediction.verdicts import Predictions
from semisup.stages import curve, features, train
from semisup.stages.resolve import resolve
from semisup.stages.resolved import ResolvedStudy
from semisup.study.study import Study


def predict_files(
    study: Study,
    files: Iterable[str | Path],
    system: str | None = None,
    workers: Workers | None = None,
) -> Predictions:
    """Predict audio files of any length and format, or pictures.

    Parameters
    ----------
    study : Study
        A finished one.
    files : iterable of str or Path
        Files, folders and patterns.
    system : str, optional
        ``classifier@representation``; the study's best, if left out, of those that can be used.
    workers : Workers, optional
        Who does parallel work; one process if left out.

    Raises
    ------
    SpecError
        If the study is not finished or the system cannot be used on other files.
    UnknownNameError
        If the study has no such system.
    BadAudioError
        If none of the files can be predicted.
    """
    return study_model(study, system, workers).predict(files)


def study_model(study: Study, system: str | None = None, workers: Workers | None = None) -> Model:
    """Return a system of a finished study as a model; parameters and errors of `predict_files`."""
    return model_of(resolve(study, workers), system)


def model_of(whole: ResolvedStudy, system: str | None = None) -> Model:
    """Return a system of a study that is resolved; parameters and errors of `predict_files`."""
    if whole.spec.task == "regression":
        raise SpecError(
            "task = 'regression': other files can be predicted, and models exported, of classes "
            "alone; predictions.parquet has the numbers of the test recordings"
        )
    _check_finished(whole)
    name = chosen_system(whole, system)
    # of a study with folds, what the first of them learned
    learner = whole.first
    fitted = kept_or_fitted(learner, name, whole.folder / "fitted" / name)
    facts, kinds = fitted.facts, learner.kinds
    line = ancestry(kinds, facts.representation)
    recipe = Recipe.of(facts, line, learner.folder, learner.base, learner.workers)
    return Model(about(whole, name), fitted, recipe)


def chosen_system(study: ResolvedStudy, wanted: str | None = None) -> str:
    """Return the system asked for, or the best one that can be used, and say which it is."""
    metric, scores = study.spec.plot.metric, pd.read_parquet(study.folder / "scores.parquet")
    budget = scores["percentage"].max()
    names = scores["classifier"] + "@" + scores["representation"]
    means = scores[scores["percentage"] == budget].groupby(names, sort=False)[metric].mean()
    if wanted is not None and wanted not in means:
        raise UnknownNameError(
            f"The study '{study.spec.name}' has no system '{wanted}'; "
            f"{nearest(wanted, means.index)}"
        )
    # stable: of equal means the first in the study, on every machine
    ranked = means.sort_values(ascending=False, kind="stable")
    reasons = {name: _why_not(study, name) for name in ranked.index}
    best = wanted or next((name for name, reason in reasons.items() if not reason), ranked.index[0])
    if reasons[best]:
        raise SpecError(f"{best} cannot predict other files: {reasons[best]}")
    if wanted is None:
        how = "the study's best" if best == ranked.index[0] else _instead(reasons)
        say(f"{best}: {how} by {metric} at {budget:g} % of the labels")
    return best


def _why_not(study: ResolvedStudy, system: str) -> str:
    """Tell why a system cannot predict other files, "" if it can."""
    name, representation = system.split("@", 1)
    fusion = study.spec.fusions.get(representation)
    if fusion is not None:
        return f"'{representation}' averages systems of {' and '.join(fusion.of)}; predict by these"
    if classifier(study.classifiers[name].kind).tunes:
        return f"'{name}' trains the encoder of '{representation}' anew in every cell"
    return why_not(study.kinds, representation)


def _instead(reasons: dict[str, str]) -> str:
    first = next(iter(reasons))
    return f"the best that can be used on other files ({first} cannot: {reasons[first]})"


def _check_finished(study: ResolvedStudy) -> None:
    for stage in (train, features, curve):
        for step in [step for one in (study, study.first) for step in stage.steps(one)]:
            if not step.is_current:
                raise SpecError(
                    f"The study '{study.spec.name}' is not finished or has changed since: "
                    f"'{step.name}' is missing or stale in {study.folder}; semisup run makes it"
                )
