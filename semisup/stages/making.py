"""Making a step: skipped where current, sealed with its fingerprint, noted in `provenance.json`."""

import json
import platform
import resource
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from semisup.engine.artefacts import begun, forsake, seal, write_json
from semisup.engine.gpus import gpus
from semisup.engine.noted import refuse
from semisup.engine.progress import say, say_more, time_words
from semisup.engine.step import Step
from semisup.stages.versions import versions_of
from semisup.study.study import Study, dump

#: Whose versions `provenance.json` names of every study.
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


def run_step(study: Study, step: Step, forced: bool = False, before: float = 0.0) -> None:
    """Make a step's outputs unless they are current, and note it in `provenance.json`.

    `before` are seconds that another process has spent on it already.

    Raises
    ------
    ChangedError
        If what it was made of changed meanwhile: its outputs are not sealed.
    """
    if not forced and step.is_current:
        say_more(f"{step.name}: current")
        study.noted.note(step.outputs)
        return
    say(step.name, tone="step")
    began = time.perf_counter()
    _make(study, step)
    seal(step.outputs, step.fingerprint)
    study.noted.note((*step.outputs, *step.adds_to))
    # only now: a step killed before it is sealed goes on from its parts
    if step.parts is not None:
        shutil.rmtree(step.parts, ignore_errors=True)
    seconds = before + time.perf_counter() - began
    say_more(f"  {step.name}: {time_words(seconds)}")
    for path in step.outputs:
        say_more(f"  {path}")
    _note(study, step, seconds)


def _make(study: Study, step: Step) -> None:
    """Let a step make its outputs, and look again at what it made them of."""
    # Outputs lose their fingerprints before they change: a killed step can't leave a new file
    # beside an old fingerprint.
    new = begun(step.outputs)
    changing = (*step.outputs, *step.adds_to)
    try:
        step.make()
    except Exception:
        forsake(new)
        # what was half of one thing and half of another may have been why
        _refuse_changes(study, step, changing)
        raise
    _refuse_changes(study, step, changing)


def _refuse_changes(study: Study, step: Step, changing: Iterable[Path]) -> None:
    changed = study.noted.changed(changing)
    if changed and step.parts is not None:
        # some of them are of what was there before
        shutil.rmtree(step.parts, ignore_errors=True)
    refuse(changed, step.name)


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
        **_of_packages(step),
    }
    write_json(path, {**_circumstances(), "study": dump(study.spec), "steps": steps})


def _of_packages(step: Step) -> dict[str, Any]:
    """Return the versions of what computed a step alone."""
    more = tuple(package for package in step.packages if package not in _LIBRARIES)
    return {"versions": versions_of(more)} if more else {}


def _circumstances() -> dict[str, Any]:
    """Return versions and the machine."""
    from joblib import cpu_count

    return {
        "versions": {"python": platform.python_version()} | versions_of(_LIBRARIES),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": int(cpu_count()),
            "gpus": gpus(),
        },
    }
