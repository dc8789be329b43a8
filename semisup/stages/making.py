"""Making a step: skipped where current, sealed with its fingerprint, noted in `provenance.json`."""

import json
import platform
import resource
import shutil
import sys
import time
from importlib.metadata import version
from typing import Any

from semisup.engine.artefacts import discard, seal, write_json
from semisup.engine.progress import say, say_more, time_words
from semisup.engine.step import Step
from semisup.study.study import Study, dump

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


def run_step(study: Study, step: Step, forced: bool = False) -> None:
    """Make a step's outputs unless they are current, and note it in `provenance.json`."""
    if not forced and step.is_current:
        say_more(f"{step.name}: current")
        return
    say(step.name, tone="step")
    # Outputs lose their fingerprints before they change: a killed step can't leave a new file
    # beside an old fingerprint.
    discard(step.outputs)
    began = time.perf_counter()
    step.make()
    seal(step.outputs, step.fingerprint)
    # only now: a step killed before it is sealed goes on from its parts
    if step.parts is not None:
        shutil.rmtree(step.parts, ignore_errors=True)
    seconds = time.perf_counter() - began
    say_more(f"  {step.name}: {time_words(seconds)}")
    for path in step.outputs:
        say_more(f"  {path}")
    _note(study, step, seconds)


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
