"""A study resolved once: options, kinds, trainings and fingerprints, which all steps read.

Nothing here is asked for a second time.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from semisup import splits
from semisup.classifiers import classifier, with_files_found
from semisup.engine.artefacts import is_current
from semisup.engine.parallel import Workers
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.kinds import kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.remote.inputs import look_again
from semisup.stages import fingerprints
from semisup.stages.beforehand import check_files, check_media
from semisup.stages.fingerprints import Fingerprints, Parts
from semisup.stages.inputs import note_inputs
from semisup.stages.recordings import check_recordings
from semisup.stages.scan import scan_corpora
from semisup.stages.tuned import tuned_options
from semisup.study.paths import expand, find_path
from semisup.study.spec import ClassifierSpec, RepresentationSpec
from semisup.study.study import Study

Kind = TypeVar("Kind", bound=Representation)

#: Columns of the manifest that representations may read; older pickles have `joined`.
READABLE = ["recording", "path", "speaker", "seconds", "start", "end", "content", "joined"]


@dataclass(frozen=True, kw_only=True)
class ResolvedStudy(Study):
    """A study that is ready to run.

    Parameters
    ----------
    workers : Workers
        Who does parallel work. Results do not depend on it.
    checked : DataFrame
        All recordings of the corpora, and why some cannot be used.
    kinds : dict of str to Representation
        What the curve compares and what that is made of, parents first, options as tuned.
    trainings : dict of str to int
        How often each is trained; one that learns nothing counts as once, and what is made of
        others has as many tables as they have.
    owners : dict of str to str
        The first representation with the same arrays or fits, which are written under its name.
    classifiers : dict of str to ClassifierSpec
        Those of the curve, files among their parameters found.
    fingerprints : Fingerprints
        Of everything that steps make.
    parts_of_all : Parts
        What fingerprints are made of besides the study file.
    repeats : tuple of ResolvedStudy
        Of a study with folds, once its split is there: one a fold, each a study with a split, seed
        and folder of its own, which shares with the others what does not depend on the split.
    whole : ResolvedStudy, optional
        Of such a fold: the study that it is of.
    repeat : int
        Its number.
    """

    workers: Workers
    checked: pd.DataFrame = field(repr=False)
    kinds: dict[str, Representation]
    trainings: dict[str, int]
    owners: dict[str, str]
    classifiers: dict[str, ClassifierSpec]
    fingerprints: Fingerprints
    parts_of_all: Parts = field(repr=False)
    repeats: tuple["ResolvedStudy", ...] = field(default=(), repr=False)
    whole: "ResolvedStudy | None" = field(default=None, repr=False)
    repeat: int = 0

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """The usable recordings; there once its stage has run."""
        if self.whole is not None:
            return self.whole.manifest
        return pd.read_parquet(self.folder / "manifest.parquet")

    @cached_property
    def split(self) -> pd.Series:
        """Subset by recording; there once its stage has run.

        Of a study with folds, what each recording is in the end: "test" for all that are tested.
        """
        if self.whole is not None:
            return splits.of_repeat(self.whole.split_table, self.repeat)
        return splits.over_repeats(self.split_table)

    @cached_property
    def split_table(self) -> pd.DataFrame:
        """The split as its file has it: recording, subset and, with folds, repeat."""
        return splits.read(self.folder / "split.csv")

    @cached_property
    def recordings(self) -> pd.DataFrame:
        """The manifest of the recordings in a subset, with `subset` and without labels.

        Nor has it the corpus's own columns: of one such as `emotion` a label can be made.
        """
        table = self.manifest.filter(READABLE)
        table = table.assign(subset=table["recording"].map(self.split))
        return table[table["subset"].notna()].reset_index(drop=True)

    @property
    def is_folded(self) -> bool:
        """Whether the study has folds, each of which is a study by itself."""
        return self.spec.split.folds is not None and self.whole is None

    @property
    def first(self) -> "ResolvedStudy":
        """The study, or its first fold: the one whose models figures and report show."""
        return self.repeats[0] if self.repeats else self

    @property
    def kept(self) -> Path:
        """Where what was extracted of recordings is kept, for all folds and later runs."""
        return (self.whole or self).folder / ".kept" / fingerprints.of_kept()

    @cached_property
    def made_here(self) -> dict[str, Representation]:
        """The kinds whose models and tables are in this study's folder.

        What depends on no split is the study's own, all else each fold's.
        """
        if self.is_folded:
            return {name: kind for name, kind in self.kinds.items() if self._is_shared(name)}
        if self.whole is not None:
            return {name: kind for name, kind in self.kinds.items() if not self._is_shared(name)}
        return self.kinds

    def _is_shared(self, name: str) -> bool:
        """Tell whether a table is the same whatever the split: nothing in it was learned."""
        kind = self.kinds[name]
        if kind.models or isinstance(kind, LabelDependent):
            return False
        return all(self._is_shared(parent) for parent in kind.parents())

    def _home(self, name: str) -> Path:
        """Return the folder in which the tables of a representation are."""
        if self.whole is not None and self._is_shared(name):
            return self.whole.folder
        return self.folder

    @cached_property
    def labels_learned(self) -> pd.Series:
        """The label of every recording that is labelled; of a study with folds in any of them."""
        table = self.split_table if self.whole is None else self.whole.split_table
        names = table.loc[table["subset"] == "labelled", "recording"].unique()
        return self.manifest.set_index("recording")["label"].loc[names]

    @property
    def scored(self) -> pd.DataFrame:
        """The rows of the manifest, labels too, of the recordings that are learned or tested."""
        subset = self.manifest["recording"].map(self.split)
        return self.manifest.assign(subset=subset)[subset.isin(fingerprints.SCORED)]

    @property
    def compared(self) -> dict[str, Representation]:
        """The representations that the learning curve compares, in its order."""
        return {name: self.kinds[name] for name in self.spec.compared()}

    def of_kind(self, kind: type[Kind]) -> dict[str, Kind]:
        """Return the representations of a class, such as those of arrays."""
        return {name: bound for name, bound in self.kinds.items() if isinstance(bound, kind)}

    def each_training(self, name: str) -> list["Training"]:
        """Return the trainings of a representation, number 0 first."""
        return [Training(name, number) for number in range(self.trainings[name])]

    def seed(self, number: int) -> int:
        """Return the seed of a training: the study's for number 0."""
        return fingerprints.training_seed(self, number)

    def table_paths(self, name: str) -> list[Path]:
        """Return the feature tables of a representation: one a training, number 0 first."""
        labels = [training.label for training in self.each_training(name)]
        return [self._home(name) / "features" / f"{label}.parquet" for label in labels]

    def models(self, training: "Training") -> Path:
        """Return the folder of the models of a training."""
        folder = self.folder / training.name
        return folder / f"seed_{training.number}" if training.number else folder

    def store(self, name: str) -> Path:
        """Return the Zarr array of a representation of arrays."""
        return self._home(name) / "features" / f"{self.owners[name]}.zarr"

    def with_workers(self, workers: Workers) -> "ResolvedStudy":
        """Return the study with others who do parallel work."""
        return replace(self, workers=workers)

    def with_repeats(self) -> "ResolvedStudy":
        """Return the study with its folds, once the split is there; one without folds as it is."""
        # a fold's split is that of its fingerprint: once there it stays what it is
        if not self.is_folded or self.repeats:
            return self
        count = int(self.split_table["repeat"].max()) + 1
        repeats = tuple(_repeat(self, number) for number in range(count))
        curves = [repeat.fingerprints.curve for repeat in repeats]
        prints = fingerprints.of_repeats(self.spec, self.fingerprints, curves)
        return replace(self, repeats=repeats, fingerprints=prints)


