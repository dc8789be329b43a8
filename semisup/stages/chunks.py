"""Stage 4: recordings in, chunk spectrograms `chunks.zarr` and `chunks.parquet` out."""

from pathlib import Path

from semisup.engine.step import Step
from semisup.errors import CorpusError
from semisup.recordings.chunks import build
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.skipped import list_skipped, say_skipped


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage; none where no representation is made from chunks."""
    if all(kind.needs != "chunks" for kind in study.kinds.values()):
        return []
    outputs = (study.folder / "chunks.zarr", study.folder / "chunks.parquet")
    fingerprint = study.fingerprints.data.chunks
    parts = study.parts("chunks", fingerprint)
    adds_to = (study.folder / "skipped.csv",)
    return [
        Step("chunks", fingerprint, outputs, lambda: _make(study, parts), parts, adds_to=adds_to)
    ]


def _make(study: ResolvedStudy, parts: Path) -> None:
    recordings = study.recordings
    dropped = build(recordings, study.spec.chunks, parts, study.folder, study.workers)
    if len(dropped) == len(recordings):
        raise CorpusError(f"All {len(dropped)} recordings are {dropped['reason'].iloc[0]}")
    list_skipped(study.folder / "skipped.csv", "chunks", dropped)
    say_skipped("skipped", dropped["reason"])
