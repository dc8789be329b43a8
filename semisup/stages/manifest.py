"""Stage 1: checked recordings in, `manifest.parquet` and `skipped.csv` out."""

from collections.abc import Sequence

import pandas as pd

from semisup.corpora import adapter, other_labels
from semisup.engine.artefacts import write_table
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.recordings.manifest import cut, separate
from semisup.stages.resolved import ResolvedStudy
from semisup.stages.skipped import begin_skipped, say_skipped
from semisup.study.corpora import corpus_names
from semisup.study.spec import CorpusSpec


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
    for sentence in said_of_labels(study.spec.corpus, study.checked):
        say(f"  {sentence}")
    say_ffmpeg(study.checked)
    say_skipped("skipped", skipped["reason"])


def _counted(recordings: pd.DataFrame) -> str:
    speakers = recordings.loc[recordings["speaker"] != "", "speaker"].nunique()
    return f"{len(recordings)} recordings of {speakers or 'unknown'} speakers"


def said_of_labels(corpora: Sequence[CorpusSpec], checked: pd.DataFrame) -> list[str]:
    """Say which label was taken of corpora that give several, where the study does not say."""
    return [
        f'{name}: label = "{kind.labels[0]}", {said}'
        for name, options in zip(corpus_names(corpora), corpora, strict=True)
        if options.label is None and options.role != "unlabelled"
        for kind in [adapter(options.adapter)]
        if (said := other_labels(kind, kind.labels[0], checked[checked["corpus"] == name]))
    ]


def say_ffmpeg(verified: pd.DataFrame) -> None:
    """Say how many recordings ffmpeg decodes, if any."""
    count = int((verified["decoder"] == "ffmpeg").sum())
    if count:
        say(f"  ffmpeg decodes {count} that libsndfile does not read, anew in every stage")
