"""Predictions of one's own files by one system of a study: files in, class probabilities out.

The system is fitted as in the learning curve's cell of all labels and draw 0: the same rows,
scaling and random state. Fitting again gives the same answers, so that no model is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.curve.cells import decisions, fit_cell, votes
from semisup.curve.plan import Experiment
from semisup.curve.sources import Features
from semisup.curve.task import Task
from semisup.engine.parallel import Workers
from semisup.engine.progress import say
from semisup.errors import BadAudioError, SpecError, TableError, UnknownNameError, nearest
from semisup.prediction.files import OwnRows, own_rows, usable, why_not
from semisup.recordings.names import printable
from semisup.stages import curve, features, train
from semisup.stages.resolved import ResolvedStudy, resolve
from semisup.study.paths import with_home
from semisup.study.study import Study

#: Columns of a table of windows before those of the classes.
PLACES = ("file", "window", "start", "end")


@dataclass(frozen=True)
class Predictions:
    """What a system says of some files.

    Parameters
    ----------
    study, system : str
        Of which study, and ``classifier@representation``.
    classes : list of str
    votes : bool
        Whether windows have a vote, 0 or 1, as the classifier gives no probabilities.
    windows : DataFrame
        file, window (from 0), start, end (seconds), then a probability a class.
    failed : dict of str to str
        Why some files are not there.
    decisions : ndarray of shape (n_windows, n_classes), optional
        By which the class of a file is chosen in place of the votes, as in the study's cells.
    """

    study: str
    system: str
    classes: list[str]
    votes: bool
    windows: pd.DataFrame
    failed: dict[str, str] = field(default_factory=dict)
    decisions: np.ndarray | None = None

    def files(self) -> dict[str, pd.DataFrame]:
        """Return the windows of each file."""
        return {str(file): windows for file, windows in self.windows.groupby("file", sort=False)}

    def verdicts(self) -> dict[str, "Verdicts"]:
        """Return the verdicts on each file."""
        return {
            file: verdicts(
                windows.iloc[:, len(PLACES) :].to_numpy(),
                self.classes,
                None if self.decisions is None else self.decisions[windows.index],
            )
            for file, windows in self.files().items()
        }


class Verdicts(NamedTuple):
    """A file's class by the mean over its windows, and that of its most certain window."""

    mean: str
    mean_probability: float
    maximum: str
    maximum_probability: float


def verdicts(
    probabilities: np.ndarray, classes: list[str], decisions: np.ndarray | None = None
) -> Verdicts:
    """Judge a file by its windows.

    Parameters
    ----------
    probabilities : ndarray of shape (n_windows, n_classes)
        Or votes.
    classes : list of str
    decisions : ndarray of shape (n_windows, n_classes), optional
        What the classes are chosen by where `probabilities` are votes.

    Returns
    -------
    Verdicts
        Classes that are equally likely in their best windows are told apart by their means, and
        those with equal means by their order.

    Examples
    --------
    >>> verdicts(np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.9]]), ["jazz", "rock"])[::2]
    ('rock', 'rock')
    >>> verdicts(np.array([[1, 0], [1, 0], [0, 1]]), ["jazz", "rock"])[::2]
    ('jazz', 'jazz')
    """
    chosen_by = probabilities if decisions is None else decisions
    mean, best = _mean_and_best(chosen_by)
    by_mean = int(mean.argmax())
    by_best = int(np.lexsort((-np.arange(len(classes)), mean, best))[-1])
    mean, best = _mean_and_best(probabilities)
    return Verdicts(classes[by_mean], float(mean[by_mean]), classes[by_best], float(best[by_best]))


