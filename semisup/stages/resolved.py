"""A study resolved once: options, kinds, trainings and fingerprints, which all steps read.

Nothing here is asked for a second time.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from semisup.classifiers import classifier, with_files_found
from semisup.engine.parallel import Workers
from semisup.features.contract import ArrayRepresentation, Representation
from semisup.features.kinds import kind_of
from semisup.features.label_dependent import LabelDependent
from semisup.stages import fingerprints
from semisup.stages.beforehand import check_files, check_media
from semisup.stages.fingerprints import Fingerprints
from semisup.stages.recordings import check_recordings
from semisup.stages.scan import scan_corpora
from semisup.stages.tuned import tuned_options
from semisup.study.paths import expand, find_path
from semisup.study.spec import ClassifierSpec, RepresentationSpec
from semisup.study.study import Study

Kind = TypeVar("Kind", bound=Representation)

#: Columns of the manifest that representations may read; older pickles have `joined`.
READABLE = ["recording", "path", "speaker", "seconds", "start", "end", "joined"]


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
    """

    workers: Workers
    checked: pd.DataFrame = field(repr=False)
    kinds: dict[str, Representation]
    trainings: dict[str, int]
    owners: dict[str, str]
    classifiers: dict[str, ClassifierSpec]
    fingerprints: Fingerprints

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """The usable recordings; there once its stage has run."""
        return pd.read_parquet(self.folder / "manifest.parquet")

    @cached_property
    def split(self) -> pd.Series:
        """Subset by recording; there once its stage has run."""
        # a recording may be called 007 or NA
        table = pd.read_csv(self.folder / "split.csv", dtype=str, keep_default_na=False)
        return table.set_index("recording")["subset"]

    @cached_property
    def recordings(self) -> pd.DataFrame:
        """The manifest of the recordings in a subset, with `subset` and without labels.

        Nor has it the corpus's own columns: of one such as `emotion` a label can be made.
        """
        table = self.manifest.filter(READABLE)
        table = table.assign(subset=table["recording"].map(self.split))
        return table[table["subset"].notna()].reset_index(drop=True)

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
        return [self.folder / "features" / f"{label}.parquet" for label in labels]

    def models(self, training: "Training") -> Path:
        """Return the folder of the models of a training."""
        folder = self.folder / training.name
        return folder / f"seed_{training.number}" if training.number else folder

    def store(self, name: str) -> Path:
        """Return the Zarr array of a representation of arrays."""
        return self.folder / "features" / f"{self.owners[name]}.zarr"


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
    classifiers, files = _classifiers(study)
    # first, as a scan may generate recordings; tuning changes no file that a kind needs
    as_written = parents_first(study.spec.compared(), study.spec.representations)
    check_files(study, as_written, classifiers)
    scanned = scan_corpora(study.spec, study.base, study.folder)
    check_media(as_written, scanned)
    workers = workers or Workers()
    checked = check_recordings(study, scanned, workers, again)
    # in this order: what `semisup tune` chose holds for these chunks only, and so for these files
    data = fingerprints.of_data(study.spec, checked)
    options = {name: tuned_options(study, name, data.chunks) for name in study.spec.representations}
    kinds = parents_first(study.spec.compared(), options)
    trainings = _trainings(study, kinds)
    owners = {name: _owner(name, kinds) for name in kinds}
    return ResolvedStudy(
        spec=study.spec,
        base=study.base,
        out=study.out,
        workers=workers,
        checked=checked,
        kinds=kinds,
        trainings=trainings,
        owners=owners,
        classifiers=classifiers,
        fingerprints=fingerprints.of_all(
            study, data, fingerprints.Parts(kinds, trainings, owners, files)
        ),
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
