"""The plan of a learning curve: which recordings, rows and orders every cell uses.

A draw is one order of the labelled recordings; a label budget takes the first so many recordings
of each class in that order. All representations see the same labelled recordings: those that every
table has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from semisup.classifiers import classifier
from semisup.curve.balance import chosen
from semisup.curve.sources import ArraySource, Source, TableSource
from semisup.curve.target import Target, target_of
from semisup.curve.task import Known, Rules, System, Task
from semisup.engine.artefacts import fingerprint
from semisup.errors import SpecError, TableError
from semisup.features.arrays import Arrays
from semisup.features.tables import Rows, check_table, rows_of
from semisup.recordings.numbers import NUMBER, ranges
from semisup.splits import labels_of
from semisup.study.compared import drawn_among
from semisup.study.spec import ClassifierSpec, CurveSpec

#: By representation: its feature table, or those of its encoders.
Tables = Mapping[str, pd.DataFrame | Sequence[pd.DataFrame]]


@dataclass(frozen=True)
class Experiment:
    """The recordings, classes and tasks of one learning-curve experiment."""

    classes: list[str]
    labelled: list[str]
    test: dict[str, list[str]]  # by representation: they differ for unit = "chunk" only
    tasks: list[Task]

    def test_rows(self, task: Task) -> pd.DataFrame:
        """Return recording and chunk of each prediction of a task."""
        recordings = np.array(self.test[task.system.representation], dtype=object)
        if task.rules.unit == "recording":
            return pd.DataFrame({"recording": recordings, "chunk": np.int32(-1)})
        chunk = task.test.chunk.astype(np.int32)
        return pd.DataFrame({"recording": recordings[task.test.owner], "chunk": chunk})


@dataclass(frozen=True)
class Choice:
    """The recordings that cells are fitted and scored on, and their classes by number."""

    classes: list[str]
    labelled: list[str]
    test: dict[str, list[str]]
    unlabelled: pd.Index
    labels: pd.Series
    speakers: pd.Series
    target: Target
    #: Of labelled and test recordings, where numbers are predicted.
    label_numbers: pd.Series | None = None

    def known(self, rows: Rows, recordings: list[str]) -> Known:
        """Return what is known of the rows of some recordings."""
        speakers = self.speaker_numbers(recordings)
        if self.label_numbers is None:
            return Known.of(rows, self.numbers(recordings), speakers)
        values = self.label_numbers[recordings].to_numpy(float)
        return Known.of(rows, self._ranges(values), speakers, values)

    def _ranges(self, values: np.ndarray) -> np.ndarray:
        """Return the range of each number, of the labelled recordings' alone."""
        assert self.label_numbers is not None
        return ranges(self.label_numbers[self.labelled].to_numpy(float), values)

    def numbers(self, recordings: list[str]) -> np.ndarray:
        """Return the class of each recording, its place in the sorted class names."""
        places = {label: number for number, label in enumerate(self.classes)}
        return self.labels[recordings].map(places).to_numpy()

    def speaker_numbers(self, recordings: list[str]) -> np.ndarray:
        """Return a number for the speaker of each recording."""
        return pd.factorize(self.speakers[recordings])[0]


class Encoding:
    """The rows of one encoder of a representation: a feature table, or the index of arrays."""

    def __init__(
        self, table: pd.DataFrame, choice: Choice, test: list[str], arrays: Arrays | None
    ) -> None:
        self.labelled = rows_of(table, choice.labelled)
        self.test = rows_of(table, test)
        self.unlabelled = rows_of(table, choice.unlabelled)
        self.arrays = arrays

    def source(self, with_unlabelled: bool) -> Source:
        """Return where cells take features from."""
        rest = self.unlabelled.features if with_unlabelled else None
        table = TableSource(self.labelled.features, self.test.features, rest)
        return table if self.arrays is None else ArraySource(self.arrays, table)


