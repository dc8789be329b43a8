"""Stage 10: all tables in; `report.html`, `tables/` and the figures of the comparison out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from semisup.engine.artefacts import fingerprint
from semisup.engine.step import Step
from semisup.errors import TableError
from semisup.figures.catalogue import FIGURES
from semisup.figures.study_tables import StudyTables
from semisup.remote.outputs import held
from semisup.report import fingerprint_of, sheets, sources, write_report, write_tables
from semisup.stages.fingerprints import of_step
from semisup.stages.making import run_step
from semisup.study.study import Study, dump

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _fingerprint_of_figures(study: Study) -> str:
    """Return the fingerprint of the figures: that of all files which they are drawn from."""
    files = sources(study.folder, study.spec.compared())
    fingerprints = {
        path.relative_to(study.folder).as_posix(): fingerprint_of(path) for path in files
    }
    # the figures say nothing of recordings, which is all that `[report]` is about
    spec = {key: value for key, value in dump(study.spec).items() if key != "report"}
    return of_step("report", spec, fingerprints)


def steps(study: Study) -> list[Step]:
    """Return the step of the figures and that of the page with its tables."""
    tables = StudyTables(study.folder)
    figures = _figures(study, tables)
    names = [sheet.name for sheet in sheets(tables, study.spec.plot.metric)]
    written = [
        study.folder / "tables" / f"{name}.{suffix}" for name in names for suffix in ("csv", "tex")
    ]
    outputs = (study.folder / "report.html", *written)
    drawn_from = _fingerprint_of_figures(study)
    page = fingerprint("page", drawn_from, dump(study.spec.report))
    return [
        Step("figures", drawn_from, tuple(figures), partial(_draw, figures)),
        Step("report", page, outputs, partial(_write, study)),
    ]


def made_again(study: Study) -> Path:
    """Make again what is stale of figures and page, from the tables that are there.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    TableError
        If the study has no scores yet.
    """
    if not (study.folder / "scores.parquet").exists():
        raise TableError(f"{study.folder} has no scores yet: `semisup run` makes them")
    with held(study.folder):
        for step in steps(study):
            run_step(study, step)
    return study.folder / "report.html"


def _figures(study: Study, tables: StudyTables) -> dict[Path, Callable[[], "Figure"]]:
    """Return how to draw each figure that the study has the tables for, by its path."""
    return {
        study.figures / f"{name}.{suffix}": draw
        for kind in FIGURES.values()
        for name, draw in kind.figures(tables, study.spec.plot.metric).items()
        for suffix in study.spec.plot.formats
    }


def _draw(figures: dict[Path, Callable[[], "Figure"]]) -> None:
    from semisup.figures.style import save

    for path, draw in figures.items():
        save(draw(), path)


def _write(study: Study) -> None:
    write_tables(study.folder, study.spec.plot.metric)
    write_report(study.folder, dump(study.spec), study.spec.report.audio)
