"""The catalogue of figures: what each of them shows, what it needs, which options it takes.

`semisup plot` with its help, the stages, the report and docs/FIGURES.md read this table. It is read
without matplotlib and pandas, which the functions that draw import on use.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semisup.errors import SpecError, UnknownNameError, nearest
from semisup.figures import drawings
from semisup.figures.needs import (
    CHUNKS,
    COMPARISON,
    DURATIONS,
    FEATURES,
    HISTORIES,
    LABELS,
    MANIFEST,
    PREDICTIONS,
    RECORDINGS,
    SPLIT,
    TRAINED,
    Need,
)
from semisup.metrics import METRICS
from semisup.study.paths import with_home

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from semisup.figures.study_tables import StudyTables


@dataclass(frozen=True)
class Option:
    """What can be chosen of a figure."""

    name: str
    summary: str
    choices: "Callable[[StudyTables], Iterable[str]]"


METRIC = Option("metric", f"one of {', '.join(METRICS)}", lambda tables: METRICS)
OF_ALL = Option("classifier", "this one; all if left out", lambda tables: tables.classifiers)
OF_ALL_OR_MEAN = Option(
    "classifier",
    "this one, or mean; all if left out",
    lambda tables: [*tables.classifiers, "mean"],
)
OF_FIRST = Option(
    "classifier", "this one; the first if left out", lambda tables: tables.classifiers
)
REPRESENTATION = Option("representation", "this one", lambda tables: tables.representations)
BASELINE = Option(
    "baseline", "compare with this representation", lambda tables: tables.representations
)
METHOD = Option("method", "pca or umap", lambda tables: ("pca", "umap"))


@dataclass(frozen=True)
class FigureKind:
    """One kind of figure.

    Attributes
    ----------
    name : str
        What ``--kind`` calls it; its files in a study begin with it.
    summary : str
        What it shows, in a line.
    needs : tuple of Need
        What must lie beside the scores.
    options : tuple of Option
        What can be chosen of it; what ``draw`` takes beside the tables, by the same names.
    draw : callable
        Takes the tables of a study and the options; returns a Figure.
    of_study : callable, optional
        Returns the options of each figure of the kind that the report stage draws.
    """

    name: str
    summary: str
    needs: tuple[Need[Any], ...]
    options: tuple[Option, ...]
    draw: "Callable[..., Figure]"
    of_study: "Callable[[StudyTables], Sequence[Mapping[str, str]]] | None" = None

    def is_possible(self, tables: "StudyTables") -> bool:
        """Tell whether all that it needs is there."""
        return all(need.read(tables) is not None for need in self.needs)

    def check(self, tables: "StudyTables", options: Mapping[str, str]) -> None:
        """Check options by name and value.

        Raises
        ------
        SpecError
            If the figure does not take one of them.
        UnknownNameError
            If there is nothing of that name.
        """
        by_name = {option.name: option for option in self.options}
        for name, value in options.items():
            if name not in by_name:
                takes = " and ".join(by_name) or "no option"
                raise SpecError(f"The figure '{self.name}' takes no {name}; it takes {takes}")
            _require(value, by_name[name].choices(tables), name)

    def figures(self, tables: "StudyTables", metric: str) -> "dict[str, Callable[[], Figure]]":
        """Return how to draw each figure of the report stage, by its name as a file."""
        if self.of_study is None or not self.is_possible(tables):
            return {}
        # bound, not drawn: the stage asks for the names alone to see whether figures are current
        draw = partial(self.draw, tables)
        if METRIC in self.options:
            draw = partial(draw, metric=metric)
        return {
            "_".join([self.name, *options.values()]): partial(draw, **options)
            for options in self.of_study(tables)
        }


_KINDS = (
    FigureKind(
        "curve",
        "a metric against the percentage of labelled data",
        (),
        (METRIC, OF_ALL),
        drawings.draw_curve,
    ),
    FigureKind(
        "systems",
        "every system at the largest label budget, best on top",
        (),
        (METRIC, OF_ALL),
        drawings.draw_systems,
    ),
    FigureKind(
        "difference",
        "paired differences from a representation, by label budget",
        (COMPARISON,),
        (METRIC, OF_ALL_OR_MEAN, BASELINE),
        drawings.draw_difference,
        lambda tables: [{"baseline": name} for name in drawings.baselines_of(tables)],
    ),
    FigureKind(
        "learning",
        "what learning added to a representation, by label budget",
        (COMPARISON,),
        (METRIC, REPRESENTATION),
        drawings.draw_learning,
        lambda tables: [{"representation": name} for name in drawings.controlled_of(tables)],
    ),
    FigureKind(
        "heat_map",
        "the difference of two representations by classifier and label budget",
        (COMPARISON,),
        (METRIC, REPRESENTATION, BASELINE),
        drawings.draw_heat_map,
        lambda tables: [{"representation": a, "baseline": b} for a, b in drawings.pairs_of(tables)],
    ),
    FigureKind(
        "verdict_map",
        "who is ahead of two representations by classifier and label budget, and by how much",
        (COMPARISON,),
        (METRIC, REPRESENTATION, BASELINE),
        drawings.draw_verdict_map,
        lambda tables: [
            {"representation": name, "baseline": tables.baseline}
            for name in drawings.compared_with_baseline(tables)
        ],
    ),
    FigureKind(
        "confusion",
        "confusion matrices of a classifier at a few label budgets",
        (PREDICTIONS, LABELS),
        (OF_FIRST,),
        drawings.draw_confusion,
        lambda tables: [{"classifier": name} for name in tables.classifiers],
    ),
    FigureKind(
        "projection",
        "the recordings of each representation in a plane, by class and by speaker",
        (RECORDINGS, FEATURES),
        (REPRESENTATION, METHOD),
        drawings.draw_projection,
        lambda tables: [{}],
    ),
    FigureKind(
        "durations",
        "signal lengths, and the share of recordings that each chunk length would drop",
        (DURATIONS, MANIFEST, CHUNKS, SPLIT),
        (),
        drawings.draw_durations,
    ),
    FigureKind(
        "loss_history",
        "training and validation loss of a learned representation by epoch",
        (TRAINED,),
        (REPRESENTATION,),
        drawings.draw_loss_history,
    ),
    FigureKind(
        "network_history",
        "loss and accuracy of a network's fits by epoch",
        (HISTORIES,),
        (OF_FIRST, REPRESENTATION),
        drawings.draw_network_history,
    ),
)
#: Every kind of figure by its name.
FIGURES = {kind.name: kind for kind in _KINDS}


def plot_scores(scores: Path, output: Path, kind: str = "curve", **options: str | None) -> Path:
    """Draw a figure of a study from its scores and the tables beside them.

    Parameters
    ----------
    scores : Path
        `scores.csv` or `scores.parquet`. The chance level is drawn where the study's manifest and
        split lie beside it, and a collapsed encoder is called so where its health does.
    output : Path
        Ends in .png, .svg or .pdf.
    kind : str
        One of `FIGURES`.
    **options
        ``metric``, ``classifier``, ``representation``, ``baseline`` or ``method``: those that the
        figure takes. None leaves one out.

    Raises
    ------
    TableError
        If a table cannot be read, or the figure needs one that is not there.
    SpecError
        If the figure does not take one of the options.
    UnknownNameError
        If there is no such kind, metric, classifier or representation.
    """
    from semisup.figures.study_tables import StudyTables
    from semisup.figures.style import save

    _require(kind, FIGURES, "kind of figure")
    scores, output = with_home(scores), with_home(output)
    tables = StudyTables(scores.parent, scores)
    chosen = {name: value for name, value in options.items() if value is not None}
    FIGURES[kind].check(tables, chosen)
    return save(FIGURES[kind].draw(tables, **chosen), output)


def help_of(option: str) -> str:
    """Say which figures take an option, and what it is."""
    takers: dict[str, list[str]] = {}
    for kind in FIGURES.values():
        for taken in kind.options:
            if taken.name == option:
                takers.setdefault(taken.summary, []).append(kind.name)
    return "; ".join(f"{', '.join(names)}: {summary}" for summary, names in takers.items())


def _require(name: str, choices: Iterable[str], what: str) -> None:
    names = list(choices)
    if name not in names:
        raise UnknownNameError(f"There is no {what} '{name}'; {nearest(name, names)}")
