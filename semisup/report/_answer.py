"""The first screen: what the study answers, what would mislead, and the figure that shows it."""

from dataclasses import dataclass

from semisup.curve.per_class import one_class_only
from semisup.figures.drawings import draw_curve, draw_systems
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture
from semisup.report._systems import Best, best_of
from semisup.report._verdicts import (
    Learned,
    Pair,
    cautions,
    learned_of,
    nothing_compared,
    pairs_of,
)

#: What a reader must know of scores of a split that ignores speakers.
LEAKS = (
    "This split leaks, as the study asks for: recordings of one speaker or track are in several "
    "subsets. No score of it says how a classifier does on new ones."
)


@dataclass(frozen=True)
class Answer:
    """What the section shows."""

    cautions: list[str]
    #: Why there are no verdicts; empty where there are some.
    nothing_compared: str
    best: Best | None
    pairs: list[Pair]
    learning: list[Learned]
    figure: Picture
    #: What the verdicts are about; empty where there are none.
    population: str

    @property
    def main_pairs(self) -> list[Pair]:
        """Verdicts against the baseline, which stand on the first screen."""
        return [pair for pair in self.pairs if pair.is_main]

    @property
    def other_pairs(self) -> list[Pair]:
        """Verdicts on all others, which stand with the comparison."""
        return [pair for pair in self.pairs if not pair.is_main]


def describe_answer(tables: StudyTables, metric: str, leaky: bool) -> Answer:
    """Gather the section; `leaky` says that the split ignores speakers."""
    draw = draw_systems if tables.has_one_budget else draw_curve
    return Answer(
        [LEAKS] * leaky + cautions(tables, metric) + _one_class_only(tables),
        nothing_compared(tables),
        best_of(tables, metric),
        pairs_of(tables, metric),
        learned_of(tables, metric),
        picture(draw(tables, metric)),
        tables.population,
    )


def _one_class_only(tables: StudyTables) -> list[str]:
    """Return which systems name one class, whatever they hear; older studies do not tell."""
    table = tables.table("per_class")
    return [] if table is None else [f"{sentence}." for sentence in one_class_only(table)]