@dataclass(frozen=True)
class Training:
    """One of the trainings of a representation.

    With `[train] seeds` = n each that learns is trained n times. Number 0, with the study's own
    seed, is the one that figures and report show.
    """

    name: str
    number: int = 0

    @property
    def label(self) -> str:
        """Its name, which is also that of its feature table.

        Examples
        --------
        >>> Training("code", 0).label, Training("code", 2).label
        ('code', 'code.seed_2')
        """
        return f"{self.name}.seed_{self.number}" if self.number else self.name


def resolve(study: Study, workers: Workers | None = None, again: bool = False) -> ResolvedStudy:
    """Work out once what all steps read; recordings that are new or have changed are decoded.

    Parameters
    ----------
    study : Study
    workers : Workers, optional
        Who does parallel work; one process if left out.
    again : bool
        Decode all recordings, changed or not.

    Raises
    ------
    SpecError
        If files of the user's are missing, or a representation cannot work with these recordings:
        before anything is made.
    """
    look_again()
    classifiers, files = _classifiers(study)
    # first, as a scan may generate recordings; tuning changes no file that a kind needs
    as_written = parents_first(study.spec.compared(), study.spec.representations)
    check_files(study, as_written, classifiers)
    scanned = scan_corpora(study.spec, study.base, study.folder)
    check_media(as_written, scanned)
    note_inputs(study, scanned, as_written, files)
    workers = workers or Workers()
    checked = check_recordings(study, scanned, workers, again)
    del scanned  # what is known of millions of recordings is held once
    # in this order: what `semisup tune` chose holds for these chunks only, and so for these files
    data = fingerprints.of_data(study.spec, checked)
    options = _options(study, data)
    kinds = parents_first(study.spec.compared(), options)
    trainings = _trainings(study, kinds)
    owners = {name: _owner(name, kinds) for name in kinds}
    parts = Parts(kinds, trainings, owners, files)
    resolved = ResolvedStudy(
        spec=study.spec,
        base=study.base,
        out=study.out,
        noted=study.noted,
        workers=workers,
        checked=checked,
        kinds=kinds,
        trainings=trainings,
        owners=owners,
        classifiers=classifiers,
        fingerprints=fingerprints.of_all(study, data, parts),
        parts_of_all=parts,
    )
    is_split = is_current([resolved.folder / "split.csv"], data.split)
    return resolved.with_repeats() if is_split else resolved


