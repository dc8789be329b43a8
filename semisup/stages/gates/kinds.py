"""Representations tried on real recordings: code of the user's, HEAR modules, networks' weights.

In: the study and its recordings. Out: what goes wrong, and what a row of each is. What learns
something first is not tried, as that takes long.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pandas as pd

from semisup import registry
from semisup.engine import outside
from semisup.engine.failures import sentence_of
from semisup.engine.progress import silence
from semisup.errors import SemisupError
from semisup.features.arrays import Arrays
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.inputs import Inputs
from semisup.features.label_dependent import LabelDependent
from semisup.features.tables import check_extracted, feature_names
from semisup.representations.table import TableFromFile
from semisup.stages.gates.problem import Outlook, Problem, fatal
from semisup.stages.resolved import READABLE


class Tried(NamedTuple):
    """What is known of representations that were tried.

    Parameters
    ----------
    problems : list of Problem
    tables : dict of str to DataFrame
        Of a few recordings, by representation.
    shapes : dict of str to tuple of int
        Of a row of each representation of arrays.
    """

    problems: list[Problem]
    tables: dict[str, pd.DataFrame]
    shapes: dict[str, tuple[int, ...]]

    def widths(
        self, kinds: dict[str, Representation], own: dict[str, pd.DataFrame]
    ) -> dict[str, int]:
        """Return how many features classifiers get of each kind of which that is known.

        Parameters
        ----------
        kinds : dict of str to Representation
        own : dict of str to DataFrame
            Tables of the user's.
        """
        found = {name: len(feature_names(t)) for name, t in (own | self.tables).items()}
        # a number in the options is what an encoder will give
        for name, kind in kinds.items():
            keys = vars(kind.options)
            width = keys.get("latent_dim", keys.get("dimensions"))
            if name not in found and isinstance(width, int) and keys.get("output") != "logits":
                found[name] = width
        return found


def tried(outlook: Outlook) -> Tried:
    """Try what learns nothing on the first recording and on the shortest."""
    found = Tried([], {}, {})
    rows = _few(outlook)
    with TemporaryDirectory() as folder, silence():
        for name, kind in outlook.kinds.items():
            parents = kind.parents()
            is_ready = kind.needs == "audio" or (parents and set(parents) <= set(found.tables))
            # tables of the user's are read whole elsewhere
            if kind.models or not is_ready or isinstance(kind, TableFromFile):
                continue
            tables = {parent: found.tables[parent] for parent in parents}
            place = Path(folder) / name
            inputs = _inputs(outlook, name, rows, place, tables)
            found.problems.extend(fatal(*_try(name, kind, inputs, found)))
    return found


def _few(outlook: Outlook) -> pd.DataFrame:
    """Return two labelled recordings, and two of other subsets for those that look at them."""
    labelled = outlook.of_subset("labelled")
    # of pictures nobody knows the length
    shortest = labelled["seconds"].fillna(0).idxmin()
    chosen = [labelled.loc[list(dict.fromkeys([labelled.index[0], shortest]))]]
    chosen += [outlook.of_subset(subset)[:2] for subset in ("unlabelled", "test")]
    rows = pd.concat(chosen).filter(READABLE)
    return rows.assign(subset=rows["recording"].map(outlook.split)).reset_index(drop=True)


def _inputs(
    outlook: Outlook, name: str, rows: pd.DataFrame, place: Path, tables: dict[str, pd.DataFrame]
) -> Inputs:
    study = outlook.study
    return Inputs(
        name=name,
        folder=place,
        parts=place / "parts",
        base=study.base,
        seed=study.spec.seed,
        sample_rate=study.spec.chunks.sample_rate,
        recordings=rows,
        tables=tables,
        wanted=("labelled",),
    )


def _try(name: str, kind: Representation, inputs: Inputs, found: Tried) -> list[str]:
    """Add what the kind makes to what was found; return what went wrong."""
    where = f"[representations.{name}] tried on the first and the shortest recording: "
    inputs.folder.mkdir(parents=True)
    try:
        with outside.guarded(registry.representations.reference(kind.options.kind)):
            _make(name, kind, inputs, found)
    except SemisupError as error:
        return [where + str(error)]
    except Exception as error:  # of a library that a kind of ours uses
        return [where + sentence_of(error)]
    return []


def _make(name: str, kind: Representation, inputs: Inputs, found: Tried) -> None:
    if isinstance(kind, LabelDependent):
        kind.rows(inputs)
    elif isinstance(kind, ArrayRepresentation):
        store = inputs.folder / "rows.zarr"
        index = kind.arrays(inputs, store)
        found.shapes[name] = tuple(Arrays(store).rows(index.index).shape[1:])
    else:
        table = kind.extract(inputs)
        wanted = inputs.scored()["recording"]
        found.tables[name] = check_extracted(table, name, wanted, kind.level)
