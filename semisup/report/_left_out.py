"""What was left out and what was unused, in numbers.

In: manifest, split and `skipped.csv`. Out: sentences, and a table of reasons.
"""

import pandas as pd

from semisup.figures.study_tables import StudyTables
from semisup.report._words import count, listed
from semisup.study.split_spec import SUBSETS

#: So many reasons are listed; the rest is counted.
_REASONS = 8


def left_out(tables: StudyTables) -> list[str]:
    """Say what became of all recordings, speakers and classes; nothing where nobody knows."""
    if tables.manifest is None or tables.first_split is None:
        return []
    return [*_of_recordings(tables), *_of_unlabelled(tables), *_of_speakers_and_classes(tables)]


def _of_recordings(tables: StudyTables) -> list[str]:
    manifest, split = tables.manifest, tables.first_split
    assert manifest is not None
    assert split is not None
    skipped = tables.table("skipped")
    unusable = 0 if skipped is None else int((skipped["stage"] == "manifest").sum())
    later = 0 if skipped is None else int((skipped["stage"] == "chunks").sum())
    in_none = int((~manifest["recording"].isin(_in_any_split(tables))).sum())
    sizes = split.value_counts()
    parts = [f"{sizes[name]:,} {name}" for name in SUBSETS if sizes.get(name, 0)]
    of_first = " (in the first split)" if tables.n_folds else ""
    lost = [
        f"{number:,} {what}"
        for number, what in (
            (unusable, "cannot be used"),
            (in_none, "are in no subset"),
            (later, f"{'is' if later == 1 else 'are'} shorter than a chunk"),
        )
        if number
    ]
    total = count(len(manifest) + unusable, "recording")
    rest = f"; {listed(lost)}." if lost else "; none is left out."
    return [f"{total} were found: {listed(parts)}{of_first}{rest}"]


def _of_unlabelled(tables: StudyTables) -> list[str]:
    """Say where recordings without labels are there for nothing."""
    assert tables.first_split is not None
    n = int((tables.first_split == "unlabelled").sum())
    if not n or tables.learned or not tables.notes_what_is_learned:
        return []
    verb = "is" if n == 1 else "are"
    return [
        f"{count(n, 'unlabelled recording')} {verb} unused: no representation of this study "
        "learns from them."
    ]


def _of_speakers_and_classes(tables: StudyTables) -> list[str]:
    manifest = tables.manifest
    assert manifest is not None
    used = manifest[manifest["recording"].isin(_in_any_split(tables))]
    sentences = []
    speakers, there = (set(table["speaker"]) - {""} for table in (used, manifest))
    if gone := len(there) - len(speakers):
        verb = "is" if gone == 1 else "are"
        sentences.append(f"{gone} of {count(len(there), 'speaker')} {verb} in no subset.")
    if tables.labels is not None and "label" in manifest:
        dropped = sorted(set(manifest["label"].dropna()) - {""} - set(tables.labels))
        if dropped:
            noun = "class" if len(dropped) == 1 else "classes"
            sentences.append(
                f"{len(dropped)} {noun} of the recordings {'is' if len(dropped) == 1 else 'are'} "
                f"neither labelled nor tested: {listed(dropped)}."
            )
    return sentences


def _in_any_split(tables: StudyTables) -> set[str]:
    assert tables.splits is not None
    return set(tables.splits["recording"])


def reasons(skipped: pd.DataFrame | None) -> pd.DataFrame:
    """Count why recordings were left out, most frequent first."""
    if skipped is None or skipped.empty:
        return pd.DataFrame(columns=["Recordings", "Reason", "Stage"])
    # A decoder's sentence begins with the file, which makes each its own.
    reason = [
        text.removeprefix(f"{path}: ")
        for path, text in skipped[["path", "reason"]].itertuples(index=False)
    ]
    counts = (
        skipped.assign(Reason=reason, Stage=skipped["stage"])
        .groupby(["Reason", "Stage"], sort=False)
        .size()
        .sort_values(ascending=False, kind="stable")
        .rename("Recordings")
        .reset_index()
    )
    shown = counts.head(_REASONS)[["Recordings", "Reason", "Stage"]]
    rest = int(counts["Recordings"].iloc[_REASONS:].sum())
    if not rest:
        return shown
    other = {"Recordings": rest, "Reason": "other reasons, see skipped.csv", "Stage": ""}
    return pd.concat([shown, pd.DataFrame([other])], ignore_index=True)
