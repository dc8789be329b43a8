"""Array representations in a study: which stores there are, and how cells read them.

Representations that differ in `pooling` alone, which is about what classifiers get, share one.
"""

import shutil
from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import write_table, write_whole
from semisup.engine.progress import say
from semisup.features.arrays import Arrays, row_numbers
from semisup.features.contract import ArrayRepresentation
from semisup.features.inputs import Inputs
from semisup.stages.resolved import ResolvedStudy


def table(path: Path) -> pd.DataFrame:
    """Return what stands for the feature table of an array: its index, with row numbers."""
    return row_numbers(pd.read_parquet(path))


def of_study(study: ResolvedStudy) -> dict[str, Arrays]:
    """Return how cells read each array representation."""
    kinds = study.of_kind(ArrayRepresentation)
    return {name: Arrays(study.store(name), kind.pooled) for name, kind in kinds.items()}


def write(study: ResolvedStudy, name: str, kind: ArrayRepresentation, data: Inputs) -> None:
    """Write the array of a representation and its index, or only the index of a shared one."""
    owner, index = study.owners[name], study.table_paths(name)[0]
    if owner != name:
        source = study.table_paths(owner)[0]
        write_whole(index, lambda partial: shutil.copyfile(source, partial))
        say(f"  {name}: the array of {owner}")
        return
    rows = kind.arrays(data, study.store(name))
    write_table(index, rows)
    recordings = rows["recording"].nunique()
    shape = " x ".join(map(str, Arrays(study.store(name)).rows(rows.index).shape[1:]))
    say(f"  {name}: {len(rows)} rows of {shape} for {recordings} recordings")
