"""Stage 4: recordings in, chunk spectrograms `chunks.zarr` and `chunks.parquet` out."""

from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import write_table
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.errors import CorpusError
from semisup.recordings.chunks import build
from semisup.stages.resolved import ResolvedStudy


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage; none where no representation is made from chunks."""
    if all(kind.needs != "chunks" for kind in study.kinds.values()):
        return []
    outputs = (study.folder / "chunks.zarr", study.folder / "chunks.parquet")
    fingerprint = study.fingerprints.data.chunks
    parts = study.parts("chunks", fingerprint)
    return [Step("chunks", fingerprint, outputs, lambda: _make(study, parts), parts)]


def _make(study: ResolvedStudy, parts: Path) -> None:
    recordings = study.recordings
    dropped = build(recordings, study.spec.chunks, parts, study.folder, study.workers)
    if len(dropped) == len(recordings):
        raise CorpusError(f"All {len(dropped)} recordings are {dropped['reason'].iloc[0]}")
    _list_skipped(study, dropped)
    if len(dropped):
        say(f"  skipped {len(dropped)}: {dropped['reason'].iloc[0]}")


def _list_skipped(study: ResolvedStudy, dropped: pd.DataFrame) -> None:
    """Put this stage's rows of `skipped.csv` in the place of those of an earlier run."""
    path = study.folder / "skipped.csv"
    skipped = pd.read_csv(path, dtype=str, keep_default_na=False)
    kept = skipped[skipped["stage"] != "chunks"]
    write_table(path, pd.concat([kept, dropped.assign(stage="chunks")], ignore_index=True))
