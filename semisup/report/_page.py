"""The page: what all sections say, put into the template.

In: a study's folder and the study as plain data. Out: `report.html`.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semisup.engine.artefacts import write_text
from semisup.figures.catalogue import (
    Wanted,
    draw_curve,
    draw_difference,
    draw_heat_map,
    draw_main,
    draw_projection,
    draw_systems,
)
from semisup.figures.study_tables import StudyTables
from semisup.metrics import METRICS
from semisup.report._confusion import describe_confusions
from semisup.report._curves import curves, safe_json
from semisup.report._data import describe_data, headline
from semisup.report._gallery import describe_galleries
from semisup.report._images import Picture, picture
from semisup.report._media import Audio
from semisup.report._provenance import fingerprints, study_toml, versions
from semisup.report._systems import best_of
from semisup.report._tables import Sheet, sheets
from semisup.report._training import describe_training
from semisup.report._verdicts import cautions, nothing_compared, pairs_of, question
from semisup.report._words import classifier_name, name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Tables of the comparison that stand at its head; the others are folded away.
_OPEN = ("differences", "crossover", "chance")
#: Tables of other sections.
_ELSEWHERE = ("scores", "systems", "classes")

#: Warnings of the split that stand open; the others are folded away.
_WARNINGS = 3
#: Trainings that a reader sees at once; others are folded away.
_MODELS = 4
#: Beyond so many classes the names above a confusion matrix stand upright, so that it fits.
_MANY_CLASSES = 6

#: What stands in the page as it is.
_OWN_FILES = {"css": "report.css", "js": "report.js", "gallery_js": "gallery.js"}

#: What a reader must know of scores of a split that ignores speakers.
LEAKS = (
    "This split leaks, as the study asks for: recordings of one speaker or track are in several "
    "subsets. No score of it says how a classifier does on new ones."
)


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
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    package = files("semisup.report")
    # Names, labels and speakers are anybody's text: everything is escaped but our own files.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)  # fmt: skip
    environment.filters["name"] = name_of
    environment.filters["classifier"] = classifier_name
    template = environment.from_string(package.joinpath("report.html.j2").read_text("utf-8"))
    own = {
        name: Markup(package.joinpath(file).read_text("utf-8")) for name, file in _OWN_FILES.items()
    }
    given = context(folder, study, audio)
    data = {
        "chart": Markup(safe_json(given["curves"])) if given["curves"] else "",
        "gallery_data": Markup(safe_json(given["gallery"].data())),
    }
    return template.render(given, **own, **data)


def context(folder: Path, study: dict[str, Any], audio: Audio = "embed") -> dict[str, Any]:
    """Gather everything that the page shows."""
    tables = StudyTables(folder)
    metric = study["plot"]["metric"]
    made = sheets(tables, metric)
    data = describe_data(tables, study)
    leaky = bool(study.get("split", {}).get("leaky"))
    one, chart = tables.has_one_budget, curves(tables, metric)
    return {
        "name": study["name"],
        "metric": metric,
        "question": question(tables),
        "headline": headline(data, tables),
        "pairs": pairs_of(tables, metric),
        "cautions": [LEAKS] * leaky + cautions(tables, metric),
        "leaky": leaky,
        "one_budget": one,
        "nothing_compared": nothing_compared(tables),
        "representations": chart["representations"],
        "best": best_of(tables, metric),
        "main_figure": picture(draw_main(tables, Wanted(metric))),
        "data": data,
        "shown_warnings": _WARNINGS,
        "shown_models": _MODELS,
        "training": describe_training(tables),
        "projection": _if_possible(tables, draw_projection, Wanted(metric), _has_features),
        "curves": None if one else chart,
        "panels": [] if one else _panels(tables, metric),
        "scores": _named(made, "scores"),
        "systems": _named(made, "systems"),
        "systems_figure": None if one else picture(draw_systems(tables, Wanted(metric))),
        "class_scores": _named(made, "classes"),
        "comparison": [sheet for sheet in made if sheet.name in _OPEN],
        "more_tables": [sheet for sheet in made if sheet.name not in (*_OPEN, *_ELSEWHERE)],
        "differences": [] if one else _differences(tables, metric),
        "heat_maps": [] if one else _heat_maps(tables, metric),
        "classes": tables.classes if tables.predictions is not None else [],
        "many_classes": _MANY_CLASSES,
        "confusions": describe_confusions(tables),
        "gallery": describe_galleries(tables, metric, audio),
        "audio": audio,
        "fingerprints": fingerprints(tables),
        "versions": versions(tables),
        "study_toml": study_toml(study),
        "seed": study["seed"],
    }


def _named(made: list[Sheet], name: str) -> Sheet | None:
    return next((sheet for sheet in made if sheet.name == name), None)


def _panels(tables: StudyTables, metric: str) -> list[tuple[str, Picture]]:
    """Draw the curves of the other metrics, for a reader without scripts."""
    others = [name for name in METRICS if name != metric]
    return [(name_of(name), picture(draw_curve(tables, Wanted(name)), 100)) for name in others]


def _differences(tables: StudyTables, metric: str) -> list[tuple[str, Picture]]:
    from semisup.figures.paired import baselines

    if tables.comparison is None:
        return []
    return [
        (name_of(name), picture(draw_difference(tables, Wanted(metric, baseline=name))))
        for name in baselines(tables.comparison)
    ]


def _heat_maps(tables: StudyTables, metric: str) -> list[tuple[str, Picture]]:
    from semisup.figures.paired import pairs

    if tables.comparison is None:
        return []
    return [
        (
            f"{name_of(a)} minus {name_of(b)}",
            picture(draw_heat_map(tables, Wanted(metric, representation=a, baseline=b))),
        )
        for a, b in pairs(tables.comparison)
    ]


def _has_features(tables: StudyTables) -> bool:
    there = all(tables.features(name) is not None for name in tables.tabular)
    return there and bool(tables.tabular) and tables.recordings is not None


def _if_possible(
    tables: StudyTables,
    draw: Callable[[StudyTables, Wanted], "Figure"],
    wanted: Wanted,
    possible: Callable[[StudyTables], bool],
) -> Picture | None:
    return picture(draw(tables, wanted)) if possible(tables) else None
