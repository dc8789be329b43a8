"""Stage 6: recordings or chunks in, one feature table a representation and training out.

Of a kind of arrays, such as spectrograms, the table is the index of a Zarr array.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from semisup.curve.cells import uses_unlabelled
from semisup.curve.refits import is_refitted
from semisup.engine.artefacts import file_state, fingerprint, write_table
from semisup.engine.progress import say
from semisup.features.arrays import is_array
from semisup.features.tables import check_table, feature_names
from semisup.stages import arrays, refit, train
from semisup.study.file import parents
from semisup.study.spec import RepresentationSpec
from semisup.study.study import Step, Study, dump, kind_of

FORMAT = 1
#: Subsets of which every study has features.
SCORED = ("labelled", "test")


def mark(study: Study, spec: RepresentationSpec, number: int = 0) -> str:
    """Return the fingerprint of the feature table of a representation, or of one training."""
    if is_array(spec):
        return arrays.mark(study, spec, wanted(study))
    kind = kind_of(spec)
    source = _source(study, spec, number)
    files = (
        [file_state(Path(path)) for path in kind.watched(spec, study.base)]
        if _watches(kind)
        else []
    )
    rate = study.spec.chunks.sample_rate
    subsets = [] if wanted(study) == SCORED else [*wanted(study)]
    return fingerprint("features", FORMAT, dump(spec), rate, source, files, *subsets)


def wanted(study: Study) -> tuple[str, ...]:
    """Return the subsets whose features are needed: unlabelled ones if a classifier uses them."""
    kinds = [study.spec.classifier(name) for name in study.spec.curve.classifiers]
    return (*SCORED, "unlabelled") if any(map(uses_unlabelled, kinds)) else SCORED


def steps(study: Study) -> list[Step]:
    """Return a step for every training of every representation, and those for refitted kinds."""
    owners = dict.fromkeys(
        refit.owner(study, spec) for spec in study.needed().values() if is_refitted(spec)
    )
    return [refit.step(study, name) for name in owners] + [
        _step(study, name, spec, number)
        for name, spec in study.needed().items()
        for number in range(train.seeds(study, spec))
    ]


def paths(study: Study, name: str, spec: RepresentationSpec) -> list[Path]:
    """Return the feature tables of a representation: one a training, number 0 first."""
    labels = [train.label(name, number) for number in range(train.seeds(study, spec))]
    return [study.folder / "features" / f"{label}.parquet" for label in labels]


def _step(study: Study, name: str, spec: RepresentationSpec, number: int) -> Step:
    value, label = mark(study, spec, number), train.label(name, number)
    output = paths(study, name, spec)[number]
    outputs: tuple[Path, ...] = (output,)
    make = partial(_make, study, name, output, value, number)
    if is_array(spec):
        make = partial(_make_array, study, name, output, value)
        outputs = (
            (arrays.store(study, spec), output) if arrays.owner(study, spec) == name else outputs
        )
    return Step(f"features {label}", value, outputs, make, study.parts(f"features-{label}", value))


def _make(study: Study, name: str, output: Path, value: str, number: int) -> None:
    spec = study.needed()[name]
    tables = {parent: _read(study, parent, number) for parent in parents(spec)}
    given = train.inputs(
        study, name, "features", value, number, tables=tables, wanted=wanted(study)
    )
    made = refit.table(study, name) if is_refitted(spec) else kind_of(spec).extract(spec, given)
    table = check_table(made, given.name)
    write_table(output, table)
    recordings, columns = table["recording"].nunique(), len(feature_names(table))
    say(f"  {given.name}: {len(table)} rows of {columns} features for {recordings} recordings")


def _make_array(study: Study, name: str, output: Path, value: str) -> None:
    given = train.inputs(study, name, "features", value, wanted=wanted(study))
    arrays.write(study, name, output, given)


def _source(study: Study, spec: RepresentationSpec, number: int) -> Any:
    """Return the fingerprints of what a table is made from."""
    if is_refitted(spec):
        return refit.mark(study, spec)
    if kind_of(spec).NEEDS == "tables":
        needed = {parent: study.needed()[parent] for parent in parents(spec)}
        return [mark(study, own, _own(study, own, number)) for own in needed.values()]
    return train.mark(study, spec, number) if kind_of(spec).MODELS else train.upstream(study, spec)


def _own(study: Study, spec: RepresentationSpec, number: int) -> int:
    """Return which training of a parent goes into a table: its only one, or that of the number."""
    return number if train.seeds(study, spec) > 1 else 0


def _read(study: Study, name: str, number: int) -> pd.DataFrame:
    spec = study.needed()[name]
    return pd.read_parquet(paths(study, name, spec)[_own(study, spec, number)])


def _watches(kind: object) -> bool:
    return hasattr(kind, "watched")
