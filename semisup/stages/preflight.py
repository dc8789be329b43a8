"""`semisup check`: the problems of a study in one list, before hours go into it."""

import pandas as pd

from semisup import splits
from semisup.engine.parallel import Workers
from semisup.errors import SemisupError
from semisup.features import telling
from semisup.features.tables import check_table
from semisup.representations.table import TableFromFile
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.runner import run_study
from semisup.stages.skipped import by_reason
from semisup.stages.split import warnings_of, warnings_of_names
from semisup.study.study import Study


def check_study(study: Study, workers: Workers | None = None) -> tuple[list[str], bool]:
    """Decode every recording and try the split.

    Parameters
    ----------
    study : Study
        Its file has been read, so its keys are known to be right.
    workers : Workers, optional
        Who decodes; one process if left out.

    Returns
    -------
    problems : list of str
        A sentence each: recordings that will be skipped, how many the split leaves out, subsets
        that cannot be made, tables that are missing.
    fatal : bool
        Whether the study cannot run.
    """
    # the manifest is an artefact like any other: the run that follows need not decode again
    try:
        resolved = run_study(study, until="manifest", workers=workers)
    except SemisupError as error:
        return [f"fatal: {error}"], True
    skipped = pd.read_csv(study.folder / "skipped.csv", dtype=str, keep_default_na=False)
    # what this split would leave out is counted below; the list may be that of an earlier one
    skipped = skipped[skipped["stage"] != "split"]
    problems = [f"skipped: {row.path}: {row.reason}" for row in skipped.itertuples()]
    wrong = [*_split(resolved, problems), *_tables(resolved, problems)]
    fatal = [f"fatal: {message}" for message in wrong]
    return problems + fatal, bool(fatal)


def _split(study: ResolvedStudy, problems: list[str]) -> list[str]:
    """Try the split; add what is to be said of it to the problems, return what prevents it."""
    try:
        splits.check_several_classes(study.manifest)
        split = splits.split_by_speaker(study.manifest, study.spec.split, study.spec.seed)
    except SemisupError as error:
        problems += [f"warning: {warning}" for warning in warnings_of_names(study)]
        return [str(error)]
    diagnostics = splits.diagnostics(study.manifest, split)
    problems += [f"warning: {warning}" for warning in warnings_of(study, split, diagnostics)]
    reasons = splits.left_out(study.manifest, split, study.spec.split)
    problems += [f"left out: {count} by the split: {why}" for why, count in by_reason(reasons)]
    return []


def _tables(study: ResolvedStudy, problems: list[str]) -> list[str]:
    """Add what is odd in the tables that the user brings, return what is wrong with them."""
    manifest, wrong = study.manifest.set_index("recording"), []
    for name, kind in study.kinds.items():
        if not isinstance(kind, TableFromFile):
            continue
        try:
            table = check_table(kind.read(study.base), name)
        except SemisupError as error:
            wrong.append(str(error))
            continue
        odd = telling.warnings(table, name, manifest["label"], manifest["speaker"])
        problems += [f"warning: {warning}" for warning in odd]
    return wrong
