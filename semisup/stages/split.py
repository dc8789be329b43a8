"""Stage 2: the manifest in, `split.csv` and `split.json` out; no speaker is in two subsets.

What the split leaves out is added to `skipped.csv`.
"""

import shutil
from functools import partial
from pathlib import Path

import pandas as pd

from semisup import splits
from semisup.engine.artefacts import fingerprint, write_json, write_table, write_whole
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.errors import SemisupError
from semisup.recordings.namesakes import namesakes
from semisup.recordings.odd_speakers import odd_speakers
from semisup.recordings.twins import twins, visible
from semisup.stages.fingerprints import split_as_data
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.skipped import by_reason, list_skipped, say_skipped
from semisup.study.corpora import corpus_names
from semisup.study.study import Study


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    outputs = (study.folder / "split.csv", study.folder / "split.json")
    fingerprint, adds_to = study.fingerprints.data.split, (study.folder / "skipped.csv",)
    make = partial(_make, study, *outputs)
    return [Step("split", fingerprint, outputs, make, adds_to=adds_to)]


def _make(study: ResolvedStudy, table: Path, report: Path) -> None:
    made = _split(study)
    diagnostics = splits.diagnostics_of(study.manifest, made)
    warnings = warnings_of(study, study.manifest, made, diagnostics)
    reasons = splits.left_out(study.manifest, splits.over_repeats(made), study.spec.split)
    _list_left_out(study, reasons)
    write_table(table, made)
    write_json(
        report,
        {
            "study": study.spec.name,
            "seed": study.spec.seed,
            "spec": split_as_data(study.spec),
            # of the file's text: whoever has the published copy can tell if it is this split
            "fingerprint": fingerprint(table.read_text()),
            "diagnostics": _without_nan(diagnostics).to_dict("records"),
            "warnings": warnings,
            "left_out": [
                {"reason": reason, "recordings": count}
                for reason, count in by_reason(reasons, len(reasons))
            ],
        },
    )
    _publish(study, table, report)
    _tell(diagnostics, warnings)
    say_skipped("left out", reasons)


def _split(study: ResolvedStudy) -> pd.DataFrame:
    try:
        splits.check_several_classes(study.manifest)
        return splits.split_table(study.manifest, study.spec.split, study.spec.seed)
    except SemisupError:
        # a class in two spellings may be why
        _warn(warnings_of_names(study, study.manifest))
        raise


def _list_left_out(study: ResolvedStudy, reasons: pd.Series) -> None:
    rows = study.manifest[["recording", "path"]].merge(reasons.reset_index(), on="recording")
    list_skipped(study.folder / "skipped.csv", "split", rows)


def warnings_of(
    study: Study, manifest: pd.DataFrame, made: pd.DataFrame, diagnostics: pd.DataFrame
) -> list[str]:
    """Return what a reader of the split must know, a sentence each."""
    # no split of folds leaks: that is refused where they are made
    one = [] if "repeat" in made else [splits.first(made)]
    return [
        *(sentence for split in one for sentence in splits.leaks(manifest, split)),
        *(sentence for split in one for sentence in splits.replica_leaks(manifest, split)),
        *splits.role_notes(manifest, splits.over_repeats(made)),
        *warnings_of_names(study, manifest),
        *splits.warnings(diagnostics),
    ]


def warnings_of_names(study: Study, manifest: pd.DataFrame) -> list[str]:
    """Return what a reader must know of the names of labels and speakers, whatever the split."""
    named = dict(zip(corpus_names(study.spec.corpus), study.spec.corpus, strict=True))
    compared = [name for name, corpus in named.items() if corpus.same_speakers is not False]
    # of the other adapters the corpus itself tells who speaks
    found = [name for name, corpus in named.items() if hasattr(corpus, "speaker_pattern")]
    return [
        *splits.replica_warnings(manifest),
        *namesakes(manifest, compared),
        *twins(manifest),
        *odd_speakers(manifest, found),
    ]


def published(study: Study) -> Path:
    """Return the folder of published splits."""
    # beside `files`, which is not under version control; another root of artefacts keeps all
    root = study.out.parent if study.out.name == "files" else study.out
    return root / "data_splits"


def _publish(study: ResolvedStudy, *artefacts: Path) -> None:
    """Copy the split to `data_splits/`, small enough to keep under version control."""
    for artefact in artefacts:
        target = published(study) / f"{study.spec.name}{artefact.suffix}"
        write_whole(target, partial(shutil.copyfile, artefact))


def _without_nan(table: pd.DataFrame) -> pd.DataFrame:
    """Return None for NaN: JSON has null for what is not known, such as an effective number."""
    return table.astype(object).where(table.notna(), None)


def _tell(diagnostics: pd.DataFrame, warnings: list[str]) -> None:
    if "repeat" in diagnostics:
        say(f"  {diagnostics['repeat'].nunique()} splits, each of which tests other speakers")
    for (subset, label), rows in diagnostics.groupby(["subset", "label"], sort=False):
        (name,) = visible([f"{subset} {label}".strip()])
        recordings, speakers = (_span(rows[key]) for key in ("recordings", "speakers"))
        # nobody is known where no recording has a speaker
        whose = speakers if rows["speakers"].any() else "unknown"
        say(f"  {name}: {recordings} recordings of {whose} speakers")
    _warn(warnings)


def _span(counts: pd.Series) -> str:
    """Write a count, or from which to which it goes over the folds."""
    low, high = counts.min(), counts.max()
    return f"{low}" if low == high else f"{low} to {high}"


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        say(f"  {warning}", tone="caution")
