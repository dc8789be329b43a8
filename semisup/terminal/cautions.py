"""What a reader of the results must know before believing them: at most a few sentences.

They are those of the report; beside them stand encoders that are neither collapsed nor healthy.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from semisup.figures.study_tables import StudyTables
from semisup.report import cautions_of
from semisup.stages.train import tone_of
from semisup.study.controls import without_controls

#: Sentences that a terminal shows without being asked for all.
MANY = 3


class Caution(NamedTuple):
    """A sentence and the tone that it is said in."""

    sentence: str
    tone: str = "caution"


def cautions(tables: StudyTables, metric: str, whole: bool = False) -> list[Caution]:
    """Gather the cautions of a study, the worst first; of many, the first and how many more.

    Parameters
    ----------
    tables : StudyTables
    metric : str
    whole : bool
        Give all of them.
    """
    everything = [*_encoders(tables), *map(Caution, cautions_of(tables, metric))]
    if whole or len(everything) <= MANY:
        return everything
    more = len(everything) - MANY
    rest = f"{more} more caution{'s' * (more > 1)}: --verbose, or the report"
    return [*everything[:MANY], Caution(rest)]


def _encoders(tables: StudyTables) -> list[Caution]:
    """Say what is wrong with encoders, what is collapsed first."""
    healths = healths_of(tables.folder, without_controls(tables.representations))
    said = [
        Caution(f"{name}: {health['verdict']}", tone_of(health)) for name, health in healths.items()
    ]
    return [one for tone in ("wrong", "caution") for one in said if one.tone == tone]


def healths_of(folder: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the health of every training of some representations, by its label."""
    return {
        ".".join(path.relative_to(folder).parts[:-1]): json.loads(path.read_text("utf-8"))
        for name in names
        for pattern in ("health.json", "seed_*/health.json")
        for path in sorted((folder / name).glob(pattern))
    }
