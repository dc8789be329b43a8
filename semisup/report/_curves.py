"""The section on learning curves, or on the systems of a study of one label budget."""

from dataclasses import dataclass

from semisup.figures.drawings import asking, draw_curve, draw_queries, draw_systems
from semisup.figures.study_tables import StudyTables
from semisup.figures.systems import metrics_beside
from semisup.report._chart import Chart, describe_chart, measured
from semisup.report._images import Picture, picture
from semisup.report._sheet import Sheet
from semisup.report._words import classifier_name, name_of


@dataclass(frozen=True)
class Curves:
    """What the section shows; a study of one label budget has nothing but the scores."""

    scores: Sheet
    chart: Chart | None = None
    #: All classifiers by the study's metric.
    figure: Picture | None = None
    #: The curves of the other metrics, for a reader without scripts.
    panels: tuple[tuple[str, Picture], ...] = ()
    systems: Sheet | None = None
    systems_figure: Picture | None = None
    queries: Sheet | None = None
    #: By the classifier that asks.
    queries_figures: tuple[tuple[str, Picture], ...] = ()
    has_two_metrics: bool = True


def describe_curves(tables: StudyTables, metric: str, sheets: dict[str, Sheet]) -> Curves:
    """Gather the section."""
    if tables.has_one_budget:
        return Curves(sheets["scores"])
    others = [name for name in measured(tables) if name != metric]
    return Curves(
        sheets["scores"],
        describe_chart(tables, metric),
        picture(draw_curve(tables, metric)),
        tuple((name_of(name), picture(draw_curve(tables, name), 100)) for name in others),
        sheets["systems"],
        picture(draw_systems(tables, metric)),
        sheets.get("queries"),
        tuple(
            (classifier_name(name), picture(draw_queries(tables, metric, name)))
            for name in asking(tables)
        ),
        len(metrics_beside(metric, measured(tables))) == 2,
    )
