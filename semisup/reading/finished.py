"""A study that has run, as its own folder knows it, for what is made of its tables alone."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from semisup.engine.progress import say
from semisup.errors import SpecError
from semisup.reading.file import parse_study, read_study
from semisup.remote.outputs import up_to_date
from semisup.study.paths import with_home
from semisup.study.spec import StudySpec
from semisup.study.study import Study, dump

#: Tables of a study file that its scores do not depend on.
_OF_THE_PAGE = ("plot", "report")


def finished_study(path: Path, out: Path | str, overrides: Sequence[str] = ()) -> Study:
    """Return a study as it ran, with what the study file says of figures and report now.

    Parameters
    ----------
    path : Path
        A study file, the folder of a `study.toml`, or the folder that a run has written.
    out, overrides
        As of `read_study`.

    Raises
    ------
    SpecError
        If the study has not run yet.
    """
    path = with_home(path)
    if (path / "provenance.json").exists() and not (path / "study.toml").exists():
        return _as_it_ran(path)
    written = read_study(path, out, overrides)
    up_to_date(written.folder)
    ran = _as_it_ran(written.folder)
    old, new = dump(ran.spec), dump(written.spec)
    changed = [name for name in new if name not in _OF_THE_PAGE and old[name] != new[name]]
    if changed:
        tables = ", ".join(f"[{name}]" for name in changed)
        say(
            f"{path} says something else in {tables} than when the study ran: the report is of "
            "that run, and `semisup run` makes a new one",
            tone="caution",
        )
    of_the_page = {name: getattr(written.spec, name) for name in _OF_THE_PAGE}
    return replace(ran, spec=ran.spec.model_copy(update=of_the_page))


def _spec_of(document: dict[str, Any], where: str) -> StudySpec:
    """Read the study that ran; one of predictions made elsewhere has neither corpus nor kinds."""
    if not document.get("corpus"):
        return StudySpec.model_validate(document)
    return parse_study(document, where)


def _as_it_ran(folder: Path) -> Study:
    """Read the study that a run has noted beside its results."""
    path = folder / "provenance.json"
    if not path.exists():
        raise SpecError(f"{folder} holds no study that has run: `semisup run` makes one")
    try:
        spec = _spec_of(json.loads(path.read_text("utf-8"))["study"], str(path))
    except SpecError as error:
        raise SpecError(
            f"The study in {folder} ran with keys that are refused by now, so that `semisup run` "
            f"has to make it again: {error}"
        ) from error
    # a folder that was moved or copied has the name that it has now
    name = folder.absolute().name
    return Study(spec.model_copy(update={"name": name}), out=folder.absolute().parent)
