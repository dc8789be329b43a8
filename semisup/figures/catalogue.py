"""Any figure of a study from its tables alone: for `semisup plot`, the stages and the report."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from semisup.errors import TableError, UnknownNameError, nearest
from semisup.figures.study_tables import StudyTables
from semisup.metrics import METRICS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Label budgets in percent that confusion matrices are drawn at: the nearest of the study's.
BUDGETS = (2.0, 20.0, 100.0)


class Wanted(NamedTuple):
    """What a figure shall show."""

    metric: str = "f1_weighted"
    classifier: str | None = None
    representation: str | None = None
    baseline: str | None = None
    method: str = "pca"


def plot_scores(
    scores: Path,
    output: Path,
    metric: str = "f1_weighted",
    classifier: str | None = None,
    kind: str = "curve",
    **wanted: Any,
) -> Path:
    """Draw a figure of a study from its scores and the tables beside them.

    Parameters
    ----------
    scores : Path
        `scores.csv` or `scores.parquet`. The chance level is drawn where the study's manifest and
        split lie beside it, and a collapsed encoder is called so where its health does.
    output : Path
        Ends in .png, .svg or .pdf.
    metric : str
        One of `METRICS`.
    classifier : str, optional
        One of the table's; a panel of all if left out.
    kind : str
        One of `KINDS`.
    **wanted
        ``representation``, ``baseline``, ``method``, as `Wanted` has them.

    Raises
    ------
    TableError
        If a table cannot be read, or the figure needs one that is not there.
    UnknownNameError
        If there is no such kind, metric, classifier or representation.
    """
    from semisup.figures.style import save

    _require(kind, KINDS, "kind of figure")
    _require(metric, METRICS, "metric")
    tables = StudyTables(scores.parent, scores)
    if classifier is not None:
        _require(classifier, [*tables.classifiers, "mean"], "classifier")
    return save(KINDS[kind](tables, Wanted(metric, classifier, **wanted)), output)


def draw_curve(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw learning curves: of one classifier, or a panel of all."""
    from semisup.figures.learning_curve import plot_learning_curve, plot_panel

    metric, level = wanted.metric, tables.chance(wanted.metric)
    notes = notes_beside(tables.folder, tables.representations)
    if wanted.classifier is None:
        return plot_panel(tables.summary, metric, level, notes, tables.comparison)
    _require(wanted.classifier, tables.classifiers, "classifier")
    return _whole(
        plot_learning_curve(
            tables.summary, wanted.classifier, None, metric, level, notes, tables.comparison
        )
    )


