"""The learning curves as plain data, from which the page's script draws.

In: the summary of a study. Out: a `Chart`, and JSON that can stand inside a page.
"""

import json
import math
from dataclasses import asdict, dataclass

import pandas as pd

from semisup.figures.panel import name_of as classifier_name
from semisup.figures.study_tables import StudyTables
from semisup.figures.style import Dash, line_styles
from semisup.metrics import METRICS
from semisup.report._systems import ranked
from semisup.report._words import name_of

#: What HTML or JavaScript would read as something else than text.
_UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&'\u2028\u2029"}


@dataclass(frozen=True)
class Choice:
    """A metric or classifier that a reader can choose."""

    name: str
    title: str


@dataclass(frozen=True)
class Line:
    """How the curves of a representation look."""

    name: str
    title: str
    colour: str
    dash: str
    width: float
    has_band: bool


@dataclass(frozen=True)
class Points:
    """One curve: label budget in percent, recordings, mean and interval; None where unknown."""

    x: list[float | None]
    n: list[float | None]
    y: list[float | None]
    low: list[float | None]
    high: list[float | None]


@dataclass(frozen=True)
class Chart:
    """What the chart shows; the first metric is shown first."""

    #: The classifier that is shown first: that of the best system.
    start: str
    metrics: list[Choice]
    classifiers: list[Choice]
    representations: list[Line]
    chance: dict[str, float | None]
    #: By metric, classifier and representation.
    curves: dict[str, dict[str, dict[str, Points]]]

    def json(self) -> str:
        """Write it for the page's script."""
        return safe_json(asdict(self))


def describe_chart(tables: StudyTables, metric: str) -> Chart:
    """Gather what the chart shows; `metric` is shown first."""
    metrics = [metric, *(name for name in measured(tables) if name != metric)]
    return Chart(
        ranked(tables, metric)[0][0],
        [Choice(name, name_of(name)) for name in metrics],
        [Choice(name, classifier_name(name)) for name in tables.classifiers],
        lines(tables),
        {name: _rounded(tables.chance(name)) for name in metrics},
        _curves(tables.summary),
    )


def measured(tables: StudyTables) -> list[str]:
    """Return the metrics that a study has; one of an earlier version may lack some."""
    there = set(tables.summary["metric"])
    return [name for name in METRICS if name in there]


def lines(tables: StudyTables) -> list[Line]:
    """Give each representation the colour and dash that it has in every figure."""
    return [
        Line(
            name,
            name_of(name) + (f", {tables.notes[name]}" if name in tables.notes else ""),
            style["color"],
            _dash(style["linestyle"]),
            1.7 * style["linewidth"],
            bool(style["marker"]),
        )
        for name, style in line_styles(tables.representations).items()
    ]


def safe_json(value: object) -> str:
    r"""Write JSON that no content can end or escape from inside a script element.

    Examples
    --------
    >>> safe_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    # NaN is not JSON: a browser would refuse all of it, so better an error here
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_UNSAFE)


def _curves(summary: pd.DataFrame) -> dict[str, dict[str, dict[str, Points]]]:
    curves: dict[str, dict[str, dict[str, Points]]] = {}
    keys = ["metric", "classifier", "representation"]
    for (metric, classifier, name), rows in summary.groupby(keys, sort=False):
        curve = rows.sort_values("percentage")
        points = Points(
            x=_numbers(curve["percentage"]),
            n=_numbers(curve["n_recordings"]),
            y=_numbers(curve["mean"]),
            low=_numbers(curve["low"]),
            high=_numbers(curve["high"]),
        )
        curves.setdefault(metric, {}).setdefault(classifier, {})[name] = points
    return curves


def _numbers(column: pd.Series) -> list[float | None]:
    return [_rounded(value) for value in column]


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 4)


def _dash(linestyle: Dash) -> str:
    """Turn matplotlib's dashes, in line widths, into those of SVG."""
    if isinstance(linestyle, str):
        return ""
    return " ".join(f"{2 * length:g}" for length in linestyle[1])