def plan(
    tables: Tables,
    manifest: pd.DataFrame,
    split: pd.Series,
    spec: CurveSpec,
    seed: int,
    classifiers: Mapping[str, ClassifierSpec] | None = None,
    arrays: Mapping[str, Arrays] | None = None,
    all_classes_tested: bool = True,
) -> Experiment:
    """Decide which recordings, rows and orders every cell uses.

    With ``unit = "recording"`` all representations are scored on the same test recordings too.

    Parameters
    ----------
    tables : mapping of str to DataFrame, or to a sequence of DataFrame
        Feature tables by representation, of several encoders a table each; of arrays
        `semisup.features.arrays.row_numbers` of their index.
    manifest : DataFrame
        With `recording` and `label`.
    split : Series of str
        Subset by recording.
    spec : CurveSpec
        Classifiers, budgets, draws, scaling and unit.
    seed : int
        Of the draws and the classifiers.
    classifiers : mapping of str to ClassifierSpec, optional
        What the names in ``spec.classifiers`` mean; entries of the registry if left out.
    arrays : mapping of str to Arrays, optional
        The array representations among `tables`.
    all_classes_tested : bool
        Whether test recordings of every class must be there; those of one fold need not.

    Raises
    ------
    TableError
        If a table is not a feature table, or the recordings that all tables have lack a class.
    SpecError
        If ``unit = "recording"`` is asked of test rows that belong to no recording, or there are
        more encoders of a representation than draws, or a network is to be fitted to a feature
        table.
    """
    arrays = arrays or {}
    encoders = {name: _encoders(name, encoded, spec) for name, encoded in tables.items()}
    check_unit(manifest, split, spec)
    choice = _choice(encoders, manifest, split, spec, all_classes_tested)
    named = {
        name: (classifiers or {}).get(name, ClassifierSpec(kind=name)) for name in spec.classifiers
    }
    drawn = drawn_among(named)
    _check_networks(named, set(tables) - set(arrays), spec)
    orders = [_order(len(choice.labelled), draw, spec, seed) for draw in range(spec.n_draws())]
    tasks: list[Task] = []
    for name, encoded in encoders.items():
        # made once a representation: its tasks share the rows, however many classifiers and draws
        encodings = [
            Encoding(table, choice, choice.test[name], arrays.get(name)) for table in encoded
        ]
        systems = [
            System(name, label, kind, drawn.get(label))
            for label, kind in named.items()
            if spec.runs(label, name)
        ]
        tasks.extend(_tasks(name, encodings, systems, orders, choice, spec, seed))
    return Experiment(choice.classes, choice.labelled, choice.test, tasks)


def _tasks(
    name: str,
    encodings: list[Encoding],
    systems: list[System],
    orders: list[np.ndarray],
    choice: Choice,
    spec: CurveSpec,
    seed: int,
) -> Iterator[Task]:
    """Yield the tasks of one representation: every classifier with every draw."""
    labelled, test = choice.labelled, choice.test[name]
    classes = choice.known(encodings[0].labelled, labelled).classes
    n_classes = len(choice.classes) if choice.label_numbers is None else int(classes.max()) + 1
    # numbers have no classes to be weighted
    balance = (
        "none" if choice.label_numbers is not None else chosen(spec.balance, np.bincount(classes))
    )
    rules = Rules(
        spec.scale,
        spec.unit,
        seed,
        n_classes,
        choice.target,
        balance,
        accelerate=spec.accelerate,
    )
    for system in systems:
        with_unlabelled = classifier(system.spec.kind).unlabelled
        for draw, order in enumerate(orders):
            # nested, not crossed: several trainings cost no fits, and draw 0 stays what it was
            encoding = encodings[draw % len(encodings)]
            yield Task(
                system,
                draw,
                order,
                spec.budgets(),
                choice.known(encoding.labelled, labelled),
                choice.known(encoding.test, test),
                encoding.source(with_unlabelled),
                rules,
            )


def _choice(
    encoders: Mapping[str, Sequence[pd.DataFrame]],
    manifest: pd.DataFrame,
    split: pd.Series,
    spec: CurveSpec,
    all_classes_tested: bool,
) -> Choice:
    labels = labels_of(manifest, split)
    classes = sorted(labels.unique())
    labelled = _shared(encoders, split.index[split == "labelled"], classes, labels, "labelled")
    tested = split.index[split == "test"]
    needed = classes if all_classes_tested else sorted(labels[tested].unique())
    test = _test_recordings(encoders, tested, needed, labels, spec)
    unlabelled = split.index[split == "unlabelled"]
    speakers, target = _speakers(manifest), target_of(manifest, len(classes))
    values = manifest.set_index("recording")[NUMBER] if NUMBER in manifest else None
    return Choice(classes, labelled, test, unlabelled, labels, speakers, target, values)


