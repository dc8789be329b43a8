"""The options that `semisup tune` chose: `tuned.json` in, a representation's options out.

While the fingerprint in it is that of all that the choice was made from, the chosen options are
the representation's, in every stage.
"""

import json
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from semisup.engine.progress import say
from semisup.errors import SpecError
from semisup.features.kinds import kind_of
from semisup.reading.tuning_checks import tuned_name
from semisup.stages import fingerprints
from semisup.study.controls import Control, control_in, controlled
from semisup.study.spec import RepresentationSpec, StudySpec
from semisup.study.study import Study, dump
from semisup.study.tuning_spec import TuningSpec


def tuned_options(study: Study, name: str, chunks: str) -> RepresentationSpec:
    """Return a representation's options: the tuned ones if there are any and they hold.

    Parameters
    ----------
    study : Study
    name : str
        Of the representation.
    chunks : str
        Fingerprint of the chunk store.
    """
    options = study.spec.representations[name]
    owner, control = controlled(name, study.spec.representations), control_in(name)
    if owner and control:
        return _of_control(study, owner, control, options, chunks)
    path = study.folder / name / "tuned.json"
    if not path.exists():
        return options
    try:
        choice = json.loads(path.read_text())
        if tuned_name(study.spec) == name and choice["fingerprint"] == of_search(
            study.spec, chunks
        ):
            return type(options).model_validate(choice["options"])
    except (ValueError, KeyError, TypeError, SpecError, ValidationError):
        pass  # whatever is wrong with the file, it does not hold
    _tell_stale(path)
    return options


def _of_control(
    study: Study, owner: str, control: Control, options: RepresentationSpec, chunks: str
) -> RepresentationSpec:
    """Return the options of a control, which follow those that are chosen for its owner."""
    written = kind_of(study.spec.representations[owner]).controls()
    # one that the study file writes out itself stays as it is there
    if written.get(control) != options:
        return options
    return kind_of(tuned_options(study, owner, chunks)).controls()[control]


def of_search(spec: StudySpec, chunks: str) -> str:
    """Return the fingerprint of the search and its choice."""
    return fingerprints.of_tuning(spec, tuned_name(spec), dump(tuning_of(spec)), chunks)


def tuning_of(spec: StudySpec) -> TuningSpec:
    """Return `[tuning]`, all defaults if the study has none."""
    return spec.tuning or TuningSpec()


# once a process, however often the study is resolved
@cache
def _tell_stale(path: Path) -> None:
    say(
        f"{path} was made for another [tuning], other options or data: it is ignored, and the "
        "study file's own options hold; `semisup tune` chooses again",
        tone="caution",
    )
