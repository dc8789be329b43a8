"""The page: what all sections say, put into the template.

In: a study's folder and the study as plain data. Out: `report.html`.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semisup.engine.artefacts import write_text
from semisup.figures.catalogue import FIGURES
from semisup.figures.drawings import draw_agreement
from semisup.figures.study_tables import StudyTables
from semisup.report._chart import Line, lines, safe_json
from semisup.report._clusters import Clusters, describe_clusters
from semisup.report._comparison import Comparison, describe_comparison
from semisup.report._confusion import Confusion, describe_confusion
from semisup.report._curves import Curves, describe_curves
from semisup.report._data import Data, describe_data, headline
from semisup.report._gallery import Galleries, describe_galleries
from semisup.report._images import Picture, picture
from semisup.report._media import Audio
from semisup.report._opening import Opening, describe_opening
from semisup.report._provenance import Provenance, describe_provenance
from semisup.report._raters import raters_sentence
from semisup.report._systems import ranked
from semisup.report._tables import sheets
from semisup.report._training import Training, describe_training
from semisup.report._verdicts import Pair, pairs_of
from semisup.report._words import name_of
from semisup.study.controls import without_controls

if TYPE_CHECKING:
    from jinja2 import Environment

#: What stands in the page as it is.
_OWN_FILES = {
    "css": "report.css",
    "page_js": "page.js",
    "tables_js": "tables.js",
    "chart_js": "chart.js",
    "gallery_js": "gallery.js",
}
#: A cell that is set to the right: a number, a percentage, an interval.
_NUMBER = re.compile(r"[<\N{MINUS SIGN}+-]?[\s\d.]+%?( \[.*\])?")


@dataclass(frozen=True)
class Page:
    """Everything that the page shows: its head, and then one field a section."""

    name: str
    metric: str
    one_budget: bool
    headline: str
    representations: list[Line]
    baseline: str
    opening: Opening
    raters: str
    data: Data
    clusters: Clusters | None
    training: Training
    curves: Curves
    comparison: Comparison
    pairs: list[Pair]
    confusion: Confusion
    #: Predicted against true, of the classifier of the best system; None where these are classes.
    agreement: Picture | None
    mistakes: Galleries
    audio: Audio
    provenance: Provenance


def write_report(folder: Path, study: dict[str, Any], audio: Audio = "embed") -> Path:
    """Write the report of a finished study; what a study lacks is left out or said to be missing.

    Parameters
    ----------
    folder : Path
        ``files/<study>``; at least the scores are there.
    study : dict
        The checked study file as plain data, as `provenance.json` has it under "study".
    audio : {"embed", "link", "none"}
        Whether excerpts of misclassified recordings (3 s, 8 kHz) stand in the page, the recordings
        are linked as files of this machine, or there is no sound. `[report] audio` of the study.

    Returns
    -------
    Path
        ``<folder>/report.html``. The same tables give the same bytes.

    Raises
    ------
    TableError
        If there are no scores.
    """
    return write_text(folder / "report.html", render(folder, study, audio))


def render(folder: Path, study: dict[str, Any], audio: Audio = "embed") -> str:
    """Return the page as text, as `write_report` writes it."""
    from markupsafe import Markup

    package = files("semisup.report")
    own_files = {
        name: Markup(package.joinpath(file).read_text("utf-8")) for name, file in _OWN_FILES.items()
    }
    page = describe_page(StudyTables(folder), study, audio)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            own_files,
            page=page,
            chart=Markup(page.curves.chart.json()) if page.curves.chart else "",
            gallery_data=Markup(safe_json(page.mistakes.data())),
        )
    )


def _environment() -> "Environment":
    """Return what the templates are rendered in.

    Names, labels and speakers are anybody's text: everything is escaped but our own files. A name
    that a template has and the page has not is an error, not an empty place.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = files("semisup.report").joinpath("page")
    environment = Environment(
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["name"] = name_of
    environment.tests["numeric"] = lambda cell: bool(_NUMBER.fullmatch(str(cell)))
    return environment


def describe_page(tables: StudyTables, study: dict[str, Any], audio: Audio = "embed") -> Page:
    """Gather everything that the page shows."""
    metric = study["plot"]["metric"]
    by_name = {sheet.name: sheet for sheet in sheets(tables, metric)}
    data, mains = describe_data(tables, study), without_controls(tables.representations)
    return Page(
        name=study["name"],
        metric=metric,
        one_budget=tables.has_one_budget,
        headline=headline(data, tables),
        representations=[line for line in lines(tables) if line.name in mains],
        baseline=tables.baseline,
        opening=describe_opening(tables, metric, data.leaky),
        raters=raters_sentence(tables, metric),
        data=data,
        clusters=describe_clusters(tables),
        training=describe_training(tables),
        curves=describe_curves(tables, metric, by_name),
        comparison=describe_comparison(tables, metric, by_name),
        pairs=pairs_of(tables, metric),
        confusion=describe_confusion(tables, by_name.get("classes")),
        agreement=_agreement(tables, metric),
        mistakes=describe_galleries(tables, metric, audio),
        audio=audio,
        provenance=describe_provenance(tables, study),
    )


def _agreement(tables: StudyTables, metric: str) -> Picture | None:
    if not FIGURES["agreement"].is_possible(tables):
        return None
    best = ranked(tables, metric)[0][0]
    return picture(draw_agreement(tables, best))