def _mean_and_best(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # rounding as in the cells makes ties ties
    return values.mean(axis=0).round(12), values.max(axis=0).round(12)


def predict_files(
    study: Study,
    files: Iterable[Path | str],
    system: str | None = None,
    workers: Workers | None = None,
) -> Predictions:
    """Fit one system on all labelled recordings and predict each window of each file.

    Parameters
    ----------
    study : Study
        Finished, up to its learning curve.
    files : iterable of path
        Audio of any length and of any format that `semisup.recordings.audio` reads; of a study
        of pictures, pictures.
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
    whole = resolve(study, workers)
    _check_finished(whole)
    name = chosen_system(whole, system)
    # of a study with folds, what the first of them learned
    resolved = whole.first
    named = (with_home(Path(printable(str(file)))) for file in files)
    seconds, failed = usable(resolved, named)
    for path, reason in failed.items():
        _tell(path, reason)
    planned = curve.experiment(resolved)
    # the first of a system's tasks is that of draw 0
    task = next(task for task in planned.tasks if task.system.name == name)
    with TemporaryDirectory() as folder:
        rows, without_rows = _rows_of_files(resolved, planned, task, seconds, Path(folder))
        for path, reason in without_rows.items():
            _tell(path, reason)
        failed |= without_rows
        if rows is None:
            raise BadAudioError("None of the files can be predicted")
        answers = answers_for(task, rows)
    if answers.are_votes:
        how = "the votes of windows are counted"
        if answers.decisions is not None:
            how = "the decision values of windows are summed, and their votes shown"
        say(f"{task.system.classifier} gives no probabilities: {how}")
    by_window = pd.DataFrame(answers.by_window, columns=planned.classes)
    return Predictions(
        study.spec.name,
        name,
        planned.classes,
        answers.are_votes,
        pd.concat([rows.places, by_window], axis=1),
        {str(path): reason for path, reason in failed.items()},
        answers.decisions,
    )


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
    reasons = {name: why_not(study, name.split("@", 1)[1]) for name in ranked.index}
    best = wanted or next((name for name, reason in reasons.items() if not reason), ranked.index[0])
    if reasons[best]:
        raise SpecError(f"{best} cannot predict other files: {reasons[best]}")
    how = "" if wanted else "the study's best, " if best == ranked.index[0] else _instead(reasons)
    say(f"{best}: {how}{metric} {means[best]:.3f} at {budget:g} % of the labels")
    return best


def _instead(reasons: dict[str, str]) -> str:
    first = next(iter(reasons))
    return f"the best that can be used on other files ({first} cannot: {reasons[first]}), "


def _check_finished(study: ResolvedStudy) -> None:
    for stage in (train, features, curve):
        for step in [step for one in (study, study.first) for step in stage.steps(one)]:
            if not step.is_current:
                raise SpecError(
                    f"The study '{study.spec.name}' is not finished or has changed since: "
                    f"'{step.name}' is missing or stale in {study.folder}; semisup run makes it"
                )


def _rows_of_files(
    study: ResolvedStudy, planned: Experiment, task: Task, seconds: dict[Path, float], folder: Path
) -> tuple[OwnRows | None, dict[Path, str]]:
    """Return the rows of files, cut so that none is longer than what the system learned from."""
    longest = np.inf
    # chunks and windows have a length of their own; features of whole recordings depend on theirs
    if (task.labelled.chunk == -1).all():
        lengths = study.manifest.set_index("recording")["seconds"]
        longest = float(lengths[planned.labelled].max())
        # pictures have no length
        longest = np.inf if np.isnan(longest) else longest
    if not seconds:
        return None, {}
    return own_rows(study, task.system.representation, seconds, longest, folder)


class Answers(NamedTuple):
    """What a fitted system says of windows: a row each, a column a class."""

    by_window: np.ndarray
    are_votes: bool
    decisions: np.ndarray | None


def answers_for(task: Task, of_files: OwnRows) -> Answers:
    """Fit as the cell of all labels does, and ask it for the windows of files."""
    from threadpoolctl import threadpool_limits

    say(f"fitting {task.system.name} on {len(task.order)} recordings")
    with threadpool_limits(1):  # as the cells: the same sums in the same order
        source = task.source.at(0)
        _check_width(task, source.test(), of_files.rows)
        fitted = fit_cell(task, 100.0, source)
        by_window = fitted.probabilities(of_files.rows, task.rules.n_classes)
        if by_window is not None:
            return Answers(by_window, False, None)
        return Answers(
            votes(fitted, task, of_files.rows), True, decisions(fitted, task, of_files.rows)
        )


def _check_width(task: Task, test: Features, rows: Features) -> None:
    if rows.shape[1:] != test.shape[1:]:
        raise TableError(
            f"'{task.system.representation}' has {test.shape[1]} features in the study and "
            f"{rows.shape[1]} of these files: their number depends on the recordings"
        )


def _tell(path: Path, reason: str) -> None:
    say(f"{path}: {reason}", tone="wrong")
