"""Every key of every table of a study file, and other values that it may have.

In: the models that read study files, and the registries. Out: mutations, each one key of a whole
study with another value; `docs/KEYS.md` is generated from the same models.
"""

import json
import types
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from needed_keys import NEEDED
from pydantic.fields import FieldInfo

from semisup import registry
from semisup.corpora import adapter
from semisup.errors import SemisupError
from semisup.features.kinds import kind_class
from semisup.reading.file import parse_study
from semisup.study import spec
from semisup.study.table import Table

#: Keys that make a table what it is, or are asked to be one's own names.
NAMES = ("kind", "adapter")
#: What a type alone does not tell: other values by table and key, or by key.
VALUES: dict[str, list[Any]] = {
    "name": ["other"],
    "task": ["regression"],  # which sets the metric, too
    "corpus.root": ["elsewhere"],
    "corpus.label": ["valence"],
    "corpus.name": ["mine"],
    "corpus.map_labels": [{"sad": "glad"}],
    "speaker_pattern": [r"s(\d)_"],
    "label_pattern": [r"([a-z]+)/"],
    "classes": [["calm", "sad"]],
    "genres": [["jazz", "blues"]],
    "raters": [["text"]],
    "corpus.path": ["other.csv"],
    **{f"{name}_column": [f"the_{name}"] for name in ("file", "label", "speaker", "start", "end")},
    "split.per_class": [{"labelled": 5, "test": 4, "unlabelled": "rest"}],
    "split.fractions": [{"labelled": 0.5, "unlabelled": 0.2, "test": 0.3}],
    "split.column": ["place"],
    "split.values": [{"labelled": ["one"], "test": ["two"]}],
    "split.folds": [3, "speakers"],
    "durations.chunk_samples": [[5000, 6000]],
    "grid": [{"n_neighbors": [1, 5]}],
    "parameters": [{"n_neighbors": 3}],
    "fusions.of": [["second", "first"]],
    "fusion.of": [["second", "first"]],
    "curve.representations": [["first", "last"]],
    "curve.classifiers": [["knn", "tree"]],
    "curve.only": [{"knn": ["first"]}],
    "curve.percentages": ["log", [50.0, 100.0]],
    "compare.level": [0.9],
    "compare.pairs": ["all", [["last", "first"]]],
    "compare.baseline": ["second"],
    "compare.epsilons": [[0.5]],
    "importance.systems": [["knn@first"]],
    "importance.budget": [20.0],
    "importance.groups": [{"low": ["mfcc_*"]}],
    "plot.metric": ["uar"],
    "plot.formats": [["svg"]],
    "tuning.representation": ["other"],
    "tuning.architectures": [["autoencoder_2"]],
    "tuning.activation": [["elu"]],
    "tuning.bottleneck_activation": [["tanh"]],
    "tuning.loss": [["mean_squared_error"]],
    "tuning.optimizer": [["sgd"]],
    "tuning.input_scaling": [["raw"]],
    "tuning.latent_dim": [[3]],
    "tuning.learning_rate": [[0.01]],
    "tuning.batch_size": [[16]],
    "tuning.dropout": [[0.1]],
    # of kinds
    "architecture": ["autoencoder_2"],
    "hidden": [[64]],
    "of": [["second"], "second", ["second", "first"]],
    "begin": ["m"],
    "descriptors": [["prosody"]],
    "colours": ["viridis"],
    "application": ["MobileNetV2"],
    "module": ["semisup.hear.lstm"],
    "weights": ["random"],
    "file": ["other"],
    "path": ["other.csv"],
    "model": ["other"],
    "revision": ["other"],
    "layers": [[0], "last", "all"],
}


class Mutation(NamedTuple):
    """One key of a study with another value."""

    table: str  # as a study file names it, or "corpus of table", "kind logmel_pca"
    key: str
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def name(self) -> str:
        """Table and key."""
        return f"{self.table}: {self.key}"


def base() -> dict[str, Any]:
    """Return a study with all tables."""
    return {
        "name": "it",
        "corpus": [{"adapter": "synthetic"}],
        "split": {"strategy": "fraction"},
        "representations": {
            "first": {"kind": "handcrafted"},
            "second": {"kind": "logmel_statistics"},
            "last": {"kind": "autoencoder", "architecture": "autoencoder_1"},
            "other": {"kind": "autoencoder", "architecture": "autoencoder_2"},
        },
        "tuning": {"representation": "last"},
        "classifiers": {"mine": {"kind": "knn", "grid": {"n_neighbors": [1, 3]}}},
        "fusions": {"both": {"of": ["first", "second"]}},
        "curve": {"classifiers": ["knn", "mine"], "percentages": [20, 100]},
        "importance": {},
        "clusters": {},
        "plot": {"metric": "f1_weighted"},
    }


#: What must be there for a key to mean something.
BESIDE: dict[str, list[dict[str, Any]]] = {
    "per_class": [{"strategy": "quota"}],
    "column": [{"strategy": "column"}],
    "values": [{"strategy": "column"}],
    "allow_unknown_speakers": [{"strategy": "column"}],
    "repeats": [{"folds": 3}],
    "strategy": [{"per_class": {"labelled": 5, "test": 4}}],
    "trials": [{"search": "random"}, {"sampler": "random"}],
    "patience": [{"epochs": 3}],
}


def _inside(document: dict[str, Any], path: list[Any]) -> dict[str, Any]:
    for step in path:
        document = document.setdefault(step, {}) if isinstance(document, dict) else document[step]
    return document


