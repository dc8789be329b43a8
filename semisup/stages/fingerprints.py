"""Fingerprints of all steps, in one place: a study in, what each artefact depends on out.

Each takes in the fingerprints of what it is made from, so that a changed key or file makes again
what depends on it and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from semisup import registry
from semisup.classifiers import accelerator_version, classifier, grid_of, n_points
from semisup.engine import outside
from semisup.engine.artefacts import file_hash, fingerprint, table_fingerprint
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.label_dependent import LabelDependent
from semisup.stages.versions import VERSIONS, versions_of
from semisup.study.compared import with_baseline
from semisup.study.spec import ClassifierSpec, StudySpec
from semisup.study.study import Study, dump
from semisup.study.table import Table

#: Raise a step's number when the content of its artefacts changes for the same input.
FORMATS = {
    **dict.fromkeys(("recordings", "durations", "chunks", "arrays", "refit", "features"), 1),
    "split": 2,
    **dict.fromkeys(("manifest", "train", "tune"), 3),
    **dict.fromkeys(("curve", "compare"), 5),
    "importance": 1,
    "clusters": 2,
    "report": 10,
    "plot": 9,
}
#: Subsets of which every study has features.
SCORED = ("labelled", "test")


class Data(NamedTuple):
    """Fingerprints of what all representations share.

    `chosen_on` is that of the chunks whatever versions make them: what `semisup tune` chose holds.
    """

    manifest: str
    split: str
    durations: str
    chunks: str
    chosen_on: str = ""


@dataclass(frozen=True)
class Fingerprints:
    """Of every step, by representation and number of the training where there are several.

    Parameters
    ----------
    data : Data
        Of manifest, split, durations and chunks.
    models, tables : dict
        By representation and number of the training; of arrays the table is their index.
    refits : dict of str to str
        By the representation in whose folder the fits lie.
    curve, compare, plot : str
    """

    data: Data
    models: dict[tuple[str, int], str]
    refits: dict[str, str]
    tables: dict[tuple[str, int], str]
    curve: str
    compare: str
    plot: str


class Parts(NamedTuple):
    """What representations and classifiers add to the study itself."""

    kinds: dict[str, Representation]
    trainings: dict[str, int]
    owners: dict[str, str]
    files: list[Path]  # among the parameters of classifiers


def of_recordings(scanned: pd.DataFrame) -> str:
    """Return the fingerprint of the check of all recordings, by the state of their files."""
    return of_step("recordings", table_fingerprint(scanned))


def of_data(spec: StudySpec, checked: pd.DataFrame) -> Data:
    """Return the fingerprints of the steps before the representations.

    Parameters
    ----------
    spec : StudySpec
    checked : DataFrame
        Every recording found: name, label, speaker, hash of what it sounds or looks like.
    """
    manifest = of_step("manifest", table_fingerprint(checked))
    # nothing later depends on where a recording lies or on those that are left out
    usable = checked.loc[checked["reason"] == ""].drop(columns=["path", "reason", "decoder"])
    namesakes = [corpus.same_speakers for corpus in spec.corpus]
    divided = split_as_data(spec), namesakes, table_fingerprint(usable)
    split = of_step("split", spec.seed, *divided)
    chunks = of_step("chunks", dump(spec.chunks), split)
    shown = dump(spec.durations), dump(spec.chunks), spec.plot.formats
    chosen_on = fingerprint(dump(spec.chunks), spec.seed, *divided)
    return Data(manifest, split, of_step("durations", *shown, split), chunks, chosen_on)


def split_as_data(spec: StudySpec) -> dict[str, Any]:
    """Return `[split]` as plain data; of one split without the keys of folds.

    So splits that are there already stay current, and their files what they were.
    """
    table = dump(spec.split)
    if spec.split.folds is None:
        del table["folds"], table["repeats"]
    return table


def curve_as_data(spec: StudySpec) -> dict[str, Any]:
    """Return `[curve]` as plain data, and what else its cells depend on.

    Where nothing is accelerated and draws are a number, that is what it was before there were such
    keys: tables that are there already stay current.
    """
    table = dump(spec.curve)
    if table.pop("accelerate"):
        # another version may draw other numbers
        table["accelerate"] = accelerator_version()
    if spec.curve.precision():
        table["precise"] = [spec.plot.metric, spec.compare.level]
    return table


def of_repeat(data: Data, number: int) -> Data:
    """Return the fingerprints of what one fold of a study reads.

    Parameters
    ----------
    data : Data
        Of the study.
    number : int
        Of the fold, counted over all repeats.
    """
    names = ("split", "chunks", "chosen_on")
    anew = {name: fingerprint("repeat", number, getattr(data, name)) for name in names}
    return data._replace(**anew)


def repeat_seed(spec: StudySpec, number: int) -> int:
    """Return the seed of all that is made anew in a fold: 28 bits, as `training_seed`."""
    return int(fingerprint("repeat", spec.seed, number)[:7], 16)


def of_repeats(spec: StudySpec, whole: "Fingerprints", curves: list[str]) -> "Fingerprints":
    """Return the fingerprints of a study with folds: its curve is made of theirs."""
    curve = of_step("curve", curves)
    compare = of_step("compare", dump(spec.compare), compared_metrics(spec), curve)
    plot = of_step("plot", dump(spec.plot), compare)
    return replace(whole, curve=curve, compare=compare, plot=plot)


def of_importance(spec: StudySpec, curve: str) -> str:
    """Return the fingerprint of the importance of features, in a study with this curve."""
    compare = spec.compare.resamples, spec.compare.interval, spec.compare.level
    asked = spec.importance and dump(spec.importance)
    return of_step("importance", asked, compare, compared_metrics(spec), curve)


def of_kept() -> str:
    """Return the fingerprint of how arrays are extracted, by the formats of what they go into."""
    return fingerprint("kept", [FORMATS[step] for step in ("train", "arrays", "refit", "features")])


def of_tuning(spec: StudySpec, name: str, tuning: object, chunks: str) -> str:
    """Return the fingerprint of a search of a representation's options, as far as `tuning` goes.

    `chunks` are those of `Data.chosen_on`.
    """
    return of_step("tune", spec.seed, name, dump(spec.representations[name]), tuning, chunks)


def of_all(
    study: Study,
    data: Data,
    parts: Parts,
    shared: Mapping[tuple[str, int], str] | None = None,
) -> Fingerprints:
    """Return the fingerprints of all steps.

    Parameters
    ----------
    study : Study
    data : Data
    parts : Parts
    shared : mapping of (str, int) to str, optional
        Of feature tables that are there already, as all folds share them.
    """
    spec = study.spec
    refits = {
        parts.owners[name]: _of_refit(spec, data, name, kind, parts)
        for name, kind in parts.kinds.items()
        if isinstance(kind, LabelDependent)
    }
    models: dict[tuple[str, int], str] = {}
    tables: dict[tuple[str, int], str] = dict(shared or {})
    for name, kind in parts.kinds.items():  # parents come first
        for number in range(parts.trainings[name]):
            if (name, number) in tables:
                continue
            reads = _read_by(spec, data, name, number, parts, tables)
            if kind.models:
                models[name, number] = of_models(study, kind, number, reads)
            fits = refits.get(parts.owners[name]) or models.get((name, number))
            tables[name, number] = _of_table(study, data, kind, fits or reads)
    curve = _of_curve(spec, data, parts, tables)
    compare = of_step("compare", dump(with_baseline(spec)), compared_metrics(spec), curve)
    return Fingerprints(
        data, models, refits, tables, curve, compare, of_step("plot", dump(spec.plot), compare)
    )


def of_models(study: Study, kind: Representation, number: int, reads: object) -> str:
    """Return the fingerprint of the models of one training of a representation.

    Parameters
    ----------
    study : Study
    kind : Representation
    number : int
        Of the training.
    reads : object
        The fingerprints of what it may read.
    """
    files = [file_hash(path) for path in kind.watched(study.base)]
    return of_step("train", _kind(kind), training_seed(study, number), reads, *files)


def training_seed(study: Study, number: int) -> int:
    """Return the seed of a training: the study's for number 0."""
    if number == 0:
        return study.spec.seed
    # 28 bits: kinds add small numbers to their seed, and Keras takes no more than 32.
    return int(fingerprint("encoder", study.spec.seed, number)[:7], 16)


