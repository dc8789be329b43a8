"""A step: one unit of work that is made or skipped as a whole, by its fingerprint."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semisup.engine.artefacts import is_current


@dataclass(frozen=True)
class Step:
    """What a stage makes in one go.

    Parameters
    ----------
    name : str
        The stage, and of what.
    fingerprint : str
        Of everything that the outputs depend on.
    outputs : tuple of Path
        What `make` writes.
    make : callable
        Writes the outputs.
    parts : Path, optional
        Folder of finished parts that is not needed once the outputs are there.
    stands_alone : bool
        Whether it needs nothing of the steps beside it that stand alone, too: they may be made at
        the same time, in other processes.
    adds_to : tuple of Path
        Artefacts of earlier steps that `make` adds to.
    packages : tuple of str
        What computes it besides the libraries of every study.
    """

    name: str
    fingerprint: str
    outputs: tuple[Path, ...]
    make: Callable[[], object]
    parts: Path | None = None
    stands_alone: bool = False
    adds_to: tuple[Path, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether all outputs are there and were made from what they would be made from now."""
        return is_current(self.outputs, self.fingerprint)
