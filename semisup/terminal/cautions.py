"""What a reader of the results must know before believing them: at most a few sentences."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from semisup.comparison import MEAN
from semisup.comparison.monotone import LOSES
from semisup.curve.per_class import one_class_only
from semisup.figures.study_tables import StudyTables
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
    everything = [
        *_encoders(tables),
        *(Caution(sentence) for sentence in tables.json("cautions.json") or []),
        *map(Caution, _one_class(tables)),
        *map(Caution, _losses(tables, metric)),
    ]
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


def _one_class(tables: StudyTables) -> list[str]:
    """Say which systems name one class only, whatever they hear."""
    rows = tables.table("per_class")
    sentences = [] if rows is None else one_class_only(rows)
    if len(sentences) < 2:
        return sentences
    systems = ", ".join(sentence.split(" ", 1)[0] for sentence in sentences)
    return [f"{systems} predict one class only, in most draws, at some budgets (per_class.csv)"]


def _losses(tables: StudyTables, metric: str) -> list[str]:
    """Say which systems more labels made worse."""
    rows = tables.comparison
    if rows is None:
        return []
    mains = rows["representation_a"].isin(without_controls(tables.representations))
    rows = rows[(rows["metric"] == metric) & (rows["outcome"] == LOSES) & mains]
    sentences = list(rows.loc[rows["classifier"] != MEAN, "sentence"])
    if len(sentences) < 2:
        return sentences
    systems = ", ".join(sentence.split(" ", 1)[0] for sentence in sentences)
    return [f"{systems} lose with more labels (95 %, all budgets and systems at once)"]
