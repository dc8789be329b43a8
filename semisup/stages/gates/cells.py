"""Feature tables of the user's against the split: classes that would be lost, chunks of nobody."""

import pandas as pd

from semisup.curve.balance import said
from semisup.curve.plan import check_unit
from semisup.errors import SemisupError
from semisup.stages.gates.problem import Outlook, Problem, fatal, warning


def of_tables(outlook: Outlook, tables: dict[str, pd.DataFrame]) -> list[Problem]:
    """Find classes of which the tables of the user's have no recording, and chunks of nobody.

    Parameters
    ----------
    outlook : Outlook
    tables : dict of str to DataFrame
        Those that are there already, by representation.
    """
    spec = outlook.study.spec
    try:
        check_unit(outlook.manifest, outlook.split, spec.curve)
    except SemisupError as error:
        return fatal(str(error))
    groups = [tables] if spec.curve.unit == "recording" else [{n: t} for n, t in tables.items()]
    lacking = [
        problem
        for group in groups
        for subset in ("labelled", "test")
        for problem in _lacking(outlook, subset, group)
    ]
    return fatal(*lacking)


def of_classes(outlook: Outlook) -> list[Problem]:
    """Say what is done about classes of unequal size, and by what to judge them."""
    spec, labels = outlook.study.spec, outlook.of_subset("labelled")["label"]
    if spec.task == "regression":
        return []
    return warning(*said(spec.curve.balance, labels, spec.plot.metric))


def of_a_probe(outlook: Outlook) -> list[Problem]:
    """Say where `semisup tune` could not judge encodings; a run does without it."""
    tuning = outlook.study.spec.tuning
    speakers = outlook.of_subset("labelled")["speaker"].nunique()
    if tuning is None or tuning.objective != "probe" or speakers >= 2:
        return []
    return warning(
        "[tuning] objective = 'probe' needs labelled recordings of at least 2 speakers, there is "
        f"{speakers}; semisup tune would refuse, objective = 'loss' does without"
    )


def _lacking(outlook: Outlook, subset: str, tables: dict[str, pd.DataFrame]) -> list[str]:
    rows = outlook.of_subset(subset)
    classes = set(rows["label"])
    for table in tables.values():
        rows = rows[rows["recording"].isin(table["recording"])]
    lost = sorted(classes - set(rows["label"]))
    if not lost:
        return []
    return [
        f"No {subset} recording of class {' and '.join(lost)} is in "
        f"{'the table' if len(tables) == 1 else 'every one of the tables'} {', '.join(tables)}"
    ]
