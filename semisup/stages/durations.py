"""Stage 3: how many recordings each chunk length would drop: `durations.csv` and its figure."""

from semisup.engine.artefacts import fingerprint, write_table
from semisup.recordings.durations import duration_study, lengths
from semisup.stages import split
from semisup.study.study import Step, Study, dump

FORMAT = 1


def mark(study: Study) -> str:
    """Return the fingerprint of the duration study."""
    spec = study.spec
    return fingerprint(
        "durations", FORMAT, dump(spec.durations), dump(spec.chunks), spec.plot.formats,
        split.mark(study),
    )  # fmt: skip


def steps(study: Study) -> list[Step]:
    """Return the one step of this stage; none where lengths are not known (no audio)."""
    if study.manifest["seconds"].isna().all():
        return []
    figures = tuple(study.figures / f"durations.{suffix}" for suffix in study.spec.plot.formats)
    outputs = (study.folder / "durations.csv", *figures)
    return [Step("durations", mark(study), outputs, lambda: _make(study))]


def _make(study: Study) -> None:
    from semisup.figures.durations import plot_durations
    from semisup.figures.style import save

    chunks = study.spec.chunks
    candidates = sorted({*study.spec.durations.chunk_samples, chunks.chunk_samples})
    # pictures have no length
    manifest = study.manifest[study.manifest["seconds"].notna()]
    split = study.split[study.split.index.isin(manifest["recording"])]
    table = duration_study(manifest, split, chunks.sample_rate, candidates)
    write_table(study.folder / "durations.csv", table)
    seconds = chunks.chunk_samples / chunks.sample_rate
    figure = plot_durations(lengths(manifest, split), table, seconds, chunks.sample_rate)
    for suffix in study.spec.plot.formats:
        save(figure, study.figures / f"durations.{suffix}")
