"""A study: its checked file, the paths of its artefacts, and the running of its stages."""

import platform
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from semisup import registry
from semisup.engine.artefacts import discard, is_current, seal, table_fingerprint, write_json
from semisup.engine.parallel import Workers
from semisup.engine.progress import say
from semisup.errors import SpecError, nearest
from semisup.study.file import find_path, parents, read_study
from semisup.study.spec import ClassifierSpec, RepresentationSpec, StudySpec, Table

STAGES = (
    "manifest", "split", "durations", "chunks", "train", "features", "curve", "compare", "plot",
    "report",
)  # fmt: skip
QUICKSTART = Path(__file__).with_name("quickstart.toml")
_LIBRARIES = ("keras", "numpy", "optuna", "pandas", "scikit-learn", "scipy", "semisup", "soundfile",
              "soxr", "tensorflow", "zarr")  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One unit of a stage that is made or skipped as a whole.

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
    """

    name: str
    fingerprint: str
    outputs: tuple[Path, ...]
    make: Callable[[], object]
    parts: Path | None = None


@dataclass
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
    workers : Workers
        Who does parallel work. Results do not depend on it.
    """

    spec: StudySpec
    base: Path = Path()
    out: Path = Path("files")
    workers: Workers = field(default_factory=Workers)

    @classmethod
    def read(
        cls,
        path: Path | str | None = None,
        out: Path | str = "files",
        workers: Workers | None = None,
        overrides: Sequence[str] = (),
    ) -> "Study":
        """Read a study file; without one, the built-in quickstart."""
        path = Path(path) if path is not None else QUICKSTART
        if path.is_dir():
            path = path / "study.toml"
        return cls(read_study(path, overrides), path.parent, Path(out), workers or Workers())

    @property
    def folder(self) -> Path:
        """The study's own folder."""
        return self.out / self.spec.name

    @property
    def figures(self) -> Path:
        """The folder of its figures."""
        return self.folder / "figures"

    def parts(self, name: str, fingerprint: str) -> Path:
        """Return the folder for finished parts of a step, named so that none is ever stale."""
        return self.folder / ".parts" / f"{name}-{fingerprint[:16]}"

    @cached_property
    def scanned(self) -> pd.DataFrame:
        """All recordings of the corpora, nothing decoded yet."""
        from importlib import import_module

        return import_module("semisup.stages.scan").scan_corpora(self.spec, self.base, self.folder)

    @cached_property
    def listing(self) -> str:
        """Hash of every recording found: name, label, speaker, file size and time."""
        return table_fingerprint(self.scanned)

    @cached_property
    def manifest(self) -> pd.DataFrame:
        """The usable recordings."""
        return pd.read_parquet(self.folder / "manifest.parquet")

    @cached_property
    def split(self) -> pd.Series:
        """Subset by recording."""
        table = pd.read_csv(self.folder / "split.csv", dtype=str, keep_default_na=False)
        return table.set_index("recording")["subset"]

    def recordings(self) -> pd.DataFrame:
        """Return the manifest of the recordings in a subset, with `subset` and without labels."""
        table = self.manifest.drop(columns=["label"])
        table = table.assign(subset=table["recording"].map(self.split))
        return table[table["subset"].notna()].reset_index(drop=True)

    def representations(self) -> dict[str, RepresentationSpec]:
        """Return the representations that the learning curve compares, as tuned if one was."""
        chosen = self.spec.curve.representations or list(self.spec.representations)
        return {name: _stage("tune").tuned(self, name) for name in chosen}

    def classifiers(self) -> dict[str, ClassifierSpec]:
        """Return the classifiers of the learning curve, files among their parameters found."""
        found = {}
        for name in self.spec.curve.classifiers:
            spec = self.spec.classifier(name)
            files = {key: str(path) for key, path in self.classifier_files(name).items()}
            found[name] = spec.model_copy(update={"parameters": {**spec.parameters, **files}})
        return found

    def classifier_files(self, name: str) -> dict[str, Path]:
        """Return a classifier's parameters that `FILES` of its module says may be files.

        They are looked for as all paths of a study file; a word that is no file stays as it is.
        """
        spec = self.spec.classifier(name)
        known = getattr(registry.classifiers.get(spec.kind), "FILES", ())
        paths = {
            key: find_path(str(spec.parameters[key]), self.base)
            for key in known
            if key in spec.parameters
        }
        return {key: path.absolute() if path.is_file() else path for key, path in paths.items()}

    def needed(self) -> dict[str, RepresentationSpec]:
        """Return the representations of the curve, and before each those it is made of."""
        found: dict[str, RepresentationSpec] = {}

        def add(name: str) -> None:
            spec = _stage("tune").tuned(self, name)
            for parent in parents(spec):
                add(parent)
            found.setdefault(name, spec)

        for name in self.representations():
            add(name)
        return found

    def first_alike(self, spec: RepresentationSpec, key: str) -> str:
        """Return the first representation whose options differ in one key at most."""
        wanted = spec.without(key)
        return next(name for name, own in self.needed().items() if own.without(key) == wanted)

    def run(self, until: str | None = None, force: str | None = None) -> Path:
        """Run all stages up to `until`, skipping what is current.

        Parameters
        ----------
        until : str, optional
            The last stage to run.
        force : str, optional
            Make this stage and all behind it again, current or not.

        Returns
        -------
        Path
            The study's folder.

        Raises
        ------
        SpecError
            If there is no such stage.
        """
        for name in filter(None, (until, force)):
            if name not in STAGES:
                raise SpecError(f"There is no stage '{name}'; {nearest(name, STAGES)}")
        last = STAGES.index(until) if until else len(STAGES) - 1
        forced = STAGES.index(force) if force else len(STAGES)
        for number, stage in enumerate(STAGES[: last + 1]):
            for step in _stage(stage).steps(self):
                self._run_step(step, number >= forced)
        return self.folder

    def tune(self) -> Path:
        """Search the best autoencoder as `[tuning]` says; it becomes the study's.

        Returns
        -------
        Path
            The study's folder.
        """
        self.run(until="chunks")
        for step in _stage("tune").steps(self):
            self._run_step(step, False)
        return self.folder

    def _run_step(self, step: Step, forced: bool) -> None:
        if not forced and is_current(step.outputs, step.fingerprint):
            return
        say(step.name, style="bold")
        # Outputs lose their marks before they change: a killed step can't leave a new file
        # beside an old fingerprint.
        discard(step.outputs)
        began = time.perf_counter()
        step.make()
        seal(step.outputs, step.fingerprint)
        if step.parts is not None:
            shutil.rmtree(step.parts, ignore_errors=True)
        self._note(step, time.perf_counter() - began)

    def _note(self, step: Step, seconds: float) -> None:
        """Add a finished step to `provenance.json`."""
        import json

        path = self.folder / "provenance.json"
        known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        peak = sum(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        steps = known.get("steps", {})
        steps[step.name] = {
            "fingerprint": step.fingerprint,
            "seconds": round(seconds, 3),
            # Linux counts in kibibytes, macOS in bytes.
            "peak_memory_mib": round(peak / (2**20 if sys.platform == "darwin" else 2**10)),
        }
        write_json(path, {**_circumstances(), "study": dump(self.spec), "steps": steps})


def dump(spec: Any) -> Any:
    """Return a model as plain data, the keys of adapters and kinds included."""
    if isinstance(spec, Table):
        return {name: dump(getattr(spec, name)) for name in type(spec).model_fields}
    if isinstance(spec, dict):
        return {key: dump(value) for key, value in spec.items()}
    if isinstance(spec, list | tuple):
        return [dump(value) for value in spec]
    return spec


def kind_of(spec: RepresentationSpec) -> Any:
    """Return the module of a representation's kind."""
    return registry.representations.get(spec.kind)


def _stage(name: str) -> Any:
    from importlib import import_module

    return import_module(f"semisup.stages.{name}")


def _circumstances() -> dict[str, Any]:
    return {
        "versions": {"python": platform.python_version()}
        | {library: version(library) for library in _LIBRARIES},
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": _cores(),
        },
    }


def _cores() -> int:
    from joblib import cpu_count

    return int(cpu_count())
