"""Galleries of misclassified recordings: one a system, and one of all systems together.

In: predictions, labels, manifest and, where they are there, the recordings themselves. Out: cards,
one a recording however many systems miss it, and galleries that say which cards they show.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from semisup.figures.study_tables import StudyTables
from semisup.report._deviations import deviations
from semisup.report._media import Audio, Media, gather
from semisup.report._mistakes import SHOWN, answers, hardest, mistakes_of_systems, mistakes_table
from semisup.report._systems import ranked
from semisup.report._words import classifier_name, count, listed, name_of, number

ALL = (
    "The test recordings that most systems get wrong with the largest label budget, from every "
    "class. The share of wrong answers is over all classifiers and draws."
)
#: With more representations than this, a card has not one line each.
_LINES = 6


class Entry(NamedTuple):
    """One mistake, as its gallery tells it."""

    recording: str
    taken_for: str
    badge: str
    details: list[str]


class Gallery(NamedTuple):
    """The mistakes of one system, in the order that they are shown."""

    title: str
    sentence: str
    entries: list[Entry]


class Card(NamedTuple):
    """One recording: what is the same in every gallery."""

    recording: str
    speaker: str
    label: str
    media: Media


class Galleries(NamedTuple):
    """All of them, the first one shown first; cards stand in the order that they are needed."""

    galleries: list[Gallery]
    cards: list[Card]
    left_out: str

    @property
    def first(self) -> list[Entry]:
        """What is shown without scripts: the entries of the first cards, in their order."""
        return self.galleries[0].entries

    def data(self) -> list[dict[str, Any]]:
        """Return the galleries as plain data for the page's script; a card is its place."""
        place = {card.recording: number for number, card in enumerate(self.cards)}
        return [
            {
                "title": gallery.title,
                "sentence": gallery.sentence,
                "entries": [
                    {"card": place[entry.recording], "taken": entry.taken_for}
                    | {"badge": entry.badge, "details": entry.details}
                    for entry in gallery.entries
                ],
            }
            for gallery in self.galleries
        ]


def describe_galleries(tables: StudyTables, metric: str, audio: Audio = "embed") -> Galleries:
    """Gather the mistakes of all systems; the best by the metric comes first."""
    labels = tables.labels if tables.numbers is None else tables.numbers.map(_short)
    if labels is None or tables.manifest is None:
        return Galleries([], [], "")
    make = _of_classes if tables.numbers is None else _of_numbers
    galleries = list(make(tables, metric))
    if not any(gallery.entries for gallery in galleries):
        return Galleries([], [], "")
    names = list(dict.fromkeys(e.recording for gallery in galleries for e in gallery.entries))
    entries = tables.manifest.set_index("recording").loc[names].to_dict("records")
    media, n_pictures, n_sounds = gather(entries, audio, len(galleries[0].entries))
    cards = [
        Card(name, str(entry["speaker"]), str(labels[name]), shown)
        for name, entry, shown in zip(names, entries, media, strict=True)
    ]
    missing = {"player": len(names) - n_sounds, "picture": len(names) - n_pictures}
    return Galleries(galleries, cards, _left_out(missing, len(names)))


def _of_classes(tables: StudyTables, metric: str) -> list[Gallery]:
    rows = answers(tables)
    if rows.empty:
        return []
    galleries = list(_of_systems(tables, rows, metric))
    if len(galleries) > 1:
        # second: the first one, of the best system, is all that a reader without scripts sees
        galleries.insert(1, _of_all(tables, rows))
    return galleries


def _of_numbers(tables: StudyTables, metric: str) -> Iterator[Gallery]:
    """Yield the largest errors of each system."""
    rows = deviations(tables)
    budget = f"{tables.summary['percentage'].max():g} % of labels"
    for classifier, name, score in ranked(tables, metric) if len(rows) else ():
        is_its = (rows["classifier"] == classifier) & (rows["representation"] == name)
        worst = rows[is_its].head(SHOWN)
        system = f"{classifier_name(classifier)} on {name_of(name)}"
        entries = [
            Entry(row["recording"], _short(row["predicted"]), f"off by {_short(row['off'])}", [])
            for row in worst.to_dict("records")
        ]
        sentence = (
            f"{system}, {budget}: the {count(len(entries), 'test recording')} whose number is "
            "predicted worst, by the mean over the draws."
        )
        yield Gallery(f"{system}: {number(score)}", sentence, entries)


def _short(value: float) -> str:
    """Write a number of the corpus's with four digits."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")


def _of_systems(tables: StudyTables, rows: pd.DataFrame, metric: str) -> Iterator[Gallery]:
    mistakes = mistakes_of_systems(rows)
    answer = "draws" if (rows["chunk"] < 0).all() else "chunks of all draws"
    budget = f"{tables.summary['percentage'].max():g} % of labels"
    of = f"of {count(rows['recording'].nunique(), 'test recording')} misclassified"
    for classifier, name, score in ranked(tables, metric):
        is_its = (mistakes["classifier"] == classifier) & (mistakes["representation"] == name)
        its_mistakes = mistakes[is_its]
        often = f" in at least half of the {answer}" if (its_mistakes["asked"] > 1).any() else ""
        system = f"{classifier_name(classifier)} on {name_of(name)}"
        sentence = f"{system}, {budget}: {len(its_mistakes):,} {of}{often}{_ending(its_mistakes)}"
        entries = [_entry(row, answer) for row in its_mistakes.head(SHOWN).to_dict("records")]
        yield Gallery(f"{system}: {number(score)}", sentence, entries)


def _ending(mistakes: pd.DataFrame) -> str:
    """Say how many are shown, and in which order."""
    if mistakes.empty:
        return "."
    shown = f"; {SHOWN} shown" if len(mistakes) > SHOWN else ""
    if mistakes["sure"].notna().any():
        return f"{shown}, the most confident mistakes first."
    return (
        f"{shown}, those most often wrong first, as there are no probabilities of this classifier."
    )


def _entry(row: dict[str, Any], answer: str) -> Entry:
    often = f"wrong in {row['wrong']} of {row['asked']} {answer}"
    if not np.isfinite(row["sure"]):
        return Entry(row["recording"], row["taken_for"], often, [])
    details = [often] if row["asked"] > 1 else []
    return Entry(row["recording"], row["taken_for"], f"{100 * row['sure']:.0f} % sure", details)


def _of_all(tables: StudyTables, rows: pd.DataFrame) -> Gallery:
    names = tables.representations if len(tables.representations) <= _LINES else []
    entries = [
        Entry(
            row["recording"],
            row["taken_for"],
            f"{100 * row['wrong']:.0f} % wrong",
            [f"{name_of(name)}: {100 * row[name]:.0f} % wrong" for name in names if name in row],
        )
        for row in hardest(mistakes_table(rows)).to_dict("records")
    ]
    return Gallery("All systems together", ALL, entries)


def _left_out(missing: dict[str, int], cards: int) -> str:
    counts = [count(n, what) for what, n in missing.items() if n]
    if not counts:
        return ""
    return f"Left out to keep this page small: {listed(counts)}, of {count(cards, 'recording')}."
