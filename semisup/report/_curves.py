"""The learning curves as plain data, from which the page's script draws.

In: the summary of a study. Out: nested lists, and JSON that can stand inside a page.
"""

import json
import math
from typing import Any

from semisup.figures.catalogue import notes_beside
from semisup.figures.panel import name_of as classifier_name
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import line_styles
from semisup.metrics import METRICS
from semisup.report._words import name_of

#: What HTML or JavaScript would read as something else than text.
_UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&'\u2028\u2029"}


def curves(tables: StudyTables, metric: str) -> dict[str, Any]:
    """Gather what the chart shows; `metric` is shown first."""
    notes = notes_beside(tables.folder, tables.representations)
    styles = line_styles(tables.representations)
    metrics = [metric, *(name for name in METRICS if name != metric)]
    return {
        "metrics": [{"name": name, "title": name_of(name)} for name in metrics],
        "classifiers": [{"name": c, "title": classifier_name(c)} for c in tables.classifiers],
        "representations": [
            {
                "name": name,
                "title": name_of(name) + (f", {notes[name]}" if name in notes else ""),
                "colour": style["color"],
                "dash": _dash(style["linestyle"]),
            }
            for name, style in styles.items()
        ],
        "chance": {name: _rounded(tables.chance(name)) for name in metrics},
        "curves": _points(tables),
    }


def safe_json(value: Any) -> str:
    r"""Write JSON that no content can end or escape from inside a script element.

    Examples
    --------
    >>> safe_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_UNSAFE)


def _points(tables: StudyTables) -> dict[str, Any]:
    found: dict[str, Any] = {}
    keys = ["metric", "classifier", "representation"]
    for (metric, classifier, name), own in tables.summary.groupby(keys, sort=False):
        ordered = own.sort_values("percentage")
        points = {
            column: [_rounded(value) for value in ordered[source]]
            for column, source in (
                *(("x", "percentage"), ("n", "n_recordings")),
                *(("y", "mean"), ("low", "low"), ("high", "high")),
            )
        }
        found.setdefault(metric, {}).setdefault(classifier, {})[name] = points
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 4)


def _dash(linestyle: Any) -> str:
    """Turn matplotlib's dashes, in line widths, into those of SVG."""
    return "" if linestyle == "-" else " ".join(f"{2 * length:g}" for length in linestyle[1])
