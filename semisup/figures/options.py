"""What can be chosen of figures, on the command line and from Python, and whether it is there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semisup.errors import UnknownNameError, nearest
from semisup.figures import drawings
from semisup.metrics import METRICS

if TYPE_CHECKING:
    from semisup.figures.study_tables import StudyTables


@dataclass(frozen=True)
class Option:
    """What can be chosen of a figure."""

    name: str
    summary: str
    choices: "Callable[[StudyTables], Iterable[str]]"


METRIC = Option(
    "metric",
    f"one of {', '.join(METRICS)}; the study's if left out",
    lambda tables: [name for name in METRICS if name in tables.scores],
)
OF_ALL = Option("classifier", "this one; all if left out", lambda tables: tables.classifiers)
OF_ALL_OR_MEAN = Option(
    "classifier",
    "this one, or mean; all if left out",
    lambda tables: [*tables.classifiers, "mean"],
)
OF_MEAN = Option(
    "classifier",
    "this one; the mean of all if left out",
    lambda tables: [*tables.classifiers, "mean"],
)
OF_FIRST = Option(
    "classifier", "this one; the first if left out", lambda tables: tables.classifiers
)
OF_ASKING = Option(
    "classifier", "this one of those with a query; the first if left out", drawings.asking
)
REPRESENTATION = Option("representation", "this one", lambda tables: tables.representations)
BASELINE = Option(
    "baseline", "compare with this representation", lambda tables: tables.representations
)
BUDGET = Option(
    "budget",
    "a percentage of labels; the largest if left out",
    lambda tables: [f"{budget:g}" for budget in sorted(tables.summary["percentage"].unique())],
)
METHOD = Option("method", "pca or umap", lambda tables: ("pca", "umap"))
#: What can be chosen of every figure, and what it means.
OF_EVERY = {
    "width": "inches, or column (3.4) or page (7.0); what suits the figure if left out",
    "style": "paper, with letters of 7 to 9 points, or talk, for slides: a column is 6 inches, a "
    "page 12",
    "title": "in the place of the figure's; an empty one for none",
}


def require(name: str, choices: Iterable[str], what: str) -> None:
    """Raise `UnknownNameError`, with the nearest name, unless a name is one of the choices."""
    names = list(choices)
    if name not in names:
        raise UnknownNameError(f"There is no {what} '{name}'; {_hint(name, names)}")


def _hint(name: str, names: Sequence[str]) -> str:
    """Name the nearest, of numbers by their distance."""
    try:
        asked = float(name)
        close = sorted(names, key=lambda known: abs(float(known) - asked))[:2]
    except ValueError:
        return nearest(name, names)
    return f"the nearest {'are' if len(close) > 1 else 'is'} {' and '.join(close)}"
