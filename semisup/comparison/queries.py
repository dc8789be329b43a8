"""Classifiers that ask for recordings against the same on recordings drawn at random.

In: the measured systems, and which classifier is compared with which. Out: rows of `queries.csv`.
The contest is that of representations with the roles exchanged: two classifiers on one
representation, by the same draws, test speakers and resamples.
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from semisup.comparison.contest import Contest
from semisup.comparison.design import Design
from semisup.comparison.measured import Measured
from semisup.comparison.predictions import SystemName
from semisup.comparison.rows import COMPARISON_COLUMNS, Row, contest_rows

#: What stands for what in `comparison.csv`.
EXCHANGED = {
    "classifier": "representation",
    "representation_a": "classifier_a",
    "representation_b": "classifier_b",
}

#: Of labels that asking saves: none.
WITH_ALL = "with all alone"


def query_table(
    systems: Sequence[Measured], design: Design, drawn: Mapping[str, str]
) -> pd.DataFrame:
    """Return the differences of each classifier with a query from the one without.

    Parameters
    ----------
    systems : sequence of Measured
    design : Design
    drawn : mapping of str to str
        By classifier with a query, the one without.

    Returns
    -------
    DataFrame
        The columns of `comparison.csv`, but representation, classifier_a and classifier_b.
    """
    rows = [row for contest in _contests(systems, design, drawn) for row in _rows(contest, design)]
    return pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS)).rename(columns=EXCHANGED)


def as_comparison(queries: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the columns of `comparison.csv`, for whoever reads one."""
    return queries.rename(columns={new: old for old, new in EXCHANGED.items()})


def _rows(contest: Contest, design: Design) -> Iterator[Row]:
    pairs = [tuple(contest.curves)]
    spec = design.spec.model_copy(update={"pairs": pairs, "baseline": None})
    for row in contest_rows(contest, spec):
        if row.representation_b in contest.curves:
            yield _with_all(row, design.budgets[-1])


def _with_all(row: Row, last: float) -> Row:
    """Say that asking gets with all labels what the draw gets, as then both are the same."""
    if row.statistic != "labels_saved" or row.outcome != "not reached":
        return row
    return row._replace(value=last, low=last, high=last, outcome=WITH_ALL)


def _contests(
    systems: Sequence[Measured], design: Design, drawn: Mapping[str, str]
) -> Iterator[Contest]:
    by_name = {system.name: system for system in systems}
    for (representation, classifier), asking in by_name.items():
        random = by_name.get(SystemName(representation, drawn.get(classifier, "")))
        if random is None:
            continue
        for metric in design.metrics:
            sides = {classifier: asking, random.name.classifier: random}
            yield Contest(
                representation,
                metric,
                {name: side.curves[metric] for name, side in sides.items()},
                {name: side.permuted[metric] for name, side in sides.items()},
                design.budgets,
                asking.chance[metric],
            )
