"""A study resolved: options, kinds, trainings and fingerprints, which all steps read.

Nothing here is asked for a second time; `semisup.stages.resolve` works it out.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from semisup import splits
from semisup.engine.parallel import Workers
from semisup.features.contract import Representation
from semisup.features.label_dependent import LabelDependent
from semisup.stages import fingerprints
from semisup.stages.fingerprints import Fingerprints, Parts
from semisup.study.spec import ClassifierSpec
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
