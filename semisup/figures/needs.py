"""Needs of figures: the tables that they are drawn from, and the sentence for what is missing.

In: the tables of a study. Out: the one that a figure is drawn from, or an error that names it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from semisup.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

    from semisup.figures.study_tables import StudyTables

T = TypeVar("T")


@dataclass(frozen=True)
class Need(Generic[T]):
    """One thing that a figure is drawn from.

    Attributes
    ----------
    files : str
        The files that hold it, as an error names them.
    read : callable
        Takes it from a study's tables; None where it is not there.
    """

    files: str
    read: "Callable[[StudyTables], T | None]"

    def of(self, tables: "StudyTables") -> T:
        """Return it.

        Raises
        ------
        TableError
            If it is not there.
        """
        table = self.read(tables)
        if table is None:
            raise missing(self.files)
        return table


def missing(files: str) -> TableError:
    """Say which files a figure lacks."""
    return TableError(f"This figure needs {files} beside the scores; it is not there")


def _chunks(tables: "StudyTables") -> Mapping[str, int] | None:
    """Return the table `[chunks]` of the study file, defaults included."""
    provenance = tables.json("provenance.json")
    return None if provenance is None else provenance["study"]["chunks"]


def _with_features(tables: "StudyTables") -> list[str] | None:
    """Name the feature tables; None where there is none, or the file of one is not there."""
    paths = [tables.folder / "features" / f"{name}.parquet" for name in tables.tabular]
    return tables.tabular if paths and all(path.exists() for path in paths) else None


def _with_history(tables: "StudyTables") -> list[str] | None:
    """Name the representations whose losses are there; None where there is none."""
    return [name for name in tables.representations if tables.history(name) is not None] or None


COMPARISON: "Need[pd.DataFrame]" = Need("comparison.csv", lambda tables: tables.comparison)
QUERIES: "Need[pd.DataFrame]" = Need("queries.csv", lambda tables: tables.queries)
PREDICTIONS: "Need[bool]" = Need(
    "predictions.parquet", lambda tables: tables.has_predictions or None
)
LABELS: "Need[pd.Series]" = Need("manifest.parquet and split.csv", lambda tables: tables.labels)
CLASSES: "Need[list[str]]" = Need(
    "predictions.parquet of classes", lambda tables: tables.classes or None
)
NUMBERS: "Need[pd.Series]" = Need(
    "manifest.parquet with labels that are numbers", lambda tables: tables.numbers
)
RECORDINGS: "Need[pd.DataFrame]" = Need(
    "manifest.parquet and split.csv", lambda tables: tables.recordings
)
MANIFEST: "Need[pd.DataFrame]" = Need("manifest.parquet", lambda tables: tables.manifest)
SPLIT: "Need[pd.Series]" = Need("split.csv", lambda tables: tables.split)
DURATIONS: "Need[pd.DataFrame]" = Need("durations.csv", lambda tables: tables.table("durations"))
CHUNKS: "Need[Mapping[str, int]]" = Need("provenance.json", _chunks)
FEATURES: "Need[list[str]]" = Need("features/<representation>.parquet", _with_features)
TRAINED: "Need[list[str]]" = Need("<representation>/history.csv", _with_history)
CLUSTERS: "Need[pd.DataFrame]" = Need("clusters.csv", lambda tables: tables.table("clusters"))
IMPORTANCE: "Need[pd.DataFrame]" = Need("importance.csv", lambda tables: tables.table("importance"))
HISTORIES: "Need[pd.DataFrame]" = Need(
    "histories.parquet with the fits of a network", lambda tables: tables.histories
)
