"""Stage 3: how many recordings each chunk length would drop: `durations.csv` and its figure."""

from semisup.engine.artefacts import write_table
from semisup.engine.step import Step
from semisup.recordings.durations import duration_study, lengths
from semisup.stages.resolved import ResolvedStudy


def steps(study: ResolvedStudy) -> list[Step]:
    """Return the one step of this stage; none where lengths are not known (no audio)."""
    if study.manifest["seconds"].isna().all():
        return []
    outputs = (study.folder / "durations.csv", *study.figure_paths("durations"))
    return [Step("durations", study.fingerprints.data.durations, outputs, lambda: _make(study))]


def _make(study: ResolvedStudy) -> None:
    from semisup.figures.durations import plot_durations
    from semisup.figures.style import save

    chunks = study.spec.chunks
    # the study's own length, too: the figure marks it
    candidates = sorted({*study.spec.durations.chunk_samples, chunks.chunk_samples})
    # pictures have no length
    manifest = study.manifest[study.manifest["seconds"].notna()]
    split = study.split[study.split.index.isin(manifest["recording"])]
    table = duration_study(manifest, split, chunks.sample_rate, candidates)
    write_table(study.folder / "durations.csv", table)
    seconds = chunks.chunk_samples / chunks.sample_rate
    figure = plot_durations(lengths(manifest, split), table, seconds, chunks.sample_rate)
    for path in study.figure_paths("durations"):
        save(figure, path)
