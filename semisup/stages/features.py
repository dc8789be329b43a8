"""Stage 6: recordings or chunks in, one feature table a representation and training out."""

from functools import partial
from pathlib import Path

from semisup.artefacts import fingerprint, write_table
from semisup.feature_tables import check_table, feature_names
from semisup.progress import say
from semisup.spec import RepresentationSpec
from semisup.stages import train
from semisup.study import Step, Study, dump, kind_of

FORMAT = 1


def mark(study: Study, spec: RepresentationSpec, number: int = 0) -> str:
    """Return the fingerprint of the feature table of a representation, or of one training."""
    kind = kind_of(spec)
    source = train.mark(study, spec, number) if kind.MODELS else train.upstream(study, spec)
    files = [_state(path) for path in kind.watched(spec, study.base)] if _watches(kind) else []
    rate = study.spec.chunks.sample_rate
    return fingerprint("features", FORMAT, dump(spec), rate, source, files)


def steps(study: Study) -> list[Step]:
    """Return a step for every training of every representation."""
    return [
        _step(study, name, spec, number)
        for name, spec in study.representations().items()
        for number in range(train.seeds(study, spec))
    ]


def paths(study: Study, name: str, spec: RepresentationSpec) -> list[Path]:
    """Return the feature tables of a representation: one a training, number 0 first."""
    labels = [train.label(name, number) for number in range(train.seeds(study, spec))]
    return [study.folder / "features" / f"{label}.parquet" for label in labels]


def _step(study: Study, name: str, spec: RepresentationSpec, number: int) -> Step:
    value, label = mark(study, spec, number), train.label(name, number)
    output = paths(study, name, spec)[number]
    make = partial(_make, study, name, output, value, number)
    return Step(
        f"features {label}", value, (output,), make, study.parts(f"features-{label}", value)
    )


def _make(study: Study, name: str, output: Path, value: str, number: int) -> None:
    spec = study.representations()[name]
    given = train.inputs(study, name, "features", value, number)
    table = check_table(kind_of(spec).extract(spec, given), given.name)
    write_table(output, table)
    recordings, columns = table["recording"].nunique(), len(feature_names(table))
    say(f"  {given.name}: {len(table)} rows of {columns} features for {recordings} recordings")


def _watches(kind: object) -> bool:
    return hasattr(kind, "watched")


def _state(path: str) -> tuple[str, int, int]:
    found = Path(path)
    if not found.exists():
        return path, -1, -1
    return path, found.stat().st_size, found.stat().st_mtime_ns