def wanted(spec: StudySpec) -> tuple[str, ...]:
    """Return the subsets whose features are needed: unlabelled ones if a classifier uses them."""
    kinds = [spec.classifier(name).kind for name in spec.curve.classifiers]
    return (*SCORED, "unlabelled") if any(classifier(k).unlabelled for k in kinds) else SCORED


def compared_metrics(spec: StudySpec) -> list[str]:
    """Return what representations are compared by: the metric of the figures, and UAR or CCC."""
    usual = "ccc" if spec.task == "regression" else "uar"
    return list(dict.fromkeys([spec.plot.metric, usual]))


def outputs_of(
    owner: str, kinds: dict[str, Representation], owners: dict[str, str]
) -> tuple[str, ...]:
    """Return the outputs that representations take from the fits in the folder of `owner`."""
    outputs = [
        kind.options.output
        for name, kind in kinds.items()
        if isinstance(kind, LabelDependent) and owners[name] == owner
    ]
    return tuple(dict.fromkeys(outputs))


def described(spec: Table, key: str, entries: registry.Registry) -> dict[str, Any]:
    """Return a table of a study as plain data, with the content or version of code from outside."""
    plain, name = dump(spec), str(vars(spec)[key])
    reference = entries.reference(name)
    return {**plain, key: outside.identity(reference)} if reference else plain


