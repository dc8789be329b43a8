"""The whole comparison: scores, predictions and manifest in, three tables out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.comparison import predictions as predicted
from semisup.comparison.bootstrap import Curve, Weights, curves, mean_curve, resample
from semisup.comparison.chance import chance, permuted
from semisup.comparison.interval import interval
from semisup.comparison.multiple import with_holm
from semisup.comparison.rows import COMPARISON_COLUMNS, Contest, contest_rows
from semisup.comparison.sources import VARIANCE_COLUMNS, source_rows
from semisup.comparison.summary import SUMMARY_COLUMNS, check_scores, summarise
from semisup.comparison.systems import SYSTEMS_COLUMNS, system_rows
from semisup.engine.artefacts import fingerprint
from semisup.errors import SpecError, TableError, nearest
from semisup.metrics import METRICS
from semisup.study.spec import CompareSpec


class Comparison(NamedTuple):
    """The tables of `compare` and what a reader should know about them.

    Parameters
    ----------
    comparison, summary, variance, systems : DataFrame
    notes : list of str
        Limits of the data, one sentence each.
    """

    comparison: pd.DataFrame
    summary: pd.DataFrame
    variance: pd.DataFrame
    systems: pd.DataFrame
    notes: list[str]


Name = tuple[str, str]  # representation, classifier


class Measured(NamedTuple):
    """What is kept of the systems when their predictions are gone."""

    curves: dict[Name, dict[str, Curve]]
    permuted: dict[Name, dict[str, np.ndarray]]
    chance: dict[str, float]
    bounds: list[dict[str, object]]
    sources: list[tuple]


class Material(NamedTuple):
    """What all systems share."""

    names: list[Name]
    budgets: np.ndarray
    n_draws: int
    classes: list[str]
    tested: predicted.Clusters
    weights: Weights
    encoders: dict[str, int]


def compare(
    scores: pd.DataFrame,
    predictions: pd.DataFrame | Path,
    manifest: pd.DataFrame,
    spec: CompareSpec | None = None,
    *,
    seed: int = 0,
    metrics: Sequence[str] = ("f1_weighted", "uar"),
    encoders: Mapping[str, int] | None = None,
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
        scores, predictions, manifest, spec, seed=seed, metrics=metrics, encoders=encoders
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
) -> Comparison:
    """Return `compare`'s table with the summary, the variances and notes beside it."""
    from threadpoolctl import threadpool_limits

    # The products are small: threads would wait for each other longer than they work.
    with threadpool_limits(1):
        spec = spec or CompareSpec()
        material = _material(check_scores(scores), predictions, manifest, spec, seed, encoders)
        return _analyse(scores, predictions, material, spec, seed, metrics)


def _analyse(
    scores: pd.DataFrame,
    predictions: pd.DataFrame | Path,
    material: Material,
    spec: CompareSpec,
    seed: int,
    metrics: Sequence[str],
) -> Comparison:
    measured = _measure(predictions, material, spec, metrics, seed)
    rows = [
        row
        for classifier in (*dict.fromkeys(name[1] for name in material.names), "mean")
        for metric in metrics
        for row in contest_rows(_contest(classifier, metric, measured, material.budgets), spec)
    ]
    table = pd.DataFrame(rows).reindex(columns=list(COMPARISON_COLUMNS))
    return Comparison(
        with_holm(table),
        _summary(scores, pd.DataFrame(measured.bounds)),
        pd.DataFrame(measured.sources, columns=list(VARIANCE_COLUMNS)),
        _systems(measured, metrics, material.budgets[-1], spec),
        _notes(material),
    )


def _measure(
    predictions: pd.DataFrame | Path,
    material: Material,
    spec: CompareSpec,
    metrics: Sequence[str],
    seed: int,
) -> Measured:
    """Read and resample one system after the other; keep the curves of the compared metrics."""
    found = Measured({}, {}, {}, [], [])
    read = predicted.systems(predictions, material.names, material.tested, len(material.classes))
    for name, system in zip(material.names, read, strict=True):
        if system.predicted.shape[:2] != (len(material.budgets), material.n_draws):
            raise TableError(f"The predictions of {name[1]}@{name[0]} lack cells of the scores")
        by_metric = curves(system, material.weights, material.encoders[name[0]])
        found.curves[name] = {metric: by_metric[metric] for metric in metrics}
        # One generator a system with the same seed: the same permutations for all.
        rng = _rng("permutations", seed)
        found.permuted[name] = permuted(system, spec.permutations, rng)
        found.bounds.extend(_summary_rows(name, by_metric, material.budgets, spec))
        found.sources.extend(source_rows(name, by_metric, material.budgets, spec.level))
        for metric in metrics:
            found.chance.setdefault(metric, chance(system.truth, metric))
    return found


def _systems(
    measured: Measured, metrics: Sequence[str], percentage: float, spec: CompareSpec
) -> pd.DataFrame:
    """Compare all systems with the best of them at the largest budget."""
    rows = [
        row
        for metric in metrics
        for row in system_rows(
            {name: found[metric] for name, found in measured.curves.items()},
            *(metric, percentage, spec),
        )
    ]
    return pd.DataFrame(rows, columns=list(SYSTEMS_COLUMNS))


