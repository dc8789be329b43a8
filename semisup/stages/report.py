"""Stage 10: all tables in; `report.html`, `tables/` and the figures of the comparison out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from semisup.engine.artefacts import fingerprint
from semisup.engine.step import Step
from semisup.figures.catalogue import (
    Wanted,
    draw_confusion,
    draw_difference,
    draw_heat_map,
    draw_projection,
)
from semisup.figures.study_tables import StudyTables
from semisup.report import mark_of, sheets, sources, write_report, write_tables
from semisup.stages.fingerprints import FORMATS
from semisup.stages.resolved import ResolvedStudy
from semisup.study.study import dump

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def mark(study: ResolvedStudy) -> str:
    """Return the fingerprint of the page: that of the figures, and what `[report]` asks for."""
    return fingerprint("page", _figures_mark(study), dump(study.spec.report))


def _figures_mark(study: ResolvedStudy) -> str:
    """Return the fingerprint of the figures: those of all that lies in the folder for them."""
    found = sources(study.folder, list(study.compared))
    marks = {path.relative_to(study.folder).as_posix(): mark_of(path) for path in found}
    spec = {key: value for key, value in dump(study.spec).items() if key != "report"}
    return fingerprint("report", FORMATS["report"], spec, marks)


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the step of the figures and that of the page with its tables."""
    tables = StudyTables(study.folder)
    figures = _figures(study, tables)
    names = [sheet.name for sheet in sheets(tables, study.spec.plot.metric)]
    written = [study.folder / "tables" / f"{name}.{s}" for name in names for s in ("csv", "tex")]
    page = (study.folder / "report.html", *written)
    return [
        Step("figures", _figures_mark(study), tuple(figures), partial(_draw, figures)),
        Step("report", mark(study), page, partial(_write, study)),
    ]


def _figures(study: ResolvedStudy, tables: StudyTables) -> dict[Path, Callable[[], "Figure"]]:
    """Return how to draw each figure that the study has the tables for, by its path."""
    metric = study.spec.plot.metric
    drawn: dict[str, Callable[[], Figure]] = {}
    # One label budget gives a point, not a line, and a heat map of one column.
    if tables.comparison is not None and not tables.has_one_budget:
        from semisup.figures.paired import baselines, pairs

        for b in baselines(tables.comparison):
            drawn[f"difference_{b}"] = partial(draw_difference, tables, Wanted(metric, baseline=b))
        for a, b in pairs(tables.comparison):
            wanted = Wanted(metric, representation=a, baseline=b)
            drawn[f"heat_map_{a}_{b}"] = partial(draw_heat_map, tables, wanted)
    if tables.predictions is not None and tables.labels is not None:
        for name in tables.classifiers:
            wanted = Wanted(classifier=name)
            drawn[f"confusion_{name}"] = partial(draw_confusion, tables, wanted)
    if tables.recordings is not None and tables.tabular:
        drawn["projection"] = partial(draw_projection, tables, Wanted())
    return {
        study.figures / f"{name}.{suffix}": draw
        for name, draw in drawn.items()
        for suffix in study.spec.plot.formats
    }


def _draw(figures: dict[Path, Callable[[], "Figure"]]) -> None:
    from semisup.figures.style import save

    for path, draw in figures.items():
        save(draw(), path)


def _write(study: ResolvedStudy) -> None:
    write_tables(study.folder, study.spec.plot.metric)
    write_report(study.folder, dump(study.spec), study.spec.report.audio)
