"""Drawing of every figure of a study from its tables; `catalogue` says what each one is.

In: the tables of a study and a few options. Out: a Figure. matplotlib and pandas are imported on
use, so that the catalogue can be read without them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from semisup.errors import TableError
from semisup.figures.needs import (
    CHUNKS,
    CLASSES,
    CLUSTERS,
    COMPARISON,
    DURATIONS,
    HISTORIES,
    IMPORTANCE,
    LABELS,
    MANIFEST,
    NUMBERS,
    PREDICTIONS,
    QUERIES,
    RECORDINGS,
    SPLIT,
    missing,
)
from semisup.study.controls import controlled, without_controls

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from semisup.figures.study_tables import StudyTables

#: Label budgets in percent that the report has confusion matrices of: the nearest of the study's.
BUDGETS = (2.0, 20.0, 100.0)
METRIC = "f1_weighted"


def draw_curve(
    tables: "StudyTables", metric: str = METRIC, classifier: str | None = None
) -> "Figure":
    """Draw learning curves: of one classifier, or a panel of all."""
    from semisup.figures.learning_curve import plot_learning_curve, plot_panel

    chance, notes, comparison = tables.chance(metric), tables.notes, tables.comparison
    if classifier is None:
        return plot_panel(tables.summary, metric, chance, notes, comparison)
    return _figure_of(
        plot_learning_curve(tables.summary, classifier, None, metric, chance, notes, comparison)
    )


def draw_systems(
    tables: "StudyTables",
    metric: str = METRIC,
    classifier: str | None = None,
    budget: float | None = None,
) -> "Figure":
    """Draw every system at a label budget by two metrics: of one classifier, or all."""
    from semisup.figures.systems import metrics_beside, plot_systems

    summary = tables.summary
    if classifier is not None:
        summary = summary[summary["classifier"] == classifier]
    chance = {name: tables.chance(name) for name in metrics_beside(metric)}
    return plot_systems(summary, metric, budget, chance, tables.notes)


def draw_difference(
    tables: "StudyTables",
    metric: str = METRIC,
    classifier: str | None = None,
    representation: str | None = None,
    baseline: str | None = None,
) -> "Figure":
    """Draw the difference of two representations: of one classifier, or a panel of all."""
    from semisup.figures.difference import plot_difference, plot_differences

    comparison, names = COMPARISON.of(tables), tables.representations
    pair = _pair(comparison, representation, baseline)
    if classifier is None:
        return plot_differences(comparison, metric, pair, names)
    return _figure_of(plot_difference(comparison, classifier, metric, pair, names=names))


def draw_queries(
    tables: "StudyTables", metric: str = METRIC, classifier: str | None = None
) -> "Figure":
    """Draw the curves of a classifier that asks for recordings and of the draw's.

    Two classifiers on a representation are drawn as two representations with a classifier are.
    """
    from semisup.figures.learning_curve import plot_panel

    queries = QUERIES.of(tables)
    asks = classifier or asking(tables)[0]
    rows = queries[queries["classifier_a"] == asks]
    if rows.empty:
        raise TableError(
            f"The classifier '{asks}' asks for no recordings; those that do: "
            f"{', '.join(asking(tables))}"
        )
    summary, sides = tables.summary, [rows["classifier_b"].iloc[0], asks]
    of_sides = summary[
        summary["classifier"].isin(sides) & summary["representation"].isin(rows["representation"])
    ]
    order = of_sides["classifier"].map(sides.index).sort_values(kind="stable").index
    exchanged = {"representation": "classifier", "classifier": "representation"}
    return plot_panel(of_sides.loc[order].rename(columns=exchanged), metric, tables.chance(metric))


def asking(tables: "StudyTables") -> Sequence[str]:
    """Name the classifiers that ask for recordings, in the order of the study."""
    return [] if tables.queries is None else list(tables.queries["classifier_a"].unique())


def draw_learning(
    tables: "StudyTables", metric: str = METRIC, representation: str | None = None
) -> "Figure":
    """Draw what learning added to a representation, the first with controls if none is named."""
    from semisup.figures.learning import controlled_in, plot_learning

    comparison = COMPARISON.of(tables)
    name = representation or next(iter([*controlled_in(comparison), *tables.representations]))
    return plot_learning(comparison, name, metric)


def draw_heat_map(
    tables: "StudyTables",
    metric: str = METRIC,
    representation: str | None = None,
    baseline: str | None = None,
) -> "Figure":
    """Draw the difference of two representations by classifier and budget."""
    from semisup.figures.heat_map import plot_heat_map

    comparison = COMPARISON.of(tables)
    a, b = _pair(comparison, representation, baseline)
    return _figure_of(plot_heat_map(comparison, a, b, metric, names=tables.representations))


def _pair(
    comparison: "pd.DataFrame", representation: str | None, baseline: str | None
) -> tuple[str, str]:
    """Return the first pair of the comparison that has these, a and b."""
    from semisup.figures.paired import pairs

    fitting = (
        (a, b)
        for a, b in pairs(comparison)
        if representation in (None, a) and baseline in (None, b)
    )
    # No such pair: the figure says which there are.
    return next(fitting, (str(representation), str(baseline)))


def draw_verdict_map(
    tables: "StudyTables",
    metric: str = METRIC,
    representation: str | None = None,
    baseline: str | None = None,
) -> "Figure":
    """Draw who is ahead of two representations by classifier and budget, the first pair's if none.

    Raises
    ------
    TableError
        If the two are not compared.
    """
    from semisup.comparison.standing import standing
    from semisup.figures.verdict_map import plot_verdict_map

    comparison = COMPARISON.of(tables)
    second = baseline or tables.baseline
    others = [name for name in without_controls(tables.representations) if name != second]
    first = representation or next(iter(others), second)
    one = standing(comparison, first, second, metric)
    if one is None:
        raise TableError(
            f"'{first}' and '{second}' are not compared by {metric}; "
            '[compare] pairs = "all" compares every two'
        )
    return _figure_of(plot_verdict_map(one, metric, names=tables.representations))


def draw_confusion(
    tables: "StudyTables",
    classifier: str | None = None,
    representation: str | None = None,
    budget: float | None = None,
) -> "Figure":
    """Draw confusion matrices of one classifier, the first if none is named, at one budget."""
    from semisup.figures.confusion import confusion_table, plot_confusions

    predictions, name, percentage = _predictions_of(tables, classifier, budget)
    labels, classes = LABELS.of(tables), CLASSES.of(tables)
    if representation is not None:
        predictions = predictions[predictions["representation"] == representation]
    table = confusion_table(predictions, labels, classes, [percentage])
    return plot_confusions(table, name)


def draw_agreement(
    tables: "StudyTables",
    classifier: str | None = None,
    representation: str | None = None,
    budget: float | None = None,
) -> "Figure":
    """Draw predicted against true numbers of one classifier, the first if none is named."""
    from semisup.figures.agreement import agreement_table, plot_agreement

    predictions, name, percentage = _predictions_of(tables, classifier, budget)
    table = agreement_table(predictions, NUMBERS.of(tables), percentage)
    there = set(table["representation"])
    mains = [other for other in without_controls(tables.representations) if other in there]
    return plot_agreement(table, name, percentage, [representation] if representation else mains)


def _predictions_of(
    tables: "StudyTables", classifier: str | None, budget: float | None
) -> tuple["pd.DataFrame", str, float]:
    """Return one classifier's predictions at one budget, and both: the first, the largest."""
    PREDICTIONS.of(tables)
    name = classifier or tables.classifiers[0]
    percentage = tables.summary["percentage"].max() if budget is None else budget
    predictions = tables.predictions([percentage])
    return predictions[predictions["classifier"] == name], name, percentage


