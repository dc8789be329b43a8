"""Stage 1: corpora in, `manifest.parquet` and `skipped.csv` out."""

from pathlib import Path

import numpy as np
import pandas as pd

from semisup.engine.artefacts import write_table
from semisup.engine.parallel import batches, map_to_parts
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.errors import CorpusError
from semisup.recordings.manifest import cut, separate, verify
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.skipped import list_skipped, say_skipped

#: Recordings that are decoded for one finished part of this step.
BATCH = 256


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    outputs = (study.folder / "manifest.parquet", study.folder / "skipped.csv")
    fingerprint = study.fingerprints.data.manifest
    parts = study.parts("manifest", fingerprint)
    return [Step("manifest", fingerprint, outputs, lambda: _make(study, parts), parts)]


def _make(study: ResolvedStudy, parts: Path) -> None:
    scanned = study.scanned
    if scanned.empty:
        raise CorpusError("There is not a single recording in the corpus")
    paths = map_to_parts(
        _verify_part, batches(scanned, BATCH), parts, ".parquet", study.workers, "check recordings"
    )
    verified = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    usable, skipped = separate(verified.drop(columns=["audio", "size", "changed"]))
    manifest = cut(usable)
    write_table(study.folder / "manifest.parquet", manifest)
    list_skipped(study.folder / "skipped.csv", "manifest", skipped)
    say(f"  {_counted(manifest)}, {len(skipped)} skipped")
    if len(study.spec.corpus) > 1:
        for name, of_corpus in manifest.groupby("corpus", sort=False):
            say(f"  {name}: {_counted(of_corpus)}")
    say_ffmpeg(verified)
    say_skipped("skipped", skipped["reason"])


def _verify_part(scanned: pd.DataFrame, path: Path) -> None:
    """Decode one batch of recordings; rows without audio are taken as they are."""
    heard = verify(scanned[scanned["audio"]])
    silent = scanned[~scanned["audio"]].assign(
        seconds=np.nan, sample_rate=0, channels=0, decoder=""
    )
    # an empty table would change the types of the other's columns
    tables = [table for table in (heard, silent) if len(table)]
    write_table(path, pd.concat(tables).sort_index())


def _counted(recordings: pd.DataFrame) -> str:
    speakers = recordings.loc[recordings["speaker"] != "", "speaker"].nunique()
    return f"{len(recordings)} recordings of {speakers} speakers"


def say_ffmpeg(verified: pd.DataFrame) -> None:
    """Say how many recordings ffmpeg decodes, if any."""
    count = int((verified["decoder"] == "ffmpeg").sum())
    if count:
        say(f"  ffmpeg decodes {count} that libsndfile does not read, anew in every stage")
