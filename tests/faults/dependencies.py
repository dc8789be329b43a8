"""What depends on what: fingerprints of a whole study without running it, and what should change.

Nodes are steps, such as "table last"; edges go from what is read to what reads it.
"""

from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd

from semisup.engine.artefacts import fingerprint
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.reading.file import parse_study
from semisup.stages import fingerprints
from semisup.stages.fingerprints import Parts
from semisup.stages.kinds_asked import parents_first
from semisup.stages.tuned import tuning_of
from semisup.study.spec import StudySpec
from semisup.study.study import Study, dump

#: A made-up check of three recordings: these fingerprints need no more.
CHECKED = pd.DataFrame(
    {
        "recording": ["a", "b", "c"],
        "path": ["a.wav", "b.wav", "c.wav"],
        "label": ["x", "y", "x"],
        "speaker": ["s", "t", "u"],
        "content": ["1", "2", "3"],
        "reason": "",
        "decoder": "",
    }
)
#: The first steps that a key of these tables changes; kinds' own keys change their kind's.
FIRST: dict[str, tuple[str, ...]] = {
    "seed": ("split",),
    "task": ("compare",),
    "name": (),
    "split": ("split",),
    "chunks": ("chunks", "durations"),
    "durations": ("durations",),
    "train.seeds": ("curve",),
    "tuning": ("search",),
    "classifiers": ("curve",),
    "fusions": ("curve",),
    "curve": ("curve",),
    "compare": ("compare",),
    "compare.resamples": ("compare", "importance"),
    "compare.interval": ("compare", "importance"),
    "compare.level": ("compare", "importance"),
    "importance": ("importance",),
    "clusters": ("clusters",),
    "plot.metric": ("compare", "importance"),
    "plot.formats": ("plot", "durations"),
    "report": (),
}


def kinds_of(spec: StudySpec) -> dict[str, Representation]:
    """Return the kinds of a study, parents first."""
    return parents_first(spec.compared(), spec.representations)


def prints_of(document: dict[str, Any], base: Path) -> dict[str, str]:
    """Return the fingerprint of every step of a study, by its node."""
    spec = parse_study(deepcopy(document), base)
    study, kinds = Study(spec, base), kinds_of(spec)
    data = fingerprints.of_data(spec, CHECKED)
    trainings = {name: spec.train.seeds if kind.models else 1 for name, kind in kinds.items()}
    parts = Parts(kinds, trainings, {name: name for name in kinds}, [])
    of_all = fingerprints.of_all(study, data, parts)
    made = {"split": data.split, "chunks": data.chunks, "durations": data.durations}
    made |= {f"model {name} {number}": p for (name, number), p in of_all.models.items()}
    made |= {f"fit {name}": p for name, p in of_all.refits.items()}
    made |= {f"table {name} {number}": p for (name, number), p in of_all.tables.items()}
    made |= {"curve": of_all.curve, "compare": of_all.compare, "plot": of_all.plot}
    if spec.importance is not None:
        made["importance"] = fingerprints.of_importance(spec, of_all.curve)
    if spec.clusters is not None:
        tables = [of_all.tables[name, 0] for name in spec.compared()]
        made["clusters"] = fingerprint(spec.seed, dump(spec.clusters), tables, data.split)
    if spec.tuning is not None:
        tuning = tuning_of(spec)
        name = tuning.representation or _searched(kinds)
        made["search"] = fingerprints.of_tuning(spec, name, dump(tuning), data.chunks)
    return made


def _searched(kinds: dict[str, Representation]) -> str:
    return next(name for name, kind in kinds.items() if kind.options.kind == "autoencoder")


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the nodes that are made again, or for the first time."""
    return {node for node, print_ in after.items() if before.get(node) != print_}


def expected(table: str, key: str, spec: StudySpec, nodes: Iterable[str]) -> set[str]:
    """Return the nodes that a key should change, by what reads what."""
    if table.startswith("kind "):
        first = _of_kind("subject", key, spec, nodes)
    elif f"{table}.{key}" == "chunks.sample_rate":
        of_audio = [node for node in nodes if node.startswith(("model", "table", "fit"))]
        first = ["chunks", "durations", *of_audio]
    elif table == "train":
        first = [node for node in nodes if node.endswith(" 1")] + ["curve"]
    else:
        first = list(FIRST.get(f"{table}.{key}".strip("."), FIRST.get(table, ())))
    return _closure(first, spec, set(nodes))


def _of_kind(name: str, key: str, spec: StudySpec, nodes: Iterable[str]) -> list[str]:
    """Return the steps of a representation; how arrays are pooled the curve alone sees."""
    kind = kinds_of(spec)[name]
    if isinstance(kind, ArrayRepresentation) and key == kind.shared:
        return ["curve"]
    # a fit writes the outputs that are taken, so that another one makes it again
    return [node for node in nodes if node.split()[1:2] == [name]]


def _closure(first: Iterable[str], spec: StudySpec, nodes: set[str]) -> set[str]:
    kinds = kinds_of(spec)
    reached, waiting = set(), list(first)
    while waiting:
        node = waiting.pop()
        if node in reached or node not in nodes:
            continue
        reached.add(node)
        waiting += [other for other in nodes if _reads(other, node, kinds)]
    return reached


def _reads(reader: str, read: str, kinds: dict[str, Representation]) -> bool:
    """Tell whether a step reads what another writes."""
    of, _, name = reader.partition(" ")
    name = name.partition(" ")[0]
    match read.split():
        case ["split"]:
            return of in ("chunks", "durations", "model", "fit", "table", "curve", "clusters")
        case ["chunks"]:
            return (of in ("model", "table") and kinds[name].needs == "chunks") or of == "search"
        case ["model" | "fit", made, *number]:
            return of == "table" and name == made and (not number or reader.endswith(number[0]))
        case ["table", made, *_]:
            # only the first training is looked at for clusters
            looks = ("curve", "clusters") if read.endswith(" 0") else ("curve",)
            return of in looks or (of in ("model", "table") and made in kinds[name].parents())
        case ["curve"]:
            return of in ("compare", "importance")
        case ["compare"]:
            return of == "plot"
    return False