def draw_projection(
    tables: "StudyTables",
    representation: str | None = None,
    method: Literal["pca", "umap"] = "pca",
) -> "Figure":
    """Draw each representation's recordings in two dimensions; a control only if it is named."""
    from semisup.figures.projection import plot_projection, projection_table

    recordings = RECORDINGS.of(tables)
    names = [representation] if representation else without_controls(tables.representations)
    names = [name for name in names if name in tables.tabular]
    if not names:
        raise TableError("This figure shows feature tables; these representations are arrays")
    features = {name: _features(tables, name) for name in names}
    points = projection_table(features, recordings, method)
    return plot_projection(points, notes=tables.notes)


def draw_durations(tables: "StudyTables") -> "Figure":
    """Draw signal lengths and what chunk lengths cost."""
    from semisup.figures.durations import plot_durations
    from semisup.recordings.durations import lengths

    durations, manifest, chunks = DURATIONS.of(tables), MANIFEST.of(tables), CHUNKS.of(tables)
    rate = chunks["sample_rate"]
    seconds = lengths(manifest, SPLIT.of(tables))
    return plot_durations(seconds, durations, chunks["chunk_samples"] / rate, rate)


def draw_loss_history(tables: "StudyTables", representation: str | None = None) -> "Figure":
    """Draw the losses of one learned representation, the first if none is named."""
    from semisup.figures.loss_history import plot_loss_history

    names = tables.representations if representation is None else [representation]
    for name in names:
        history = tables.history(name)
        if history is not None:
            return _figure_of(plot_loss_history(history, name))
    raise missing(", ".join(f"{name}/history.csv" for name in names))


