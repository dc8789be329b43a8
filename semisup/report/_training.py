"""The section on training: the health of learned representations, their losses and pictures."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from semisup.figures.accuracy_history import COLUMNS as ACCURACIES
from semisup.figures.accuracy_history import kept_accuracy, plot_accuracy_history
from semisup.figures.catalogue import FIGURES
from semisup.figures.drawings import draw_projection
from semisup.figures.loss_history import COLUMNS as LOSSES
from semisup.figures.loss_history import plot_loss_history
from semisup.figures.network_history import fits_of, kept_epochs, plot_network_history
from semisup.figures.panel import figure_of
from semisup.figures.study_tables import StudyTables
from semisup.report._images import Picture, picture, picture_of_file
from semisup.report._words import classifier_name, name_of, number

#: Trainings that a reader sees at once; others are folded away.
_MODELS = 4
_MEASURES = {
    "effective_rank": ("Directions in use", 1),
    "latent_dim": ("Codes", 0),
    "dead_units": ("Dead units (share)", 2),
    "relative_error": ("Error relative to the mean spectrogram", 2),
    "share_seen": ("Share of the input seen", 2),
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
    reconstruction: Picture | None = None
    accuracies: Picture | None = None

    @property
    def stands_alone(self) -> bool:
        """Whether there is one picture, and a wide one: it may take the room beside it."""
        there = [one for one in (self.losses, self.reconstruction, self.accuracies) if one]
        return len(there) == 1 and there[0].is_wide


@dataclass(frozen=True)
class Training:
    """What the section shows."""

    models: list[Trained]
    projection: Picture | None

    @property
    def open_models(self) -> list[Trained]:
        """Those that a reader sees at once."""
        return self.models[:_MODELS]

    @property
    def folded_models(self) -> list[Trained]:
        """Those that a reader unfolds."""
        return self.models[_MODELS:]


def describe_training(tables: StudyTables) -> Training:
    """Gather the section."""
    possible = FIGURES["projection"].is_possible(tables)
    return Training(models_of(tables), picture(draw_projection(tables)) if possible else None)


def models_of(tables: StudyTables) -> list[Trained]:
    """Gather the learned representations, in the order of the study."""
    models = []
    for name in tables.representations:
        health, history = tables.json(f"{name}/health.json"), tables.history(name)
        if health is not None:
            models.append(_trained(tables, name, health))
        elif history is not None and set(ACCURACIES) <= set(history.columns) and len(history):
            models.append(_refitted(tables, name, history))
    return [*models, *(_network(tables, *system) for system in tables.networks)]


def _network(tables: StudyTables, classifier: str, name: str) -> Trained:
    """Show a network's fits with the most labels."""
    assert tables.histories is not None  # there are networks
    fits = fits_of(tables.histories, classifier, name)
    kept = kept_epochs(fits)
    measured = {"Accuracy, training": "accuracy", "Accuracy, validation": "val_accuracy"}
    return Trained(
        f"{classifier}@{name}",
        f"{classifier_name(classifier)} on {name_of(name)}",
        "fitted anew in every cell of the curve; shown are the fits with the most labels, one line "
        "a draw",
        False,
        [
            *((title, number(float(kept[key].mean()))) for title, key in measured.items()),
            ("Epochs, longest fit", str(int(fits["epoch"].max()))),
        ],
        picture(plot_network_history(tables.histories, classifier, name)),
    )


def _refitted(tables: StudyTables, name: str, history: pd.DataFrame) -> Trained:
    """Show the fit on all labels of a kind that is fitted anew in every cell."""
    kept = kept_accuracy(history)
    row = history.iloc[-1] if kept is None else history.set_index("epoch").loc[kept[0]]
    return Trained(
        name,
        name_of(name),
        "fitted anew in every cell of the curve; shown is the fit on all labels",
        False,
        [
            ("Accuracy, training", number(float(row["accuracy"]))),
            ("Accuracy, validation", number(float(row["val_accuracy"]))),
            *_test_accuracies(tables),
        ],
        _losses(tables, name),
        accuracies=picture(figure_of(plot_accuracy_history(history, name))),
    )


def _test_accuracies(tables: StudyTables) -> list[tuple[str, str]]:
    """Give the test accuracy of networks' own answers, mean of the draws at the largest budget."""
    summary = tables.summary
    rows = summary[(summary["classifier"] == "argmax") & (summary["metric"] == "accuracy")]
    rows = rows[rows["percentage"] == summary["percentage"].max()]
    return [
        (f"Accuracy, test ({name_of(name)})", number(mean))
        for name, mean in rows[["representation", "mean"]].itertuples(index=False)
    ]


def _trained(tables: StudyTables, name: str, health: dict[str, Any]) -> Trained:
    drawn = tables.folder / "figures" / f"reconstruction_{name}.png"
    return Trained(
        name,
        name_of(name),
        str(health.get("verdict", "no verdict was written")),
        bool(health.get("collapsed")),
        [
            (title, number(float(health[key]), digits))
            for key, (title, digits) in _MEASURES.items()
            if isinstance(health.get(key), int | float)
        ],
        _losses(tables, name),
        picture_of_file(drawn) if drawn.exists() else None,
    )


def _losses(tables: StudyTables, name: str) -> Picture | None:
    history = tables.history(name)
    if history is None or not set(LOSSES) <= set(history.columns) or history.empty:
        return None
    return picture(figure_of(plot_loss_history(history, name)))
