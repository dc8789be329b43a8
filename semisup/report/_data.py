"""The section on data: subsets, speakers, lengths, and what was left out and why."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from semisup.corpora import adapter
from semisup.figures.catalogue import FIGURES
from semisup.figures.drawings import draw_durations
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture
from semisup.report._left_out import left_out, reasons
from semisup.report._words import MISSING, count
from semisup.study.split_spec import SUBSETS

#: Warnings of the split that stand open; the others are folded away.
_WARNINGS = 3


class Corpus(NamedTuple):
    """Where recordings come from, and on which terms."""

    #: The study's name for it, or the adapter.
    name: str
    role: str
    citation: str
    licence: str


@dataclass(frozen=True)
class Data:
    """What the section shows; None or empty where the study does not tell."""

    #: Whether speakers may be in several subsets, and what is known of it, a sentence.
    leaky: bool
    speakers: str
    subsets: pd.DataFrame | None
    warnings: list[str]
    #: What was left out and what was unused, sentences, and the reasons.
    left_out: list[str]
    skipped: pd.DataFrame
    n_skipped: int
    durations: Picture | None
    corpora: list[Corpus]

    @property
    def open_warnings(self) -> list[str]:
        """Those that a reader sees at once."""
        return self.warnings[:_WARNINGS]

    @property
    def folded_warnings(self) -> list[str]:
        """Those that a reader unfolds."""
        return self.warnings[_WARNINGS:]


def describe_data(tables: StudyTables, study: dict[str, Any]) -> Data:
    """Gather the section."""
    skipped = tables.table("skipped")
    possible = FIGURES["durations"].is_possible(tables)
    split = tables.json("split.json") or {}
    leaky = bool(study.get("split", {}).get("leaky"))
    return Data(
        leaky,
        _speakers(tables, leaky),
        subset_table(tables),
        [str(warning) for warning in split.get("warnings", [])],
        left_out(tables),
        reasons(skipped),
        0 if skipped is None else len(skipped),
        picture(draw_durations(tables)) if possible else None,
        [_corpus(table) for table in study.get("corpus", [])],
    )


def _speakers(tables: StudyTables, leaky: bool) -> str:
    if leaky:
        return "Speakers are in several subsets."
    if tables.n_folds:
        return (
            f"Every speaker is tested: there are {tables.n_folds} splits, and in none is a speaker "
            "in two subsets. Counted below are the subsets of the first."
        )
    if tables.manifest is None or tables.split is None:
        return "No speaker is in two subsets."
    if set(tables.split) == {"test"}:
        return "Who was learned from is not known here, nor whether they are tested too."
    used = tables.manifest["recording"].isin(tables.split.index)
    unknown = (tables.manifest["speaker"][used] == "").mean()
    if unknown == 1:
        return "Nobody knows whether a speaker is in two subsets, as all speakers are unknown."
    if unknown > 0:
        return (
            f"No known speaker is in two subsets; who speaks in {unknown:.0%} of the recordings is "
            "unknown."
        )
    return "No speaker is in two subsets."


def subset_table(tables: StudyTables) -> pd.DataFrame | None:
    """Count recordings and speakers by subset and class.

    Returns
    -------
    DataFrame or None
        Columns Subset, Class (or Range), Recordings, Speakers and, where lengths are known, Minutes
        and Median (s). Unlabelled recordings have no class.
    """
    if tables.manifest is None or tables.split is None or tables.labels is None:
        return None
    split = tables.first_split if tables.n_folds else tables.split
    table = tables.manifest.assign(
        subset=tables.manifest["recording"].map(split),
        label=tables.manifest["recording"].map(tables.labels).fillna("-"),
    )
    # with folds what is unlabelled here is tested elsewhere, and has a class there
    table["label"] = table["label"].mask(table["subset"] == "unlabelled", "-")
    what = "Class" if tables.numbers is None else "Range"
    rows = []
    for subset in SUBSETS:
        recordings = table[table["subset"] == subset]
        for label, of_class in recordings.groupby("label"):
            rows.append({"Subset": subset, what: label, **_counts(of_class)})
        if len(set(recordings["label"])) > 1:
            rows.append({"Subset": subset, what: "all", **_counts(recordings)})
    counts = pd.DataFrame(rows)
    # pictures and tables have no lengths
    has_lengths = tables.manifest["seconds"].notna().any()
    return counts if has_lengths else counts.drop(columns=["Minutes", "Median (s)"])


def headline(data: Data, tables: StudyTables) -> str:
    """Say in one line how much there is."""
    if tables.manifest is None or tables.split is None:
        return ""
    used = tables.manifest[tables.manifest["recording"].isin(tables.split.index)]
    speakers = used.loc[used["speaker"] != "", "speaker"].nunique()
    return (
        f"{count(len(used), 'recording')} of {count(speakers, 'speaker')}, "
        f"{format(data.n_skipped, ',') if data.n_skipped else 'none'} left out"
    )


def _counts(recordings: pd.DataFrame) -> dict[str, Any]:
    seconds = recordings["seconds"].dropna()
    return {
        "Recordings": len(recordings),
        "Speakers": recordings.loc[recordings["speaker"] != "", "speaker"].nunique(),
        "Minutes": _minutes(seconds.sum() / 60) if len(seconds) else MISSING,
        "Median (s)": f"{seconds.median():.1f}" if len(seconds) else MISSING,
    }


def _minutes(minutes: float) -> str:
    """Write a length so that none is 0."""
    if minutes < 0.1:
        return "< 0.1"
    return f"{minutes:.1f}" if minutes < 10 else f"{minutes:,.0f}"


def _corpus(table: dict[str, Any]) -> Corpus:
    corpus = adapter(str(table["adapter"]))
    name = str(table.get("name") or table["adapter"])
    return Corpus(name, str(table.get("role", "all")), corpus.citation, corpus.licence)
