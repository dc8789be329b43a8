"""The whole comparison: scores, predictions and manifest in, four tables out."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from semisup.comparison.bootstrap import Curve
from semisup.comparison.contest import contests
from semisup.comparison.design import Design, design_of, notes_on
from semisup.comparison.measured import Measured, measure
from semisup.comparison.monotone import with_losses
from semisup.comparison.multiple import notes_on_permutations, with_holm
from semisup.comparison.predictions import systems as read_systems
from semisup.comparison.queries import query_table
from semisup.comparison.rows import COMPARISON_COLUMNS, contest_rows
from semisup.comparison.sources import VARIANCE_COLUMNS
from semisup.comparison.summary import SUMMARY_COLUMNS, check_scores, summarise
from semisup.comparison.systems import SYSTEMS_COLUMNS, SystemRow, system_rows
from semisup.study.controls import without_controls
from semisup.study.spec import CompareSpec


class Comparison(NamedTuple):
    """The tables of `compare` and what a reader should know about them.

    Parameters
    ----------
    comparison, summary, variance, systems, queries : DataFrame
    notes : list of str
        Limits of the data, one sentence each.
    """

    comparison: pd.DataFrame
    summary: pd.DataFrame
    variance: pd.DataFrame
    systems: pd.DataFrame
    notes: list[str]
    queries: pd.DataFrame


def compare(
    scores: pd.DataFrame,
    predictions: pd.DataFrame | Path,
    manifest: pd.DataFrame,
    spec: CompareSpec | None = None,
    *,
    seed: int = 0,
    metrics: Sequence[str] = ("f1_weighted", "uar"),
    encoders: Mapping[str, int] | None = None,
    splits: pd.DataFrame | None = None,
    repeats: int = 1,
    transductive: Collection[str] = (),
) -> pd.DataFrame:
    """Tell by how much representations differ, and whether the difference is real.

    Parameters
    ----------
    scores : DataFrame
        `scores.csv`: one row a cell.
    predictions : DataFrame or Path
        `predictions.parquet`; a path is read system by system, which takes less memory.
    manifest : DataFrame
        With `recording`, `label` and `speaker`. A recording without speaker is a cluster of its
        own.
    spec : CompareSpec, optional
        Resamples, kind and level of the intervals, pairs.
    seed : int
        Of the resamples.
    metrics : sequence of str
        What the representations are compared by.
    encoders : mapping of str to int, optional
        How often each representation was trained, once if left out: draw d is of the encoder d mod
        this number.
    splits : DataFrame, optional
        `split.csv` of a study with folds: recording, subset, repeat. Scores and predictions then
        have `repeat` too.
    repeats : int
        How often the folds test every speaker.
    transductive : collection of str
        Representations that use a speaker's other test recordings; verdicts against others say so.

    Returns
    -------
    DataFrame
        `comparison.csv`: tidy, one row a number, columns `COMPARISON_COLUMNS` (docs/STATISTICS.md).

    Raises
    ------
    TableError
        If scores, predictions and manifest do not fit each other.
    SpecError
        If a pair names a representation that is not there, or `encoders` does not fit the draws.
    """
    return analyse(
        scores,
        predictions,
        manifest,
        spec,
        seed=seed,
        metrics=metrics,
        encoders=encoders,
        splits=splits,
        repeats=repeats,
        transductive=transductive,
    ).comparison


def analyse(
    scores: pd.DataFrame,
    predictions: pd.DataFrame | Path,
    manifest: pd.DataFrame,
    spec: CompareSpec | None = None,
    *,
    seed: int = 0,
    metrics: Sequence[str] = ("f1_weighted", "uar"),
    encoders: Mapping[str, int] | None = None,
    splits: pd.DataFrame | None = None,
    repeats: int = 1,
    transductive: Collection[str] = (),
    drawn: Mapping[str, str] | None = None,
) -> Comparison:
    """Return `compare`'s table with the summary, the variances and notes beside it.

    `drawn` has, by classifier with a query, the one that it is compared with.
    """
    from threadpoolctl import threadpool_limits

    # The products are small: threads would wait for each other longer than they work.
    with threadpool_limits(1):
        design = design_of(
            check_scores(scores),
            predictions,
            manifest,
            spec or CompareSpec(),
            seed,
            metrics,
            encoders,
            splits,
            repeats,
        )
        measured = _measured(predictions, design)
        return tables_of(scores, measured, design, transductive, drawn or {})


def _measured(predictions: pd.DataFrame | Path, design: Design) -> list[Measured]:
    """Read and measure one system after the other."""
    systems = read_systems(predictions, design.names, design.tested, design.folds_a_repeat)
    return [
        measure(name, system, design) for name, system in zip(design.names, systems, strict=True)
    ]


def tables_of(
    scores: pd.DataFrame,
    systems: list[Measured],
    design: Design,
    transductive: Collection[str],
    drawn: Mapping[str, str],
) -> Comparison:
    """Return the tables of systems that are measured."""
    rows = [
        row
        for contest in contests(systems, design, drawn)
        for row in contest_rows(contest, design.spec, transductive)
    ]
    sources = [row for system in systems for row in system.sources]
    permutations, level = design.spec.permutations, design.spec.level
    comparison = pd.DataFrame(rows, columns=list(COMPARISON_COLUMNS))
    return Comparison(
        with_losses(with_holm(comparison, permutations, level), level),
        _summary(scores, systems, design),
        pd.DataFrame(sources, columns=list(VARIANCE_COLUMNS)),
        _against_the_best(systems, design),
        notes_on(design) + notes_on_permutations(len(systems), permutations, level),
        query_table(systems, design, drawn),
    )


def _summary(scores: pd.DataFrame, systems: list[Measured], design: Design) -> pd.DataFrame:
    """Return the means of the scores with the intervals over draws and test speakers."""
    keys = ["representation", "classifier", "percentage", "metric"]
    # intervals of the draws alone give way to those that count the test speakers too
    intervals = pd.DataFrame([row for system in systems for row in system.intervals])
    means = summarise(scores).drop(columns=["low", "high"])
    if "repeat" in scores:
        # of all test speakers together: folds of one speaker have a mean that says little
        means = means.drop(columns="mean").assign(draws=design.n_draws)
    else:
        intervals = intervals.drop(columns="mean")
    return means.merge(intervals, on=keys, validate="one_to_one")[list(SUMMARY_COLUMNS)]


def _against_the_best(systems: list[Measured], design: Design) -> pd.DataFrame:
    """Compare all systems with the best of them at the largest budget; controls are none."""
    rows: list[SystemRow] = []
    candidates = without_controls({name.representation: None for name in design.names})
    for metric in design.metrics:
        curves: dict[tuple[str, str], Curve] = {
            system.name: system.curves[metric]
            for system in systems
            if system.name.representation in candidates
        }
        rows += system_rows(curves, metric, design.budgets[-1], design.spec)
    return pd.DataFrame(rows, columns=list(SYSTEMS_COLUMNS))
