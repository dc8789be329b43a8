"""A study as data: its checked file, and the folders that belong to it. Nothing here runs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from semisup.engine.noted import Noted
from semisup.study.spec import StudySpec
from semisup.study.table import Table


@dataclass(frozen=True)
class Study:
    """A study file and where its artefacts are.

    Parameters
    ----------
    spec : StudySpec
        The checked study file.
    base : Path
        The study file's folder: relative paths are looked for there first.
    out : Path
        Root of artefacts; the study's own folder is below it.
    noted : Noted
        What a run of the study has read so far.
    """

    spec: StudySpec
    base: Path = Path()
    out: Path = Path("files")
    noted: Noted = field(default_factory=Noted, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """The study's own folder."""
        return self.out / self.spec.name

    @property
    def figures(self) -> Path:
        """The folder of its figures."""
        return self.folder / "figures"

    def figure_paths(self, name: str) -> list[Path]:
        """Return the files of one figure, one a format that `[plot]` asks for."""
        return [self.figures / f"{name}.{suffix}" for suffix in self.spec.plot.formats]

    def parts(self, name: str, fingerprint: str) -> Path:
        """Return the folder for finished parts of a step, named so that none is ever stale."""
        return self.folder / ".parts" / f"{name}-{fingerprint[:16]}"


def dump(table: Table) -> dict[str, Any]:
    """Return a model as plain data, the keys of adapters and kinds included."""
    # pydantic's model_dump writes the keys of the annotated class, `CorpusSpec`, not its subclass's
    return {name: _plain(vars(table)[name]) for name in type(table).model_fields}


def _plain(value: object) -> object:
    if isinstance(value, Table):
        return dump(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
