"""What would mislead a reader who sees the curves only, the gravest first, merged by subject.

In: the tables of a study. Out: sentences, in the names that figures have.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from semisup.comparison import MEAN
from semisup.comparison.monotone import LOSES, MONOTONE
from semisup.comparison.told import OPEN
from semisup.comparison.verdict import NOT_ABOVE
from semisup.curve.per_class import one_class_only
from semisup.features import speakers
from semisup.features.speakers import TRANSDUCTIVE, USES_OTHERS
from semisup.figures.paired import CHANCE, select
from semisup.figures.study_tables import StudyTables
from semisup.report._words import in_sentence, is_plural, listed, system_in_sentence
from semisup.study.controls import without_controls

#: What a reader must know of scores of a split that ignores speakers.
LEAKS = (
    "This split leaks, as the study asks for: recordings of one speaker or track are in several "
    "subsets. No score of it says how a classifier does on new ones."
)
ONE_DRAW = (
    "One draw of the labelled recordings: how much the scores would differ with other labelled "
    "recordings can't be told."
)
#: Outcomes against chance that a reader must know of, at no budget higher or perhaps by chance.
AT_CHANCE = {NOT_ABOVE: "not above chance", OPEN: "not resolved from chance"}
#: Of more systems than these a sentence gives the number.
MOST_NAMED = 4
#: Cautions that stand open; the others are folded away.
MOST_OPEN = 3


class Cautions(NamedTuple):
    """All of them; the first stand open."""

    sentences: list[str]

    @property
    def open(self) -> list[str]:
        """Those that a reader sees at once."""
        return self.sentences[:MOST_OPEN]

    @property
    def folded(self) -> list[str]:
        """Those that a reader unfolds."""
        return self.sentences[MOST_OPEN:]


def describe_cautions(tables: StudyTables, metric: str, leaky: bool) -> Cautions:
    """Gather them; `leaky` says that the split ignores speakers."""
    of_encoders = list(_of_collapsed(tables))
    return Cautions([LEAKS] * leaky + of_encoders + cautions_of(tables, metric))


def cautions_of(tables: StudyTables, metric: str) -> list[str]:
    """Say what would mislead besides encoders, a sentence or a few a subject.

    Parameters
    ----------
    tables : StudyTables
    metric : str
        What systems are compared by.
    """
    noted = [_ended(in_titles(text, tables)) for text in tables.json("cautions.json") or []]
    return [
        *([ONE_DRAW] if int(tables.summary["draws"].max()) == 1 else []),
        *_of_guessers(tables, metric),
        *_of_speakers(tables),
        *noted,
        *_of_losses(tables, metric),
    ]


def in_titles(text: str, tables: StudyTables) -> str:
    """Put the names that figures have in the place of the study's, as systems or in quotes.

    Sentences of earlier stages have the names of the study file.
    """
    systems = {
        f"{classifier}@{name}": system_in_sentence(classifier, name)
        for classifier in tables.classifiers
        for name in tables.representations
    }
    quoted = {f"'{name}'": in_sentence(name) for name in tables.representations}
    names = {**systems, **quoted}
    # the longest first: one name may begin with another
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"({pattern})(?![\w.])", lambda match: names[match[0]], text)


def _ended(text: str) -> str:
    """Write a sentence with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _of_collapsed(tables: StudyTables) -> Iterator[str]:
    names = [in_sentence(name) for name in tables.collapsed]
    if len(names) == 1:
        yield (
            f"The encoder of {names[0]} collapsed: it gives every chunk nearly the same code. "
            "Its scores are not to be taken for a result of training."
        )
    elif names:
        yield (
            f"The encoders of {listed(names)} collapsed: they give every chunk nearly the same "
            "code. Their scores are not to be taken for a result of training."
        )


def _of_guessers(tables: StudyTables, metric: str) -> Iterator[str]:
    """Say which systems may be guessing, and which name one class only."""
    sentences = []
    for outcome, words in AT_CHANCE.items():
        if systems := _at_chance(tables, metric, outcome):
            sentences.append(_ended(f"{words} at 95 %: {_some(systems)}"))
    table = tables.table("per_class")
    if table is not None:
        sentences += [_ended(in_titles(text, tables)) for text in one_class_only(table)]
    if sentences:
        yield " ".join(sentences)


def _at_chance(tables: StudyTables, metric: str, outcome: str) -> list[str]:
    comparison = tables.comparison
    if comparison is None or CHANCE not in set(comparison["statistic"]):
        return []
    rows = select(comparison, "chance", metric=metric)
    # the row without a budget says whether the system is above chance at any
    overall = rows[rows["percentage"].isna() & (rows["classifier"] != MEAN)]
    low = overall[overall["outcome"] == outcome]
    # of what nothing was learned for, a guess is no news
    return _systems(low[low["representation_a"].isin(without_controls(tables.representations))])


def _systems(rows: pd.DataFrame) -> list[str]:
    systems = rows[["classifier", "representation_a"]].itertuples(index=False)
    return [system_in_sentence(classifier, name) for classifier, name in systems]


def _some(names: list[str]) -> str:
    return listed(names) if len(names) <= MOST_NAMED else f"{len(names)} systems"


def _of_speakers(tables: StudyTables) -> Iterator[str]:
    """Say which representations need a speaker's other recordings, and where that misleads."""
    keys = without_controls(tables.transductive)
    if not keys:
        return
    names = [in_sentence(name) for name in keys]
    several = len(names) > 1 or is_plural(keys[0])
    uses = USES_OTHERS.replace("uses", "use", 1) if several else USES_OTHERS
    recordings = tables.recordings
    warned = [] if recordings is None else speakers.warnings(names, recordings)
    yield " ".join(
        [
            f"{_ended(listed(names))[:-1]} {uses} ({TRANSDUCTIVE}): the scores are those of a "
            "speaker of whom several recordings are there at once, not of a single one.",
            *map(_ended, warned),
        ]
    )


def _of_losses(tables: StudyTables, metric: str) -> Iterator[str]:
    """Say which systems more labels made worse, and how far that can be told."""
    comparison = tables.comparison
    if comparison is None or MONOTONE not in set(comparison["statistic"]):
        return
    rows = select(comparison, MONOTONE, metric=metric)
    mains = rows["representation_a"].isin(without_controls(tables.representations))
    rows = rows[(rows["outcome"] == LOSES) & (rows["classifier"] != MEAN) & mains]
    if len(rows) > MOST_NAMED:
        yield (
            f"More labels made {len(rows)} systems worse (95 %, all budgets and systems at once)."
        )
    elif len(rows):
        yield " ".join(_ended(in_titles(text, tables)) for text in rows["sentence"])