def draw_systems(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw every system at the largest label budget by two metrics: of one classifier, or all."""
    from semisup.figures.systems import metrics_beside, plot_systems

    summary, notes = tables.summary, notes_beside(tables.folder, tables.representations)
    if wanted.classifier is not None:
        _require(wanted.classifier, tables.classifiers, "classifier")
        summary = summary[summary["classifier"] == wanted.classifier]
    chance = {name: tables.chance(name) for name in metrics_beside(wanted.metric)}
    return plot_systems(summary, wanted.metric, None, chance, notes)


def draw_main(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw what answers the question: curves, or all systems where there is one budget."""
    return (draw_systems if tables.has_one_budget else draw_curve)(tables, wanted)


def draw_difference(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw difference curves with a baseline: of one classifier, or a panel of all."""
    from semisup.figures.difference import plot_difference, plot_differences

    comparison = _there(tables.comparison, "comparison.csv")
    names, metric, baseline = tables.representations, wanted.metric, wanted.baseline
    if wanted.classifier is None:
        return plot_differences(comparison, metric, baseline, names)
    return _whole(plot_difference(comparison, wanted.classifier, metric, baseline, names=names))


def draw_heat_map(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw the difference of two representations by classifier and budget."""
    from semisup.figures.heat_map import plot_heat_map
    from semisup.figures.paired import pairs

    comparison = _there(tables.comparison, "comparison.csv")
    a, b = next(
        (
            pair
            for pair in pairs(comparison)
            if wanted.representation in (None, pair[0]) and wanted.baseline in (None, pair[1])
        ),
        (str(wanted.representation), str(wanted.baseline)),
    )
    return _whole(plot_heat_map(comparison, a, b, wanted.metric, names=tables.representations))


def draw_confusion(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw confusion matrices at some budgets of one classifier, the first if none is named."""
    from semisup.figures.confusion import confusion_table, plot_confusions

    predictions = _there(tables.predictions, "predictions.parquet")
    labels = _there(tables.labels, "manifest.parquet and split.csv")
    table = confusion_table(predictions, labels, tables.classes, tables.budgets(BUDGETS))
    return plot_confusions(table, wanted.classifier or tables.classifiers[0])


def draw_projection(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw each representation's recordings in two dimensions."""
    from semisup.figures.projection import plot_projection, projection_table

    recordings = _there(tables.recordings, "manifest.parquet and split.csv")
    features = {
        name: _there(tables.features(name), f"features/{name}.parquet")
        for name in _chosen(tables, wanted)
        if name in tables.tabular
    }
    if not features:
        raise TableError("This figure shows feature tables; these representations are arrays")
    _require(wanted.method, ("pca", "umap"), "method")
    points = projection_table(features, recordings, wanted.method)  # type: ignore[arg-type]
    return plot_projection(points, notes=notes_beside(tables.folder, features))


def draw_durations(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw signal lengths and what chunk lengths cost."""
    from semisup.figures.durations import plot_durations
    from semisup.recordings.durations import lengths

    durations = _there(tables.table("durations"), "durations.csv")
    manifest = _there(tables.manifest, "manifest.parquet")
    provenance = _there(tables.json("provenance.json"), "provenance.json")
    chunks = provenance["study"]["chunks"]
    rate = chunks["sample_rate"]
    split = _there(tables.split, "split.csv")
    return plot_durations(lengths(manifest, split), durations, chunks["chunk_samples"] / rate, rate)


def draw_loss_history(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw the losses of one learned representation, the first if none is named."""
    from semisup.figures.loss_history import plot_loss_history

    histories = {name: tables.history(name) for name in _chosen(tables, wanted)}
    found = next((pair for pair in histories.items() if pair[1] is not None), None)
    if found is None:
        where = ", ".join(f"{name}/history.csv" for name in histories)
        raise TableError(f"This figure needs {where} beside the scores; it is not there")
    return _whole(plot_loss_history(found[1], found[0]))


def draw_network_history(tables: StudyTables, wanted: Wanted) -> "Figure":
    """Draw losses and accuracies of one network's fits, the first if none is named."""
    from semisup.figures.network_history import plot_network_history

    histories = _there(tables.histories, "histories.parquet with the fits of a network")
    found = [
        (classifier, name)
        for classifier, name in tables.networks
        if wanted.classifier in (None, classifier) and wanted.representation in (None, name)
    ]
    system = found[0] if found else (wanted.classifier or "", wanted.representation or "")
    return plot_network_history(histories, *system)


KINDS: dict[str, Callable[[StudyTables, Wanted], "Figure"]] = {
    "curve": draw_curve,
    "systems": draw_systems,
    "difference": draw_difference,
    "heat_map": draw_heat_map,
    "confusion": draw_confusion,
    "projection": draw_projection,
    "durations": draw_durations,
    "loss_history": draw_loss_history,
    "network_history": draw_network_history,
}


def notes_beside(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return "collapsed" by the name of each representation whose health says so.

    Parameters
    ----------
    folder : Path
        A study's folder; ``<name>/health.json`` is looked for in it.
    names : iterable of str
        Representations.
    """
    paths = {name: folder / name / "health.json" for name in names}
    return {
        name: "collapsed"
        for name, path in paths.items()
        if path.exists() and json.loads(path.read_text()).get("collapsed")
    }


def _whole(ax: Any) -> "Figure":
    return ax.figure


def _chosen(tables: StudyTables, wanted: Wanted) -> Sequence[str]:
    if wanted.representation is None:
        return tables.representations
    _require(wanted.representation, tables.representations, "representation")
    return [wanted.representation]


def _there(table: Any, name: str) -> Any:
    if table is None:
        raise TableError(f"This figure needs {name} beside the scores; it is not there")
    return table


def _require(name: str, known: Iterable[str], what: str) -> None:
    if name not in list(known):
        raise UnknownNameError(f"There is no {what} '{name}'; {nearest(name, list(known))}")