def _options(study: Study, data: fingerprints.Data) -> dict[str, RepresentationSpec]:
    """Return the options of every representation, as tuned."""
    names = study.spec.representations
    return {name: tuned_options(study, name, data.chosen_on) for name in names}


def resolve_again(study: ResolvedStudy) -> ResolvedStudy:
    """Resolve a study anew, or a fold of one: its options may have been chosen in between."""
    if study.whole is not None:
        return _repeat(study.whole, study.repeat)
    return resolve(study, study.workers)


def _repeat(whole: ResolvedStudy, number: int) -> ResolvedStudy:
    """Return one fold of a study as a study: its options are those tuned in it."""
    names = {"name": f"{number:03d}", "seed": fingerprints.repeat_seed(whole.spec, number)}
    study = Study(whole.spec.model_copy(update=names), whole.base, whole.folder / "repeats")
    data = fingerprints.of_repeat(whole.fingerprints.data, number)
    options = _options(study, data)
    kinds = parents_first(study.spec.compared(), options)
    parts = whole.parts_of_all._replace(kinds=kinds)
    shared = {
        (name, training): print_
        for (name, training), print_ in whole.fingerprints.tables.items()
        if name in whole.made_here
    }
    return replace(
        whole,
        spec=study.spec,
        out=study.out,
        kinds=kinds,
        fingerprints=fingerprints.of_all(study, data, parts, shared),
        parts_of_all=parts,
        whole=whole,
        repeat=number,
    )


def parents_first(
    names: list[str], options: dict[str, RepresentationSpec]
) -> dict[str, Representation]:
    """Return the representations asked for, and before each those that it is made of."""
    kinds: dict[str, Representation] = {}

    # the checks of the study file have refused circles
    def add(name: str) -> None:
        kind = kind_of(options[name])
        for parent in kind.parents():
            add(parent)
        kinds.setdefault(name, kind)

    for name in names:
        add(name)
    return kinds


def _trainings(study: Study, kinds: dict[str, Representation]) -> dict[str, int]:
    trainings: dict[str, int] = {}
    for name, kind in kinds.items():  # parents come first
        of_parents = [trainings[parent] for parent in kind.parents()]
        trainings[name] = study.spec.train.seeds if kind.models else max([1, *of_parents])
    return trainings


def _owner(name: str, kinds: dict[str, Representation]) -> str:
    """Return the first representation with the same arrays or fits, which may be itself."""
    kind = kinds[name]
    if not isinstance(kind, ArrayRepresentation | LabelDependent):
        return name
    options = kind.options.without(kind.shared)
    return next(
        other
        for other, candidate in kinds.items()
        if isinstance(candidate, type(kind)) and candidate.options.without(kind.shared) == options
    )


def _classifiers(study: Study) -> tuple[dict[str, ClassifierSpec], list[Path]]:
    """Return the classifiers of the curve with the files among their parameters, and these."""
    specs, files = {}, []
    for name in study.spec.curve.classifiers:
        spec = study.spec.classifier(name)
        paths = files_of(spec, study.base)
        specs[name] = with_files_found(spec, paths)
        files += list(paths.values())
    return specs, files


def files_of(spec: ClassifierSpec, base: Path) -> dict[str, Path]:
    """Return a classifier's parameters that may be files; a word that is no file stays as it is."""
    texts = {
        name: expand(str(spec.parameters[name]))
        for name in classifier(spec.kind).files
        if name in spec.parameters
    }
    return {
        name: path.absolute() if path.is_file() or path.suffix else Path(texts[name])
        for name, path in ((name, find_path(text, base)) for name, text in texts.items())
    }
