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
from semisup.study.controls import control_in, controlled
from semisup.study.spec import RepresentationSpec, StudySpec, TuningSpec
from semisup.study.study import Study, dump


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
    options, representations = study.spec.representations[name], study.spec.representations
    owner, control = controlled(name, representations), control_in(name)
    if owner and control:
        chosen = tuned_options(study, owner, chunks)
        # what is written in the study file stays, as that of a representation that is not tuned
        is_tuned = chosen != representations[owner]
        return kind_of(chosen).controls().get(control, options) if is_tuned else options
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
        style="yellow",
    )
