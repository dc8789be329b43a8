"""The catalogue of figures: what each of them shows, what it needs, which options it takes.

`semisup plot` with its help, the stages, the report and docs/FIGURES.md read this table. It is read
without matplotlib and pandas, which the functions that draw import on use.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semisup.errors import SpecError
from semisup.figures import drawings
from semisup.figures.needs import (
    CHUNKS,
    CLASSES,
    CLUSTERS,
    COMPARISON,
    DURATIONS,
    FEATURES,
    HISTORIES,
    IMPORTANCE,
    LABELS,
    MANIFEST,
    NUMBERS,
    PREDICTIONS,
    QUERIES,
    RECORDINGS,
    SPLIT,
    TRAINED,
    Need,
)
from semisup.figures.options import (
    BASELINE,
    BUDGET,
    METHOD,
    METRIC,
    OF_ALL,
    OF_ALL_OR_MEAN,
    OF_ASKING,
    OF_EVERY,
    OF_FIRST,
    OF_MEAN,
    REPRESENTATION,
    Option,
    require,
)
from semisup.study.paths import with_home

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from semisup.figures.study_tables import StudyTables


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

    def check(self, tables: "StudyTables", options: Mapping[str, str | float]) -> None:
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
                takers = [kind.name for kind in _KINDS if name in kind.takes]
                who = f"those that do: {', '.join(takers)}" if takers else "no figure does"
                raise SpecError(f"The figure '{self.name}' takes no {name}; {who}")
            text = value if isinstance(value, str) else f"{value:g}"
            require(text, by_name[name].choices(tables), name)

    @property
    def takes(self) -> list[str]:
        """Names of its options."""
        return [option.name for option in self.options]

    def figure(
        self,
        tables: "StudyTables",
        *,
        width: str | float | None = None,
        style: str = "paper",
        title: str | None = None,
        **options: str | float | None,
    ) -> "Figure":
        """Draw the figure; parameters and errors as of `draw_scores`."""
        from semisup.figures.look import looking, thicken
        from semisup.figures.panel import entitle

        chosen = {name: value for name, value in options.items() if value is not None}
        self.check(tables, chosen)
        if METRIC in self.options and tables.metric is not None:
            chosen.setdefault("metric", tables.metric)
        if "budget" in chosen:
            chosen["budget"] = float(chosen["budget"])
        with looking(style, width):
            figure = self.draw(tables, **chosen)
            if title is not None:
                entitle(figure, title)
            thicken(figure)
        return figure

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
        "every system at one label budget, best on top",
        (),
        (METRIC, OF_ALL, BUDGET),
        drawings.draw_systems,
    ),
    FigureKind(
        "difference",
        "the difference of two representations by label budget, a panel a classifier",
        (COMPARISON,),
        (METRIC, OF_ALL_OR_MEAN, REPRESENTATION, BASELINE),
        drawings.draw_difference,
        lambda tables: [{"representation": a, "baseline": b} for a, b in drawings.pairs_of(tables)],
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
        "queries",
        "a classifier on recordings that it asks for and on those drawn, a panel a representation",
        (QUERIES,),
        (METRIC, OF_ASKING),
        drawings.draw_queries,
        lambda tables: [{"classifier": name} for name in drawings.asking(tables)],
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
        "confusion matrices of a classifier at one label budget, a panel a representation",
        (PREDICTIONS, LABELS, CLASSES),
        (OF_FIRST, REPRESENTATION, BUDGET),
        drawings.draw_confusion,
        lambda tables: [{"classifier": name} for name in tables.classifiers],
    ),
    FigureKind(
        "importance",
        "how much a metric drops where features of the test recordings are permuted",
        (IMPORTANCE,),
        (METRIC, OF_MEAN, REPRESENTATION),
        drawings.draw_importance,
        lambda tables: [{"representation": name} for name in drawings.permuted_of(tables)],
    ),
    FigureKind(
        "agreement",
        "predicted against true numbers of a classifier at one label budget, a panel a "
        "representation",
        (PREDICTIONS, NUMBERS),
        (OF_FIRST, REPRESENTATION, BUDGET),
        drawings.draw_agreement,
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
        "clusters",
        "whether a representation holds classes or speakers: clusters and nearest neighbours",
        (CLUSTERS,),
        (),
        drawings.draw_clusters,
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
        "loss and accuracy of a network's fits at one label budget by epoch",
        (HISTORIES,),
        (OF_FIRST, REPRESENTATION, BUDGET),
        drawings.draw_network_history,
    ),
)
#: Every kind of figure by its name.
FIGURES = {kind.name: kind for kind in _KINDS}


def draw_scores(
    scores: Path,
    kind: str = "curve",
    *,
    width: str | float | None = None,
    style: str = "paper",
    title: str | None = None,
    **options: str | float | None,
) -> "Figure":
    """Draw a figure of a study from its scores and the tables beside them.

    Parameters
    ----------
    scores : Path
        `scores.csv` or `scores.parquet`. The chance level is drawn where the study's manifest and
        split lie beside it, and a collapsed encoder is called so where its health does.
    kind : str
        One of `FIGURES`.
    width : str or float, optional
        Inches, "column" (3.4 inches, of a paper with two) or "page" (7.0); what suits the figure if
        left out.
    style : {"paper", "talk"}
        Letters of 7 to 9 points, or slides: a column is 6 inches wide, a page 12, with letters of
        14 to 18 points.
    title : str, optional
        In the place of the figure's; an empty one for none.
    **options
        ``metric``, ``classifier``, ``representation``, ``baseline``, ``budget`` or ``method``:
        those that the figure takes. None leaves one out.

    Raises
    ------
    TableError
        If a table cannot be read, or the figure needs one that is not there.
    SpecError
        If the figure does not take one of the options, or cannot be so wide.
    UnknownNameError
        If there is no such kind, style, metric, classifier, representation or budget.
    """
    from semisup.figures.study_tables import StudyTables

    require(kind, FIGURES, "kind of figure")
    scores = with_home(scores)
    tables = StudyTables(scores.parent, scores)
    return FIGURES[kind].figure(tables, width=width, style=style, title=title, **options)


def plot_scores(scores: Path, output: Path, kind: str = "curve", **options: Any) -> Path:
    """Write what `draw_scores` draws, with its options and errors.

    Parameters
    ----------
    scores : Path
    output : Path
        Ends in .png, .svg or .pdf.
    kind : str
    **options
    """
    from semisup.figures.style import save

    return save(draw_scores(scores, kind, **options), with_home(output))


def help_of(option: str) -> str:
    """Say which figures take an option, and what it is."""
    if option in OF_EVERY:
        return OF_EVERY[option]
    takers: dict[str, list[str]] = {}
    for kind in FIGURES.values():
        for taken in kind.options:
            if taken.name == option:
                takers.setdefault(taken.summary, []).append(kind.name)
    return "; ".join(f"{', '.join(names)}: {summary}" for summary, names in takers.items())
