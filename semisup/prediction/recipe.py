"""A recipe: everything that the rows of a representation are made by, of files of any origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from semisup.engine.parallel import Workers
from semisup.features.contract import Representation
from semisup.features.label_dependent import LabelDependent
from semisup.prediction.fitted import Facts
from semisup.study.spec import ChunkSpec

#: What a system learned from, and so takes.
SOUND, PICTURE = "sound", "picture"


@dataclass(frozen=True)
class Recipe:
    """How rows are made.

    Parameters
    ----------
    name : str
        Of the representation.
    kinds : mapping of str to Representation
        It and what it is made of, parents first.
    chunks : ChunkSpec
        Of the study.
    seed : int
        Of everything random.
    longest : float
        Seconds. A longer file is cut into equal parts no longer than this, each of them a window;
        infinite for representations that have windows of their own.
    models : Path
        Holds a folder of trained models by representation.
    base : Path
        Where the user's files lie.
    workers : Workers
        Who does parallel work.
    scratch : Path, optional
        Folder for what is written on the way; the system's own if left out.
    """

    name: str
    kinds: Mapping[str, Representation]
    chunks: ChunkSpec
    seed: int
    longest: float
    models: Path
    base: Path = Path()
    workers: Workers = field(default_factory=Workers)
    scratch: Path | None = None

    @classmethod
    def of(
        cls,
        facts: Facts,
        kinds: Mapping[str, Representation],
        models: Path,
        base: Path,
        workers: Workers,
    ) -> "Recipe":
        """Return the recipe of a fitted system."""
        longest = inf if facts.longest is None else facts.longest
        return cls(
            facts.representation, kinds, facts.chunks, facts.seed, longest, models, base, workers
        )

    @property
    def kind(self) -> Representation:
        """The representation."""
        return self.kinds[self.name]


def ancestry(kinds: Mapping[str, Representation], name: str) -> dict[str, Representation]:
    """Return a representation and all that it is made of, parents first."""
    line: dict[str, Representation] = {}
    for parent in kinds[name].parents():
        line |= ancestry(kinds, parent)
    return line | {name: kinds[name]}


def why_not(kinds: Mapping[str, Representation], name: str) -> str:
    """Tell why a representation cannot be computed on other recordings, "" if it can."""
    kind = kinds[name]
    if isinstance(kind, LabelDependent):
        return f"'{name}' is fitted anew in every cell"
    if kind.needs == "nothing":
        return f"'{name}' is a table from a file, not computed from audio"
    if kind.by_speaker:
        return f"'{name}' is normalised by speaker, and who is heard in other files is not known"
    if kind.level == "chunk" and kind.needs == "audio" and kind.grid() is None:
        return f"'{name}' does not tell where in a file its rows lie"
    return next(filter(None, (why_not(kinds, parent) for parent in kind.parents())), "")
