"""Stage 6: recordings or chunks in, one feature table a representation and training out.

Of a kind of arrays, such as spectrograms, the table is the index of a Zarr array.
"""

from functools import partial
from pathlib import Path

import pandas as pd

from semisup import registry, splits
from semisup.engine import outside
from semisup.engine.artefacts import write_table
from semisup.engine.parallel import one_thread
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.features import telling
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.inputs import Inputs
from semisup.features.label_dependent import LabelDependent
from semisup.features.tables import check_extracted, feature_names
from semisup.representations.table import TableFromFile
from semisup.stages import arrays, refit, train
from semisup.stages.fingerprints import parent_number, wanted
from semisup.stages.resolved import ResolvedStudy, Training


def steps(study: ResolvedStudy) -> list[Step]:
    """Return a step for every training of every representation, and those for refitted kinds."""
    # several outputs of one fit are several representations, but one step
    here = study.made_here
    refitted = dict.fromkeys(study.owners[name] for name in study.of_kind(LabelDependent))
    return [refit.step(study, name) for name in refitted if name in here] + [
        _step(study, training) for name in here for training in study.each_training(name)
    ]


def _step(study: ResolvedStudy, training: Training) -> Step:
    name, kind = training.name, study.kinds[training.name]
    output = study.table_paths(name)[training.number]
    fingerprint = study.fingerprints.tables[name, training.number]
    parts = study.parts(f"features-{training.label}", fingerprint)
    # who shares another's array writes an index alone
    outputs: tuple[Path, ...] = (output,)
    if isinstance(kind, ArrayRepresentation) and study.owners[name] == name:
        outputs = (study.store(name), output)
    make = partial(_make, study, training, output, parts)
    # those that encode chunks in one go; others give out what they make of single recordings
    alone = bool(kind.models) and kind.needs == "chunks"
    label, packages = f"features {training.label}", kind.libraries
    return Step(label, fingerprint, outputs, make, parts, alone, packages=packages)


def _make(study: ResolvedStudy, training: Training, output: Path, parts: Path) -> None:
    kind = study.kinds[training.name]
    tables = {parent: _parent_table(study, parent, training.number) for parent in kind.parents()}
    data = train.inputs(study, training, parts, wanted(study.spec), tables)
    with one_thread(), outside.guarded(registry.representations.reference(kind.options.kind)):
        match kind:
            case ArrayRepresentation():
                arrays.write(study, training.name, kind, data)
            case LabelDependent():
                _write(refit.table(study, training.name, kind), kind, data, output)
            case TableFromFile():
                table = kind.extract(data)
                _write(table, kind, data, output)
                _warn(study, training.name, table)
            case _:
                _write(kind.extract(data), kind, data, output)


def _write(table: pd.DataFrame, kind: Representation, data: Inputs, output: Path) -> None:
    write_table(output, check_extracted(table, data.name, data.scored()["recording"], kind.level))
    recordings, columns = table["recording"].nunique(), len(feature_names(table))
    say(f"  {data.name}: {len(table)} rows of {columns} features for {recordings} recordings")


def _warn(study: ResolvedStudy, name: str, table: pd.DataFrame) -> None:
    labels = splits.labels_of(study.manifest, study.split)
    speakers = study.manifest.set_index("recording")["speaker"]
    for warning in telling.warnings(table, name, labels, speakers):
        say(f"  {warning}", tone="caution")


def _parent_table(study: ResolvedStudy, parent: str, number: int) -> pd.DataFrame:
    return pd.read_parquet(
        study.table_paths(parent)[parent_number(study.trainings[parent], number)]
    )
