"""Stage 2: the manifest in, `split.csv` and `split.json` out; no speaker is in two subsets."""

import shutil
from functools import partial
from pathlib import Path

import pandas as pd

from semisup import splits
from semisup.engine.artefacts import fingerprint, write_json, write_table, write_whole
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.stages.resolved import ResolvedStudy
from semisup.study.study import dump


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    outputs = (study.folder / "split.csv", study.folder / "split.json")
    return [Step("split", study.fingerprints.data.split, outputs, lambda: _make(study, *outputs))]


def _make(study: ResolvedStudy, table: Path, report: Path) -> None:
    split = splits.split_by_speaker(study.manifest, study.spec.split, study.spec.seed)
    diagnostics = splits.diagnostics(study.manifest, split)
    warnings = splits.leaks(study.manifest, split) + splits.warnings(diagnostics)
    write_table(table, pd.DataFrame({"recording": split.index, "subset": split.to_numpy()}))
    write_json(
        report,
        {
            "study": study.spec.name,
            "seed": study.spec.seed,
            "spec": dump(study.spec.split),
            # of the file's text: whoever has the published copy can tell if it is this split
            "fingerprint": fingerprint(table.read_text()),
            "diagnostics": _without_nan(diagnostics).to_dict("records"),
            "warnings": warnings,
        },
    )
    _publish(study, table, report)
    _tell(diagnostics, warnings)


def _publish(study: ResolvedStudy, *artefacts: Path) -> None:
    """Copy the split to `data_splits/`, small enough to keep under version control."""
    # beside `files`, which is not under version control; another root of artefacts keeps all
    root = study.out.parent if study.out.name == "files" else study.out
    for artefact in artefacts:
        target = root / "data_splits" / f"{study.spec.name}{artefact.suffix}"
        write_whole(target, partial(shutil.copyfile, artefact))


def _without_nan(table: pd.DataFrame) -> pd.DataFrame:
    """Return None for NaN: JSON has null for what is not known, such as an effective number."""
    return table.astype(object).where(table.notna(), None)


def _tell(diagnostics: pd.DataFrame, warnings: list[str]) -> None:
    for row in diagnostics.itertuples():
        name = f"{row.subset} {row.label}".strip()
        say(f"  {name}: {row.recordings} recordings of {row.speakers} speakers")
    for warning in warnings:
        say(f"  {warning}", style="yellow")
