"""The first screen: question, answer, the compact picture, and what would mislead."""

from dataclasses import dataclass

from semisup.figures.drawings import draw_systems
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture
from semisup.report._map import Map, describe_map
from semisup.report._verdicts import Learned, learned_of
from semisup.report.answer import Answer, answer_of, contest_of, standings_of
from semisup.report.cautions import Cautions, describe_cautions


@dataclass(frozen=True)
class Opening:
    """What the section shows."""

    answer: Answer
    #: The pictures of all candidates of the question, the best supported one first.
    maps: list[Map]
    cautions: Cautions
    learning: list[Learned]
    #: Every system of a study of one label budget, which has no curve.
    systems: Picture | None

    @property
    def map(self) -> Map | None:
        """The picture of the answer."""
        return self.maps[0] if self.maps else None

    @property
    def folded_maps(self) -> list[Map]:
        """Those of the other candidates."""
        return self.maps[1:]


def describe_opening(tables: StudyTables, metric: str, leaky: bool) -> Opening:
    """Gather the section; `leaky` says that the split ignores speakers."""
    standings = standings_of(tables, contest_of(tables), metric)
    return Opening(
        answer_of(tables, metric),
        [describe_map(one, tables.representations) for one in standings if one.has_bands],
        describe_cautions(tables, metric, leaky),
        learned_of(tables, metric),
        picture(draw_systems(tables, metric)) if tables.has_one_budget else None,
    )