def tables(
    whole: dict[str, Any] | None = None,
) -> Iterator[tuple[str, type[Table], dict[str, Any], list[Any]]]:
    """Yield each table: its name, its model, a study that has it, and where in it."""
    whole = base() if whole is None else whole
    yield "", spec.StudySpec, deepcopy(whole), []
    sections = {
        name: field.annotation
        for name, field in spec.StudySpec.model_fields.items()
        if _model_in(field.annotation) is not None
    }
    for name, annotation in sections.items():
        yield name, _model_in(annotation), deepcopy(whole), [name]
    yield "classifiers", spec.ClassifierSpec, deepcopy(whole), ["classifiers", "mine"]
    yield "fusions", spec.FusionSpec, deepcopy(whole), ["fusions", "both"]
    for name in registry.corpora.built_in():
        study = deepcopy(whole)
        study["corpus"] = [{"adapter": name, **({"path": "a.csv"} if name == "table" else {})}]
        yield f"corpus {name}", adapter(name).Options, study, ["corpus", 0]
    for name in registry.representations.built_in():
        study = deepcopy(whole)
        study["representations"]["subject"] = {"kind": name, **NEEDED.get(name, {})}
        yield f"kind {name}", kind_class(name).Options, study, ["representations", "subject"]


def _model_in(annotation: Any) -> type[Table] | None:
    options = get_args(annotation) or (annotation,)
    is_union = get_origin(annotation) in (Union, types.UnionType, None)
    models = [one for one in options if isinstance(one, type) and issubclass(one, Table)]
    return models[0] if models and is_union else None


def keys(
    whole: dict[str, Any] | None = None,
) -> Iterator[tuple[str, str, FieldInfo, dict[str, Any], list[Any]]]:
    """Yield every key: its table's name, its own, what it may be, a study and where in it."""
    for table, model, study, path in tables(whole):
        for key, field in model.model_fields.items():
            is_table = not table and (_model_in(field.annotation) is not None)
            if key not in NAMES and not is_table and key not in _TABLES_BY_NAME:
                yield table, key, field, study, path


_TABLES_BY_NAME = ("corpus", "representations", "classifiers", "fusions")


def mutations(whole: dict[str, Any] | None = None) -> Iterator[Mutation | tuple[str, str]]:
    """Yield a mutation of every key; its table and name where no other value is valid.

    Parameters
    ----------
    whole : dict, optional
        A study with all tables; `base` if left out.
    """
    for table, key, field, study, path in keys(whole):
        tried = (_mutation(table, key, field, one, path) for one in _variations(study))
        yield next((mutation for mutation in tried if mutation), (table, key))


def _variations(study: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a study, and what there must not be, or must be more of, for some keys."""
    yield study
    yield {**study, "corpus": [*study["corpus"], {"adapter": "folder", "root": "more"}]}
    shared = {"same_speakers": True}
    others = [{"adapter": "folder", "root": name} | shared for name in ("more", "most")]
    yield {**study, "corpus": [{**study["corpus"][0], **shared}, *others]}
    left_out = ("fusions", "importance", "clusters")
    yield {name: table for name, table in study.items() if name not in left_out}
    yield study | {"classifiers": {"mine": {"kind": "knn"}}}
    numbers = {name: table for name, table in study.items() if name not in (*left_out, "plot")}
    yield numbers


def _mutation(
    table: str, key: str, field: FieldInfo, study: dict[str, Any], path: list[Any]
) -> Mutation | None:
    default = field.get_default(call_default_factory=True)
    own = [*VALUES.get(f"{table.split()[0] if table else ''}.{key}".lstrip("."), [])]
    own += VALUES.get(key, []) if not own else []
    for beside in [{}, *BESIDE.get(key, [])]:
        before = deepcopy(study)
        _inside(before, path).update(beside)
        now = _inside(before, path).get(key, default)
        for value in [*own, *others(field.annotation, now, field.metadata)]:
            if value == now:
                continue
            after = deepcopy(before)
            _inside(after, path)[key] = value
            if is_valid(before) and is_valid(after):
                return Mutation(table, key, before, after)
    return None


def is_valid(document: dict[str, Any]) -> bool:
    """Tell whether a study file would be read without a complaint."""
    return _is_valid(json.dumps(document))


# most mutations begin with the same study
@cache
def _is_valid(document: str) -> bool:
    try:
        parse_study(json.loads(document))
    except SemisupError:
        return False
    return True


def others(annotation: Any, now: Any, bounds: list[Any]) -> Iterator[Any]:
    """Yield other values of a type than the one that is there."""
    origin = get_origin(annotation)
    if hasattr(annotation, "__metadata__"):
        yield from others(get_args(annotation)[0], now, [*bounds, *annotation.__metadata__])
    elif origin is Literal:
        yield from get_args(annotation)
    elif origin in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from others(option, now, bounds)
    elif annotation is bool:
        yield not now
    elif annotation in (int, float):
        yield from (annotation(value) for value in _numbers(now, bounds))


def _numbers(now: Any, bounds: list[Any]) -> Iterator[float]:
    number = now if isinstance(now, int | float) and not isinstance(now, bool) else 2
    low = max([bound.ge for bound in bounds if isinstance(bound, Ge)], default=None)
    for value in (number + 1, number - 1, number * 1.5, number / 2, number * 2, 64, 16000, low):
        if value is not None and all(_is_within(value, bound) for bound in bounds):
            yield value


def _is_within(value: float, bound: Any) -> bool:
    match bound:
        case Ge(ge):
            return value >= ge
        case Gt(gt):
            return value > gt
        case Le(le):
            return value <= le
        case Lt(lt):
            return value < lt
    return True
