"""Stage 1: checked recordings in, `manifest.parquet` and `skipped.csv` out."""

import pandas as pd

from semisup.engine.artefacts import write_table
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.recordings.manifest import cut, separate
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.skipped import begin_skipped, say_skipped


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage."""
    outputs = (study.folder / "manifest.parquet", study.folder / "skipped.csv")
    return [Step("manifest", study.fingerprints.data.manifest, outputs, lambda: _make(study))]


def _make(study: ResolvedStudy) -> None:
    usable, skipped = separate(study.checked)
    manifest = cut(usable)
    write_table(study.folder / "manifest.parquet", manifest)
    paths = manifest.set_index("recording")["path"]
    begin_skipped(study.folder / "skipped.csv", skipped, paths)
    say(f"  {_counted(manifest)}, {len(skipped)} skipped")
    if len(study.spec.corpus) > 1:
        for name, of_corpus in manifest.groupby("corpus", sort=False):
            say(f"  {name}: {_counted(of_corpus)}")
    say_ffmpeg(study.checked)
    say_skipped("skipped", skipped["reason"])


def _counted(recordings: pd.DataFrame) -> str:
    speakers = recordings.loc[recordings["speaker"] != "", "speaker"].nunique()
    return f"{len(recordings)} recordings of {speakers or 'unknown'} speakers"


def say_ffmpeg(verified: pd.DataFrame) -> None:
    """Say how many recordings ffmpeg decodes, if any."""
    count = int((verified["decoder"] == "ffmpeg").sum())
    if count:
        say(f"  ffmpeg decodes {count} that libsndfile does not read, anew in every stage")
