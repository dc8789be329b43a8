"""Changed keys of a study that has run: what is made again, and is it as in an empty folder?"""

import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w

from faults.studies import contents
from semisup.engine.artefacts import is_current
from semisup.errors import SemisupError
from semisup.reading import read_study
from semisup.stages.runner import run_study, tune_study


class Change(NamedTuple):
    """What a changed key came to."""

    made_again: int  # files
    untouched: int
    needless: list[str]  # made again although their fingerprints were those of the new study
    differences: list[str]  # from the empty folder's
    refused: str = ""  # the sentence, where neither folder can be made

    @property
    def is_well(self) -> bool:
        """Whether nothing is stale and nothing was made for nothing."""
        return not self.needless and not self.differences


class Finished:
    """A study that has run, of whose folder each change gets a copy.

    Parameters
    ----------
    folder : Path
    document : dict
        The study file.
    until : str
        The last stage.
    """

    def __init__(self, folder: Path, document: dict[str, Any], until: str) -> None:
        self.folder, self.document, self.until = folder, document, until
        self.count = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._run(document, folder / "first")

    def _run(self, document: dict[str, Any], out: Path) -> Path:
        path = self.folder / "study.toml"
        path.write_text(tomli_w.dumps(document), encoding="utf-8")
        study = read_study(path, out)
        if study.spec.tuning is not None:
            tune_study(study)
        return run_study(study, self.until).folder

    def change(self, document: dict[str, Any]) -> Change:
        """Run a changed study where the first has run, and in an empty folder."""
        self.count += 1
        name = document["name"]
        fresh_out, out = (self.folder / f"{self.count}{kind}" for kind in ("fresh", "again"))
        shutil.copytree(self.folder / "first", out)
        try:
            fresh = self._run(deepcopy(document), fresh_out)
        except SemisupError as refusal:
            return self._refused(document, out, str(refusal))
        before = _inodes(out / name)
        kept = [path for path in before if _stays(out / name / path, fresh / path)]
        again = self._run(document, out)
        after = _inodes(again)
        expected, there = contents(fresh), contents(again)
        # only a run that goes through to the report removes what nothing makes any more
        compared = expected.keys() | (there.keys() if self.until == "report" else set())
        differences = sorted(path for path in compared if expected.get(path) != there.get(path))
        made = {path for path, inode in after.items() if before.get(path) != inode}
        shutil.rmtree(out)
        shutil.rmtree(fresh_out)
        needless = sorted(path for path in kept if path in made)
        return Change(len(made), len(after) - len(made), needless, differences)

    def _refused(self, document: dict[str, Any], out: Path, sentence: str) -> Change:
        try:
            self._run(document, out)
        except SemisupError as refusal:
            # what else is in a folder may stand after the first clause
            same = str(refusal).partition(";")[0] == sentence.partition(";")[0]
            return Change(0, 0, [], [] if same else [str(refusal)], sentence)
        return Change(0, 0, [], ["it ran, where an empty folder's is refused"], sentence)


def _inodes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_ino
        for path in folder.rglob("*")
        if path.is_file() and path.name[0] != "."
    }


def _stays(path: Path, fresh: Path) -> bool:
    """Tell whether an artefact has the fingerprint already that it will have."""
    mark = fresh.with_name(f".{fresh.name}.fingerprint")
    return mark.exists() and is_current([path], mark.read_text().strip())