def draw_network_history(
    tables: "StudyTables",
    classifier: str | None = None,
    representation: str | None = None,
    budget: float | None = None,
) -> "Figure":
    """Draw losses and accuracies of one network's fits, the first if none is named."""
    from semisup.figures.network_history import plot_network_history

    histories = HISTORIES.of(tables)
    for network in tables.networks:
        if classifier in (None, network[0]) and representation in (None, network[1]):
            return plot_network_history(histories, *network, budget)
    # No such network: the history says so.
    return plot_network_history(histories, classifier or "", representation or "")


def draw_importance(
    tables: "StudyTables",
    metric: str = METRIC,
    classifier: str | None = None,
    representation: str | None = None,
) -> "Figure":
    """Draw what features are worth to the classifiers of one representation."""
    from semisup.figures.importance import plot_importance

    return plot_importance(IMPORTANCE.of(tables), metric, representation, classifier)


def draw_clusters(tables: "StudyTables") -> "Figure":
    """Draw how far representations hold classes and speakers."""
    from semisup.figures.clusters import plot_clusters

    return plot_clusters(CLUSTERS.of(tables))


def permuted_of(tables: "StudyTables") -> Sequence[str]:
    """Name the representations whose features were permuted."""
    importance = IMPORTANCE.read(tables)
    return [] if importance is None else list(importance["representation"].unique())


def controlled_of(tables: "StudyTables") -> Sequence[str]:
    """Name the representations of which a study draws what learning added.

    One label budget gives a point, not a line, and a heat map of one column.
    """
    from semisup.figures.learning import controlled_in

    if tables.comparison is None or tables.has_one_budget:
        return []
    return controlled_in(tables.comparison)


def compared_with_baseline(tables: "StudyTables") -> Sequence[str]:
    """Name the representations whose verdict maps a study draws."""
    from semisup.figures.paired import pairs

    if tables.comparison is None or tables.has_one_budget:
        return []
    compared = [pair for pair in pairs(tables.comparison) if tables.baseline in pair]
    others = {name for pair in compared for name in pair} - {tables.baseline}
    return [name for name in without_controls(tables.representations) if name in others]


def pairs_of(tables: "StudyTables") -> Sequence[tuple[str, str]]:
    """Return the representations, a and b, whose difference curves and heat maps a study draws.

    Differences from controls have a figure of their own.
    """
    from semisup.figures.paired import pairs

    if tables.comparison is None or tables.has_one_budget:
        return []
    return [(a, b) for a, b in pairs(tables.comparison) if not _is_control(tables, b)]


def _is_control(tables: "StudyTables", name: str) -> bool:
    return controlled(name, tables.representations) is not None


def _features(tables: "StudyTables", name: str) -> "pd.DataFrame":
    table = tables.features(name)
    if table is None:
        raise missing(f"features/{name}.parquet")
    return table


def _figure_of(ax: "Axes") -> "Figure":
    from semisup.figures.panel import figure_of

    return figure_of(ax)
