"""Array representations in a study: which stores there are, and what cells must know of them.

Representations that differ in `pooling` alone, which is about what classifiers get, share one.
"""

import shutil
from pathlib import Path

import pandas as pd

from semisup.engine.artefacts import fingerprint, write_table, write_whole
from semisup.engine.progress import say
from semisup.features.arrays import Arrays, is_array, row_numbers
from semisup.features.contract import Inputs
from semisup.stages import split
from semisup.study.spec import RepresentationSpec
from semisup.study.study import Study, kind_of

FORMAT = 1
#: The key that no array depends on.
SHARED = "pooling"


def mark(study: Study, spec: RepresentationSpec, wanted: tuple[str, ...]) -> str:
    """Return the fingerprint of the array of a representation."""
    return fingerprint("arrays", FORMAT, spec.without(SHARED), split.mark(study), [*wanted])


def owner(study: Study, spec: RepresentationSpec) -> str:
    """Return the first representation with the same array, which is written under its name."""
    return study.first_alike(spec, SHARED)


def store(study: Study, spec: RepresentationSpec) -> Path:
    """Return the Zarr array of a representation."""
    return study.folder / "features" / f"{owner(study, spec)}.zarr"


def table(path: Path) -> pd.DataFrame:
    """Return what stands for the feature table of an array: its index, with row numbers."""
    return row_numbers(pd.read_parquet(path))


def of_study(study: Study) -> dict[str, Arrays]:
    """Return what cells must know of each array representation of the curve."""
    return {
        name: Arrays(store(study, spec), getattr(spec, "pooling", "none") != "none")
        for name, spec in study.representations().items()
        if is_array(spec)
    }


def write(study: Study, name: str, index: Path, given: Inputs) -> None:
    """Write the array of a representation and its index, or the index of one that is there."""
    spec = study.needed()[name]
    own = owner(study, spec)
    if own != name:
        source = index.with_name(f"{own}.parquet")
        write_whole(index, lambda partial: shutil.copyfile(source, partial))
        say(f"  {name}: the array of {own}")
        return
    rows = kind_of(spec).arrays(spec, given, store(study, spec))
    write_table(index, rows)
    recordings = rows["recording"].nunique()
    shape = " x ".join(map(str, Arrays(store(study, spec)).rows(rows.index).shape[1:]))
    say(f"  {name}: {len(rows)} rows of {shape} for {recordings} recordings")