def of_step(step: str, *parts: object) -> str:
    """Return the fingerprint of a step: of its inputs, and of what computes its artefacts."""
    return fingerprint(step, FORMATS[step], versions_of(VERSIONS[step]), *parts)


def _kind(kind: Representation) -> dict[str, Any]:
    options = described(kind.options, "kind", registry.representations)
    return options | versions_of(kind.libraries)


def _of_refit(spec: StudySpec, data: Data, name: str, kind: LabelDependent, parts: Parts) -> str:
    outputs = list(outputs_of(parts.owners[name], parts.kinds, parts.owners))
    # which output a representation takes does not change the fit
    training = {**_kind(kind), kind.shared: None}
    return of_step("refit", training, outputs, spec.seed, data.split, spec.chunks.sample_rate)


def _read_by(
    spec: StudySpec,
    data: Data,
    name: str,
    number: int,
    parts: Parts,
    tables: Mapping[tuple[str, int], str],
) -> object:
    """Return the fingerprints of what a representation may read: chunks, tables or audio."""
    kind = parts.kinds[name]
    if kind.needs == "tables":
        trainings = parts.trainings
        return [tables[name, parent_number(trainings[name], number)] for name in kind.parents()]
    # chunks have the study's sample rate in their fingerprint
    return data.chunks if kind.needs == "chunks" else [data.split, spec.chunks.sample_rate]


def parent_number(trainings: int, number: int) -> int:
    """Return which training of a parent goes into a table: its only one, or that of the number."""
    return number if trainings > 1 else 0


def _of_table(study: Study, data: Data, kind: Representation, source: object) -> str:
    subsets, rate = wanted(study.spec), study.spec.chunks.sample_rate
    files = [file_hash(path) for path in kind.watched(study.base)]
    # pooling is done when rows are read, so that it does not change what is on disk
    if isinstance(kind, ArrayRepresentation):
        options = {**_kind(kind), kind.shared: None}
        return of_step("arrays", options, data.split, rate, files, list(subsets))
    # the subsets of every study go without saying: only more of them change the fingerprint
    more_subsets = [] if subsets == SCORED else list(subsets)
    return of_step("features", _kind(kind), rate, source, files, more_subsets)


def _classifier(spec: ClassifierSpec) -> dict[str, Any]:
    plain = described(spec, "kind", registry.classifiers)
    made_by = versions_of(classifier(spec.kind).libraries)
    query = plain.pop("query")
    plain |= {"query": query} if query else {}
    if not n_points(spec):
        used = ("kind", "parameters", "query")
        return {key: plain[key] for key in used if key in plain} | made_by
    # in its order, which says who is taken of equally good ones
    tried = [[name, list(values)] for name, values in grid_of(spec).items()]
    return plain | made_by | {"grid": tried}


def _of_curve(spec: StudySpec, data: Data, parts: Parts, tables: dict[tuple[str, int], str]) -> str:
    compared = {
        name: [
            [tables[name, number] for number in range(parts.trainings[name])],
            # pooling is no part of an array's fingerprint, but changes what classifiers read
            isinstance(kind, ArrayRepresentation) and kind.pooled,
        ]
        for name, kind in parts.kinds.items()
        if name in spec.compared()
    }
    kinds = {name: _classifier(spec.classifier(name)) for name in spec.curve.classifiers}
    files = [file_hash(path) for path in parts.files]
    # of a study without fusions the fingerprint is what it was before there were any
    fusions = [{name: dump(fusion) for name, fusion in spec.fusions.items()}] * bool(spec.fusions)
    asked = curve_as_data(spec)
    return of_step("curve", spec.seed, asked, kinds, compared, data.split, files, *fusions)
