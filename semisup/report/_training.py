"""The section on training: the health of learned representations, their losses and pictures."""

from typing import Any, NamedTuple

from semisup.figures.loss_history import COLUMNS as LOSSES
from semisup.figures.loss_history import plot_loss_history
from semisup.report._images import Picture, picture, picture_of_file
from semisup.report._words import name_of, number
from semisup.study_tables import StudyTables

_FIGURES = {
    "effective_rank": ("Directions in use", 1),
    "latent_dim": ("Codes", 0),
    "dead_units": ("Dead units (share)", 2),
    "relative_error": ("Error relative to the mean spectrogram", 2),
    "chunks": ("Chunks", 0),
}


class Trained(NamedTuple):
    """One learned representation."""

    name: str
    title: str
    verdict: str
    collapsed: bool
    figures: list[tuple[str, str]]
    losses: Picture | None
    reconstruction: Picture | None


def describe_training(tables: StudyTables) -> list[Trained]:
    """Gather the learned representations, in the order of the study."""
    found = ((name, tables.json(f"{name}/health.json")) for name in tables.representations)
    return [_trained(tables, name, health) for name, health in found if health is not None]


def _trained(tables: StudyTables, name: str, health: dict[str, Any]) -> Trained:
    drawn = tables.folder / "figures" / f"reconstruction_{name}.png"
    return Trained(
        name,
        name_of(name),
        str(health.get("verdict", "no verdict was written")),
        bool(health.get("collapsed")),
        [
            (title, number(float(health[key]), digits))
            for key, (title, digits) in _FIGURES.items()
            if isinstance(health.get(key), int | float)
        ],
        _losses(tables, name),
        picture_of_file(drawn) if drawn.exists() else None,
    )


def _losses(tables: StudyTables, name: str) -> Picture | None:
    history = tables.history(name)
    if history is None or not set(LOSSES) <= set(history.columns) or history.empty:
        return None
    figure: Any = plot_loss_history(history, name).figure
    return picture(figure)
