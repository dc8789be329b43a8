"""What `semisup predict` is given: an exported model, or a finished study."""

from collections.abc import Sequence
from pathlib import Path

from semisup.engine.parallel import Workers
from semisup.errors import SpecError
from semisup.prediction.contents import is_sealed
from semisup.prediction.exported import load_model
from semisup.prediction.model import Model
from semisup.prediction.system import study_model
from semisup.reading import read_study
from semisup.remote.outputs import up_to_date
from semisup.remote.urls import url_of
from semisup.study.paths import with_home


def open_model(
    place: Path, system: str | None, out: Path, overrides: Sequence[str], workers: Workers
) -> tuple[Model, Path]:
    """Return a model, and the folder below which its predictions are written if nobody says where.

    Parameters
    ----------
    place : Path
        An exported model, or a study as `semisup.read_study` takes it.
    system, out, overrides, workers
        Of a study.

    Raises
    ------
    SpecError
        If a model is asked for another system than its own.
    """
    if not is_sealed(with_home(place)):
        opened = read_study(place, out, overrides)
        up_to_date(opened.folder)
        model = study_model(opened, system, workers).with_scratch(opened.folder)
        # a copy of what is elsewhere is no place for what a person looks for
        return model, Path() if url_of(opened.folder) else opened.folder
    model = load_model(place, workers.jobs, scheduler=workers.scheduler)
    if system not in (None, model.about.system):
        raise SpecError(f"{place} is a model of {model.about.system}, not of '{system}'")
    if overrides:
        raise SpecError(f"{place} is a model: --set is for studies, and nothing of it can be set")
    return model.with_scratch(Path()), Path()
