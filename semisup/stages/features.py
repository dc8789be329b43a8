"""Stage 6: recordings or chunks in, one feature table a representation out."""

from functools import partial
from pathlib import Path

from semisup.artefacts import fingerprint, write_table
from semisup.feature_tables import check_table, feature_names
from semisup.progress import say
from semisup.spec import RepresentationSpec
from semisup.stages import train
from semisup.study import Step, Study, dump, kind_of

FORMAT = 1


def mark(study: Study, spec: RepresentationSpec) -> str:
    """Return the fingerprint of one feature table."""
    kind = kind_of(spec)
    source = train.mark(study, spec) if kind.MODELS else train.upstream(study, spec)
    files = [_state(path) for path in kind.watched(spec, study.base)] if _watches(kind) else []
    rate = study.spec.chunks.sample_rate
    return fingerprint("features", FORMAT, dump(spec), rate, source, files)


def steps(study: Study) -> list[Step]:
    """Return a step for every representation."""
    return [_step(study, name, spec) for name, spec in study.representations().items()]


def _step(study: Study, name: str, spec: RepresentationSpec) -> Step:
    value = mark(study, spec)
    output = study.folder / "features" / f"{name}.parquet"
    make = partial(_make, study, name, output, value)
    return Step(f"features {name}", value, (output,), make, study.parts(f"features-{name}", value))


def _make(study: Study, name: str, output: Path, value: str) -> None:
    spec = study.representations()[name]
    given = train.inputs(study, name, "features", value)
    table = check_table(kind_of(spec).extract(spec, given), name)
    write_table(output, table)
    recordings, columns = table["recording"].nunique(), len(feature_names(table))
    say(f"  {name}: {len(table)} rows of {columns} features for {recordings} recordings")


def _watches(kind: object) -> bool:
    return hasattr(kind, "watched")


def _state(path: str) -> tuple[str, int, int]:
    found = Path(path)
    if not found.exists():
        return path, -1, -1
    return path, found.stat().st_size, found.stat().st_mtime_ns
