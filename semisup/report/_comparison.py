"""The section on comparison: difference curves, heat maps, and the tables of what was tested."""

from dataclasses import dataclass

from semisup.figures.drawings import (
    controlled_of,
    draw_difference,
    draw_heat_map,
    draw_learning,
    pairs_of,
)
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture
from semisup.report._importance import Importance, describe_importance
from semisup.report._sheet import Sheet
from semisup.report._words import name_of

#: Tables that stand open; the others are folded away.
_OPEN = ("differences", "crossover", "chance")
#: Tables of other sections.
_ELSEWHERE = ("scores", "systems", "classes", "outliers", "queries")


@dataclass(frozen=True)
class Comparison:
    """What the section shows beside the verdicts."""

    differences: list[tuple[str, Picture]]
    learning: list[tuple[str, Picture]]
    heat_maps: list[tuple[str, Picture]]
    importance: list[Importance]
    tables: list[Sheet]
    folded_tables: list[Sheet]


def describe_comparison(tables: StudyTables, metric: str, sheets: dict[str, Sheet]) -> Comparison:
    """Gather the section; each figure has its title."""
    return Comparison(
        [
            (
                f"{name_of(a)} minus {name_of(b)}",
                picture(draw_difference(tables, metric, representation=a, baseline=b)),
            )
            for a, b in pairs_of(tables)
        ],
        [
            (name_of(name), picture(draw_learning(tables, metric, name)))
            for name in controlled_of(tables)
        ],
        [
            (f"{name_of(a)} minus {name_of(b)}", picture(draw_heat_map(tables, metric, a, b)))
            for a, b in pairs_of(tables)
        ],
        describe_importance(tables, metric),
        [sheet for name, sheet in sheets.items() if name in _OPEN],
        [sheet for name, sheet in sheets.items() if name not in _OPEN + _ELSEWHERE],
    )
