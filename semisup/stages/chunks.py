"""Stage 4: recordings in, chunk spectrograms `chunks.zarr` and `chunks.parquet` out."""

from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import fingerprint, write_table
from semisup.engine.progress import say
from semisup.errors import CorpusError
from semisup.recordings.chunks import build
from semisup.stages import split
from semisup.study.study import Step, Study, dump, kind_of

FORMAT = 1


def mark(study: Study) -> str:
    """Return the fingerprint of the chunk store."""
    return fingerprint("chunks", FORMAT, dump(study.spec.chunks), split.mark(study))


def steps(study: Study) -> list[Step]:
    """Return the one step of this stage; none where no representation is made from chunks."""
    if all(kind_of(spec).NEEDS != "chunks" for spec in study.needed().values()):
        return []
    outputs = (study.folder / "chunks.zarr", study.folder / "chunks.parquet")
    value = mark(study)
    parts = study.parts("chunks", value)
    return [Step("chunks", value, outputs, lambda: _make(study, parts), parts)]


def _make(study: Study, parts: Path) -> None:
    recordings = study.recordings()
    dropped = build(recordings, study.spec.chunks, parts, study.folder, study.workers)
    if len(dropped) == len(recordings):
        raise CorpusError(f"All {len(dropped)} recordings are {dropped['reason'].iloc[0]}")
    _list_skipped(study, dropped)
    if len(dropped):
        say(f"  skipped {len(dropped)}: {dropped['reason'].iloc[0]}")


def _list_skipped(study: Study, dropped: pd.DataFrame) -> None:
    """Put this stage's rows of `skipped.csv` in the place of those of an earlier run."""
    path = study.folder / "skipped.csv"
    before = pd.read_csv(path, dtype=str, keep_default_na=False)
    kept = before[before["stage"] != "chunks"]
    write_table(path, pd.concat([kept, dropped.assign(stage="chunks")], ignore_index=True))