def _speakers(manifest: pd.DataFrame) -> pd.Series:
    """Return who speaks in each recording; where nobody knows, someone of its own."""
    recordings = manifest["recording"].astype(str)
    # tables of one's own may have no such column
    speakers = manifest.get("speaker", pd.Series("", manifest.index)).fillna("")
    # a speaker may be called as a recording is
    who = ("speaker " + speakers).where(speakers != "", "recording " + recordings)
    return who.set_axis(manifest["recording"])


def _order(n_labelled: int, draw: int, spec: CurveSpec, seed: int) -> np.ndarray:
    if spec.order == "prefix":
        return np.arange(n_labelled)
    # from the draw's number alone: more draws leave the first ones as they are
    state = int(fingerprint("draw", seed, draw), 16)
    return np.random.default_rng(state).permutation(n_labelled)


def _encoders(
    name: str, tables: pd.DataFrame | Sequence[pd.DataFrame], spec: CurveSpec
) -> list[pd.DataFrame]:
    """Return the checked tables of a representation, one an encoder."""
    encoders = [tables] if isinstance(tables, pd.DataFrame) else list(tables)
    for number, table in enumerate(encoders):
        check_table(table, f"{name}, encoder {number}" if number else name)
    if not 1 <= len(encoders) <= spec.n_draws():
        raise SpecError(
            f"The representation '{name}' needs a feature table, and at most one a draw: there are "
            f"{len(encoders)} tables and {spec.n_draws()} draws"
        )
    return encoders


def _shared(
    tables: Mapping[str, Sequence[pd.DataFrame]],
    wanted: pd.Index,
    classes: list[str],
    labels: pd.Series,
    subset: str,
) -> list[str]:
    """Return the recordings that every table has, in the order of the split."""
    recordings = [set(table["recording"]) for encoded in tables.values() for table in encoded]
    shared = set.intersection(*recordings)
    kept = [recording for recording in wanted if recording in shared]
    lacking = sorted(set(classes) - set(labels[kept]))
    if lacking:
        raise TableError(
            f"No {subset} recording of class {' and '.join(lacking)} is in every one of the tables "
            f"{', '.join(tables)}"
        )
    return kept


def _test_recordings(
    tables: Mapping[str, Sequence[pd.DataFrame]],
    wanted: pd.Index,
    classes: list[str],
    labels: pd.Series,
    spec: CurveSpec,
) -> dict[str, list[str]]:
    # where chunks count by themselves, each representation keeps all that it has
    if spec.unit == "recording":
        shared = _shared(tables, wanted, classes, labels, "test")
        return dict.fromkeys(tables, shared)
    return {
        name: _shared({name: encoded}, wanted, classes, labels, "test")
        for name, encoded in tables.items()
    }


def _check_networks(
    classifiers: Mapping[str, ClassifierSpec], feature_tables: set[str], spec: CurveSpec
) -> None:
    for name, kind in classifiers.items():
        for representation in sorted(feature_tables):
            entry = classifier(kind.kind)
            # a study gives those that tune an encoder what it reads
            if spec.runs(name, representation) and entry.network and not entry.tunes:
                raise SpecError(f"[curve] {network_problem(name, representation)}")


def network_problem(classifier: str, representation: str) -> str:
    """Say that a network can't be run on a representation that is not arrays."""
    return (
        f"classifiers: '{classifier}' is a network on arrays such as spectrograms, but "
        f"'{representation}' is a feature table; name its representations in "
        f"[curve] only.{classifier}"
    )


def check_unit(manifest: pd.DataFrame, split: pd.Series, spec: CurveSpec) -> None:
    """Raise a `SpecError` where chunks of which nobody knows the recording cannot be counted."""
    if spec.unit == "chunk" or "joined" not in manifest:
        return
    # only imported older pickles have chunks of which nobody knows the recording
    loose = manifest[~manifest["joined"] & manifest["recording"].isin(split.index)]
    if len(loose):
        raise SpecError(
            f"[curve] unit = 'recording' is not possible: {len(loose)} test rows (the first: "
            f"{loose['recording'].iloc[0]}) are chunks of which no table says to which recording "
            "they belong; use unit = 'chunk'"
        )