def _rng(*parts: object) -> np.random.Generator:
    return np.random.default_rng(int(fingerprint("compare", *parts), 16))


def _material(
    scores: pd.DataFrame,
    predictions: pd.DataFrame | Path,
    manifest: pd.DataFrame,
    spec: CompareSpec,
    seed: int,
    encoders: Mapping[str, int] | None,
) -> Material:
    pairs = scores[["representation", "classifier"]].drop_duplicates()
    names = [(str(row.representation), str(row.classifier)) for row in pairs.itertuples()]
    _check_pairs(spec, [name[0] for name in names])
    classes = predicted.class_names(predictions, manifest)
    tested = predicted.clusters(predicted.recordings_of(predictions), manifest, classes)
    n_draws = scores["draw"].nunique()
    weights = resample(spec.resamples, n_draws, tested.n_speakers, _rng("resamples", seed))
    budgets = np.array(sorted(scores["percentage"].unique()), dtype=float)
    trained = {name: (encoders or {}).get(name, 1) for name, _ in names}
    _check_encoders(trained, n_draws)
    return Material(names, budgets, n_draws, classes, tested, weights, trained)


def _check_encoders(encoders: dict[str, int], n_draws: int) -> None:
    """Refuse numbers for which differences of representations would not be nested."""
    several = {name: number for name, number in encoders.items() if number != 1}
    if any(not 1 <= number <= n_draws for number in several.values()):
        raise SpecError(
            f"Each representation has at least one encoder and at most one a draw, of which there "
            f"are {n_draws}; got {several}"
        )
    if len(set(several.values())) > 1:
        raise SpecError(f"All that were trained several times must be so as often; got {several}")


def _check_pairs(spec: CompareSpec, known: list[str]) -> None:
    for name in (name for pair in spec.pairs or () for name in pair):
        if name not in known:
            raise SpecError(
                f"[compare] pairs: there is no representation '{name}'; {nearest(name, known)}"
            )


def _contest(classifier: str, metric: str, measured: Measured, budgets: np.ndarray) -> Contest:
    """Gather the representations with one classifier, or their means over those that all have."""
    systems: dict[str, list[Name]] = {}
    shared = _shared_classifiers(measured.curves)
    for name in measured.curves:
        if name[1] in (shared if classifier == "mean" else {classifier}):
            systems.setdefault(name[0], []).append(name)
    found = {
        representation: mean_curve([measured.curves[name][metric] for name in names])
        for representation, names in systems.items()
    }
    guessed = {
        representation: np.mean([measured.permuted[name][metric] for name in names], axis=0)
        for representation, names in systems.items()
    }
    return Contest(classifier, metric, found, guessed, budgets, measured.chance[metric])


def _shared_classifiers(names: Iterable[Name]) -> set[str]:
    """Return the classifiers that every representation was run with."""
    by_representation: dict[str, set[str]] = {}
    for representation, classifier in names:
        by_representation.setdefault(representation, set()).add(classifier)
    return set.intersection(*by_representation.values())


def _summary_rows(
    name: Name, by_metric: dict[str, Curve], budgets: np.ndarray, spec: CompareSpec
) -> list[dict[str, object]]:
    rows = []
    for metric in METRICS:
        bounds = interval(by_metric[metric], spec.level, spec.interval)
        rows += [
            {"representation": name[0], "classifier": name[1], "percentage": percentage,
             "metric": metric, "low": low, "high": high}
            # A score has bounds, an interval of Student's with few draws or speakers has none.
            for percentage, low, high in zip(
                budgets, bounds.low.clip(0, 1), bounds.high.clip(0, 1), strict=True
            )
        ]  # fmt: skip
    return rows


def _summary(scores: pd.DataFrame, bounds: pd.DataFrame) -> pd.DataFrame:
    """Return the means of the scores with the intervals over draws and test speakers."""
    keys = ["representation", "classifier", "percentage", "metric"]
    means = summarise(scores).drop(columns=["low", "high"])
    return means.merge(bounds, on=keys, validate="one_to_one")[list(SUMMARY_COLUMNS)]


def _notes(material: Material) -> list[str]:
    tested, notes = material.tested, []
    if tested.unknown:
        notes.append(
            f"The speakers of {tested.unknown} of {len(tested.truth)} test recordings are unknown: "
            "each such recording counts as a speaker of its own, so that intervals may be too "
            "narrow."
        )
    notes += _encoder_notes(max(material.encoders.values()), material.n_draws)
    if material.n_draws == 1:
        notes.append(
            "There is one draw: the intervals cover the choice of test speakers, not that of the "
            "labelled recordings."
        )
    if 1 < tested.n_speakers < 8:
        notes.append(
            f"There are {tested.n_speakers} test speakers only: the intervals rest on few."
        )
    if tested.n_speakers == 1:
        notes.append("There is one test speaker: the intervals cover the choice of draws alone.")
    return notes


def _encoder_notes(encoders: int, n_draws: int) -> list[str]:
    notes = []
    if encoders == 2:
        notes.append("There are 2 encoders only: what another training changes rests on few.")
    if encoders > 1 and n_draws < 2 * encoders:
        notes.append(
            f"There are {n_draws} draws for {encoders} encoders, fewer than two each: the "
            "intervals cover both, but what each of them adds cannot be told."
        )
    return notes
