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
        return study_model(opened, system, workers), opened.folder
    model = load_model(place, workers.jobs)
    if system not in (None, model.about.system):
        raise SpecError(f"{place} is a model of {model.about.system}, not of '{system}'")
    if overrides:
        raise SpecError(f"{place} is a model: --set is for studies, and nothing of it can be set")
    return model, Path()
