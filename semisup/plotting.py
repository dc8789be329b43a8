"""`semisup plot`: a figure from a scores table alone."""

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from semisup.comparison import chance, check_scores, summarise
from semisup.errors import TableError, UnknownNameError, nearest
from semisup.metrics import METRICS
from semisup.splits import labels_of


def plot_scores(
    scores: Path, output: Path, metric: str = "f1_weighted", classifier: str | None = None
) -> Path:
    """Draw a metric against the percentage of labelled data.

    Parameters
    ----------
    scores : Path
        `scores.csv` or `scores.parquet`. The chance level is drawn where the study's manifest and
        split lie beside it, and a collapsed encoder is called so where its health does.
    output : Path
        Ends in .png, .svg or .pdf.
    metric : str
        One of `METRICS`.
    classifier : str, optional
        One of the table's; a panel of all if left out.

    Raises
    ------
    TableError
        If the file cannot be read or is no scores table.
    UnknownNameError
        If there is no such metric or classifier.
    """
    from semisup.figures._style import save
    from semisup.figures.learning_curve import plot_learning_curve, plot_panel

    summary = summarise(check_scores(_read(scores)))
    _require(metric, METRICS, "metric")
    level = _chance_beside(scores, metric)
    notes = notes_beside(scores.parent, summary["representation"].unique())
    if classifier is None:
        return save(plot_panel(summary, metric, level, notes), output)
    _require(classifier, summary["classifier"].unique(), "classifier")
    axes = plot_learning_curve(summary, classifier, None, metric, level, notes)
    return save(axes.figure, output)


def notes_beside(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return "collapsed" by the name of each representation whose health says so.

    Parameters
    ----------
    folder : Path
        A study's folder; ``<name>/health.json`` is looked for in it.
    names : iterable of str
        Representations.
    """
    paths = {name: folder / name / "health.json" for name in names}
    return {
        name: "collapsed"
        for name, path in paths.items()
        if path.exists() and json.loads(path.read_text())["collapsed"]
    }


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise TableError(f"The scores table {path} cannot be read: {error}") from error


def _chance_beside(scores: Path, metric: str) -> float | None:
    manifest, split = scores.with_name("manifest.parquet"), scores.with_name("split.csv")
    if not (manifest.exists() and split.exists()):
        return None
    subsets = pd.read_csv(split, dtype=str, keep_default_na=False).set_index("recording")["subset"]
    labels = labels_of(pd.read_parquet(manifest), subsets)
    return chance(labels[subsets.reindex(labels.index) == "test"], metric)


def _require(name: str, known: object, what: str) -> None:
    if name not in list(known):  # type: ignore[call-overload]
        raise UnknownNameError(f"There is no {what} '{name}'; {nearest(name, list(known))}")  # type: ignore[call-overload]
