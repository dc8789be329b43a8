"""The recordings: scanned, decoded, and those that will be skipped, grouped by reason."""

from typing import NamedTuple

import pandas as pd

from semisup.engine.parallel import Workers
from semisup.errors import SemisupError
from semisup.features.contract import Representation
from semisup.features.kinds import kind_class
from semisup.stages.beforehand import check_media
from semisup.stages.gates.files import corpora
from semisup.stages.gates.problem import Problem, fatal
from semisup.stages.manifest import said_of_labels
from semisup.stages.runner import run_study
from semisup.study.spec import CompareSpec, CurveSpec
from semisup.study.study import Study

#: Names of one reason that are shown, and reasons.
NAMES, REASONS = 3, 20


class Recordings(NamedTuple):
    """What is known of a study's recordings.

    Parameters
    ----------
    manifest : DataFrame or None
        Those that can be used; None where there is none.
    problems : list of Problem
    skipped : int
        How many cannot be used.
    """

    manifest: pd.DataFrame | None
    problems: list[Problem]
    skipped: int = 0


def decoded(
    study: Study, kinds: dict[str, Representation], workers: Workers | None, *, complete: bool
) -> Recordings:
    """Make the manifest, an artefact like any other: the run that follows need not decode again.

    Parameters
    ----------
    study : Study
    kinds : dict of str to Representation
    workers : Workers or None
    complete : bool
        Whether all files are there that its representations and classifiers need.
    """
    problems: list[str] = []
    try:
        resolved = run_study(study if complete else _bare(study), "manifest", workers=workers)
    except SemisupError as error:
        problems.append(str(error))
        try:
            resolved = run_study(_bare(study), "manifest", workers=workers)
        except SemisupError:
            # all that is wrong with any of several corpora, not the first thing alone
            return Recordings(None, corpora(study, roots_only=False) or fatal(*problems))
    if not complete:
        try:
            check_media(kinds, resolved.checked)
        except SemisupError as error:
            problems.append(str(error))
    rows = pd.read_csv(study.folder / "skipped.csv", dtype=str, keep_default_na=False)
    # what this split would leave out is counted by its gate; the list may be that of an earlier one
    rows = rows[rows["stage"] == "manifest"]
    noted = [Problem("note", said) for said in said_of_labels(study.spec.corpus, resolved.checked)]
    return Recordings(resolved.manifest, noted + listed(rows) + fatal(*problems), len(rows))


def listed(rows: pd.DataFrame) -> list[Problem]:
    """List what is skipped, a line a recording; of many with one reason the first, and a count."""
    groups = list(rows.groupby("reason", sort=False)["path"])
    lines = [line for reason, paths in groups[:REASONS] for line in _lines(str(reason), paths)]
    rest = sum(len(paths) for _, paths in groups[REASONS:])
    if rest:
        lines.append(f"{rest} more, for other reasons; see skipped.csv")
    return [Problem("skipped", line) for line in lines]


def _lines(reason: str, paths: pd.Series) -> list[str]:
    if len(paths) <= NAMES:
        return [f"{path}: {reason}" for path in paths]
    shown = ", ".join(paths.iloc[:NAMES])
    return [f"{shown} and {len(paths) - NAMES} more, see skipped.csv: {reason}"]


def _bare(study: Study) -> Study:
    """Return the study of the same recordings with a representation that needs no file."""
    picture = kind_class("picture").Options(kind="picture")
    bare = {
        "representations": {"picture": picture},
        "classifiers": {},
        "tuning": None,
        "curve": CurveSpec(),
        "compare": CompareSpec(),
    }
    return Study(study.spec.model_copy(update=bare), study.base, study.out)
