"""Running a study: resolved once, then stage by stage, skipping what is current."""

import json
import platform
import resource
import shutil
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from semisup.engine.artefacts import discard, seal, write_json
from semisup.engine.lock import locked
from semisup.engine.parallel import Workers
from semisup.engine.progress import say
from semisup.engine.step import Step
from semisup.errors import SpecError, nearest
from semisup.stages import (
    chunks,
    compare,
    curve,
    durations,
    features,
    manifest,
    plot,
    report,
    split,
    train,
    tune,
)
from semisup.stages.beforehand import check_parameters
from semisup.stages.resolved import ResolvedStudy, resolve
from semisup.study.study import Study, dump

#: In the order in which they run. The steps of a stage may depend on what those before it wrote.
STAGES: dict[str, Callable[[ResolvedStudy], list[Step]]] = {
    "manifest": manifest.steps,
    "split": split.steps,
    "durations": durations.steps,
    "chunks": chunks.steps,
    "train": train.steps,
    "features": features.steps,
    "curve": curve.steps,
    "compare": compare.steps,
    "plot": plot.steps,
    "report": report.steps,
}
#: Whose versions `provenance.json` names.
_LIBRARIES = (
    "keras",
    "numpy",
    "optuna",
    "pandas",
    "scikit-learn",
    "scipy",
    "semisup",
    "soundfile",
    "soxr",
    "tensorflow",
    "zarr",
)


def run_study(
    study: Study,
    until: str | None = None,
    force: str | None = None,
    workers: Workers | None = None,
) -> ResolvedStudy:
    """Run all stages up to `until`, skipping what is current.

    The study's folder is locked: where another run is at work in it, this one waits till its end.

    Parameters
    ----------
    study : Study
    until : str, optional
        The last stage to run.
    force : str, optional
        Make this stage and all after it again, current or not.
    workers : Workers, optional
        Who does parallel work; one process if left out.

    Raises
    ------
    SpecError
        If there is no such stage, or files of the user's are missing.
    OutputError
        If the study's folder cannot be written.
    """
    for name in filter(None, (until, force)):
        if name not in STAGES:
            raise SpecError(f"There is no stage '{name}'; {nearest(name, STAGES)}")
    # before it is resolved, which reads what another run may be about to write
    with locked(study.folder):
        return _run_stages(study, until, force, workers)


def tune_study(study: Study, workers: Workers | None = None) -> ResolvedStudy:
    """Search the best autoencoder as `[tuning]` says; it becomes the study's."""
    with locked(study.folder):
        resolved = _run_stages(study, "chunks", None, workers)
        for step in tune.steps(resolved):
            run_step(resolved, step)
    return resolved


def _run_stages(
    study: Study, until: str | None, force: str | None, workers: Workers | None
) -> ResolvedStudy:
    names = list(STAGES)
    resolved = resolve(study, workers)
    last = names.index(until) if until else len(names) - 1
    forced = names.index(force) if force else len(names)
    at = names.index("curve")
    # only where it is about to be made: a run with nothing to do imports nothing for it
    if last >= at and (forced <= at or not all(step.is_current for step in curve.steps(resolved))):
        check_parameters(resolved.classifiers)
    for number, name in enumerate(names[: last + 1]):
        for step in STAGES[name](resolved):
            run_step(resolved, step, number >= forced)
    return resolved


def run_step(study: Study, step: Step, forced: bool = False) -> None:
    """Make a step's outputs unless they are current, and note it in `provenance.json`."""
    if not forced and step.is_current:
        return
    say(step.name, style="bold")
    # Outputs lose their fingerprints before they change: a killed step can't leave a new file
    # beside an old fingerprint.
    discard(step.outputs)
    began = time.perf_counter()
    step.make()
    seal(step.outputs, step.fingerprint)
    # only now: a step killed before it is sealed goes on from its parts
    if step.parts is not None:
        shutil.rmtree(step.parts, ignore_errors=True)
    _note(study, step, time.perf_counter() - began)


def _note(study: Study, step: Step, seconds: float) -> None:
    """Add a finished step to `provenance.json`."""
    path = study.folder / "provenance.json"
    earlier: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    # of this process and of its largest child: there is no peak of all of them together
    peak = sum(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    steps = earlier.get("steps", {})
    steps[step.name] = {
        "fingerprint": step.fingerprint,
        "seconds": round(seconds, 3),
        # Linux counts in kibibytes, macOS in bytes.
        "peak_memory_mib": round(peak / (2**20 if sys.platform == "darwin" else 2**10)),
    }
    write_json(path, {**_circumstances(), "study": dump(study.spec), "steps": steps})


def _circumstances() -> dict[str, Any]:
    from joblib import cpu_count

    return {
        "versions": {"python": platform.python_version()}
        | {library: version(library) for library in _LIBRARIES},
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": int(cpu_count()),
        },
    }
