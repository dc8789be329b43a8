"""`semisup check`: the problems of a study in one list, before hours go into it.

Each gate is a module of `semisup.stages.gates`. One that needs what another refuses is left out.
"""

from itertools import chain
from typing import NamedTuple

import pandas as pd

from semisup.engine.parallel import Workers
from semisup.features.contract import Representation
from semisup.features.kinds import kind_of
from semisup.reading import Draft
from semisup.remote.inputs import look_again
from semisup.splits import n_splits
from semisup.stages.gates import (
    budgets,
    cells,
    chunks,
    classifiers,
    costs,
    files,
    kinds,
    output,
    recordings,
    rows,
    searches,
    speakers,
    split,
    tables,
)
from semisup.stages.gates.problem import Outlook, Problem, fatal
from semisup.stages.kinds_asked import parents_first
from semisup.study.spec import ClassifierSpec
from semisup.study.study import Study

#: What is fatal comes last, where a terminal shows it.
ORDER = ("note", "skipped", "warning", "left out", "fatal")


class Findings(NamedTuple):
    """What `check` finds.

    Parameters
    ----------
    problems : list of Problem
    skipped, recordings : int
        How many recordings cannot be used, and how many there are; 0 where none was looked at.
    cost : str
        What the study will take, "" where something prevents it.
    """

    problems: list[Problem]
    skipped: int = 0
    recordings: int = 0
    cost: str = ""

    @property
    def fatal(self) -> int:
        """How many things prevent the study from running."""
        return sum(problem.severity == "fatal" for problem in self.problems)

    def summary(self) -> str:
        """Return the last line: what prevents the study, or that it can run."""
        if self.fatal:
            return (
                f"{self.fatal} thing{'s' * (self.fatal > 1)} prevent{'s' * (self.fatal == 1)} "
                + ("the study from running")
            )
        warnings = sum(problem.severity == "warning" for problem in self.problems)
        said = [f"{warnings} warning{'s' * (warnings > 1)}"] if warnings else []
        if self.skipped:
            said.append(f"{self.skipped} of {self.recordings} recordings skipped")
        return f"{', '.join(said) or 'no problem found'}; the study can run"


def check_study(study: Study, workers: Workers | None = None) -> tuple[list[str], bool]:
    """Decode every recording, try the split and whatever else can be tried.

    Parameters
    ----------
    study : Study
        Its file has been read, so its keys are known to be right.
    workers : Workers, optional
        Who decodes; one process if left out.

    Returns
    -------
    problems : list of str
        A sentence each: what will be skipped, what is odd, what prevents the study.
    fatal : bool
        Whether the study cannot run.
    """
    found = check_draft(Draft(study, [], study.spec.name), workers)
    return [str(problem) for problem in found.problems], bool(found.fatal)


def check_draft(draft: Draft, workers: Workers | None = None) -> Findings:
    """Look at all that a study file says, as far as it can be read, and at what it names."""
    look_again()
    study, problems = draft.study, fatal(*draft.problems)
    if study is None:
        return Findings(problems)
    named = _kinds(study, whole=not problems)
    entries = files.known_classifiers(study)
    missing = files.files_of_the_user(study, named, entries)
    problems += missing
    wrong = {
        name: classifiers.parameter_problems({name: spec}, study.spec.task)
        for name, spec in entries.items()
    }
    problems += fatal(*chain(*wrong.values()))
    unwritable = output.writable(study)
    problems += unwritable
    if draft.problems or unwritable:
        # a table of a corpus that lacks a wrong key may be another corpus
        unsure = any(problem.startswith("[corpus") for problem in draft.problems)
        return _sorted(problems + files.corpora(study, roots_only=unsure))
    found = recordings.decoded(study, named, workers, complete=not missing)
    problems += found.problems
    if found.manifest is None:
        return _sorted(problems)
    own, of_tables = tables.tables_of_the_user(study, named, found.manifest)
    tried, of_split = split.tried(study, named, found.manifest)
    problems += of_tables + of_split
    cost = ""
    if tried is not None and not any(p.severity == "fatal" for p in found.problems):
        usable = {name: kind for name, kind in named.items() if not _lacks_files(study, kind)}
        outlook = Outlook(study, usable, found.manifest, tried)
        problems += cells.of_tables(outlook, own)
        problems += cells.of_a_probe(outlook)
        problems += cells.of_classes(outlook)
        problems += speakers.normalised(outlook)
        right = {name: spec for name, spec in entries.items() if not wrong[name]}
        problems += _of_the_rows(outlook, right, own)
        if not any(problem.severity == "fatal" for problem in problems):
            cost = costs.outlay(outlook, right, (workers or Workers()).processes)
    counted = _sorted(problems, found.skipped, found.skipped + len(found.manifest))
    return counted._replace(cost=cost)


def _of_the_rows(
    outlook: Outlook, right: dict[str, ClassifierSpec], own: dict[str, pd.DataFrame]
) -> list[Problem]:
    """Look at what representations can make of the split, and classifiers of that.

    Parameters
    ----------
    outlook : Outlook
    right : dict of str to ClassifierSpec
        Classifiers of the curve whose parameters are right.
    own : dict of str to DataFrame
        Tables of the user's.
    """
    made = kinds.tried(outlook)
    return [
        *chunks.lengths(outlook),
        *chunks.tails(outlook),
        *made.problems,
        *rows.networks(outlook, right, made.shapes),
        *rows.widths(outlook, right, made.widths(outlook.kinds, own)),
        *budgets.on_few_rows(outlook, right, own),
        *budgets.without_unlabelled(outlook, right),
        *searches.many(outlook, right, n_splits(outlook.manifest, outlook.study.spec.split)),
        *searches.on_what_has_seen_labels(outlook, right),
        *output.room(outlook, made.shapes),
    ]


def _kinds(study: Study, *, whole: bool) -> dict[str, Representation]:
    if whole:
        return parents_first(study.spec.compared(), study.spec.representations)
    # who is made of whom may be what is wrong
    return {name: kind_of(options) for name, options in study.spec.representations.items()}


def _lacks_files(study: Study, kind: Representation) -> bool:
    return bool(files.files_of_the_user(study, {"": kind}, {}))


def _sorted(problems: list[Problem], skipped: int = 0, recordings: int = 0) -> Findings:
    once = list(dict.fromkeys(problems))
    once.sort(key=lambda problem: ORDER.index(problem.severity))
    return Findings(once, skipped, recordings)
