"""The tables of a finished study, read when asked for; whatever is not there is None.

In: a study's folder. Out: checked tables for figures and report, which need nothing else.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from semisup.comparison import chance, check_scores, summarise
from semisup.comparison.population import population
from semisup.curve.class_names import class_names
from semisup.curve.predictions_file import read_predictions
from semisup.engine.failures import words_of
from semisup.errors import TableError
from semisup.features.tables import KEYS
from semisup.figures.notes import is_collapsed, names_in, notes_beside, transductive_beside
from semisup.figures.paired import baselines
from semisup.metrics import NUMBER_METRICS
from semisup.recordings.numbers import NUMBER
from semisup.splits import first as first_split
from semisup.splits import labels_of, over_repeats
from semisup.splits import read as read_split
from semisup.study.controls import without_controls

#: Columns of names: a class called "NA" or "1" is a name too.
_NAMES = (
    "representation",
    "classifier",
    "metric",
    "statistic",
    "representation_a",
    "representation_b",
    "classifier_a",
    "classifier_b",
    "outcome",
    "sentence",
    "source",
    "note",
    "dummy",
    "measure",
    "recording",
    "speaker",
    "path",
    "reason",
    "stage",
    "subset",
    "label",
    "factor",
    "best",
    "class",
    "parameters",
    "grouped_by",
    "level",
    "name",
)
_KEYS = ["representation", "classifier", "percentage", "metric"]


def read_csv(path: Path) -> pd.DataFrame:
    """Read a table of the study: names stay text, an empty cell of numbers is NaN."""
    text = dict.fromkeys(_NAMES, str)
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=_missing(path))


def _missing(path: Path) -> dict[str, list[str]]:
    """Return what stands for no number, by column of numbers."""
    columns = pd.read_csv(path, nrows=0).columns
    return {column: ["", "nan", "NaN"] for column in columns if column not in _NAMES}


class StudyTables:
    """What lies in a study's folder.

    Parameters
    ----------
    folder : Path
        ``files/<study>``.
    scores : Path, optional
        `scores.csv` or `scores.parquet`; the folder's if left out.
    """

    def __init__(self, folder: Path, scores: Path | None = None) -> None:
        self.folder = folder
        self._scores = scores or folder / "scores.parquet"

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a cell.

        Raises
        ------
        TableError
            If the file cannot be read or is no scores table.
        """
        path = self._scores
        try:
            table = pd.read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
        except (OSError, ValueError) as error:
            raise TableError(
                f"The scores table {path} cannot be read: {words_of(error)}"
            ) from error
        return check_scores(table)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Means and intervals: of `summary.csv` if it is of these scores, else of the draws."""
        computed = summarise(self.scores)
        written = self.table("summary")
        if written is None or not set(computed.columns) <= set(written.columns):
            return computed
        # scores may be those of another file: then the summary that lies here is not theirs
        both = computed.merge(written, on=_KEYS, suffixes=("", "_written"))
        same = len(both) == len(computed) == len(written)
        # the mean of a study with folds is of all test speakers together, not of its cells
        of_folds = "repeat" in self.scores
        means = ["n_recordings"] if of_folds else ["mean", "draws"]
        equal = (np.allclose(both[name], both[f"{name}_written"]) for name in means)
        return written if same and all(equal) else computed

    @cached_property
    def comparison(self) -> pd.DataFrame | None:
        """Paired differences and what follows from them; None before the compare stage."""
        table = self.table("comparison")
        return None if table is None or table.empty else table

    @cached_property
    def queries(self) -> pd.DataFrame | None:
        """Classifiers that ask for recordings against the draw; None where none does."""
        table = self.table("queries")
        return None if table is None or table.empty else table

    @cached_property
    def systems(self) -> pd.DataFrame | None:
        """Every system against the best at the largest label budget; None for one system."""
        table = self.table("systems")
        return None if table is None or table.empty else table

    @cached_property
    def manifest(self) -> pd.DataFrame | None:
        """The usable recordings."""
        path = self.folder / "manifest.parquet"
        return pd.read_parquet(path) if path.exists() else None

    @cached_property
    def splits(self) -> pd.DataFrame | None:
        """The split as its file has it; with folds, a split a repeat."""
        path = self.folder / "split.csv"
        return read_split(path) if path.exists() else None

    @cached_property
    def split(self) -> pd.Series | None:
        """Subset by recording; with folds, "test" for all that are tested in any."""
        return None if self.splits is None else over_repeats(self.splits)

    @property
    def first_split(self) -> pd.Series | None:
        """Subset by recording of the first split: of folds one of several."""
        return None if self.splits is None else first_split(self.splits)

    @property
    def n_folds(self) -> int:
        """How many splits there are, 0 of a study without folds."""
        if self.splits is None or "repeat" not in self.splits:
            return 0
        return int(self.splits["repeat"].max()) + 1

    @cached_property
    def labels(self) -> pd.Series | None:
        """Class of each labelled and test recording."""
        if self.manifest is None or self.split is None:
            return None
        return labels_of(self.manifest, self.split)

    @cached_property
    def numbers(self) -> pd.Series | None:
        """Number of each labelled and test recording; None where classes are predicted."""
        if self.labels is None or self.manifest is None or NUMBER not in self.manifest:
            return None
        return self.manifest.set_index("recording")[NUMBER].reindex(self.labels.index)

    @cached_property
    def recordings(self) -> pd.DataFrame | None:
        """Labelled and test recordings: the manifest with `subset`."""
        if self.manifest is None or self.split is None:
            return None
        table = self.manifest.assign(subset=self.manifest["recording"].map(self.split))
        return table[table["subset"].isin(["labelled", "test"])].reset_index(drop=True)

    @property
    def population(self) -> str:
        """What intervals and verdicts are about, a sentence; empty where nobody compared."""
        if self.comparison is None:
            return ""
        if self.recordings is None:
            draws = int(self.summary["draws"].max())
            return population(draws, None) if self.has_scores_alone else ""
        test = self.recordings["subset"] == "test"
        variance, draws = self.table("variance"), int(self.summary["draws"].max())
        return population(
            draws,
            list(self.recordings["speaker"][test]),
            # what one training adds cannot be told: there is no row of it
            trainings=1 + (variance is not None and "encoder" in set(variance["source"])),
            has_folds=bool(self.n_folds),
        )

    @property
    def has_scores_alone(self) -> bool:
        """Whether scores were compared of which there are no predictions, nor recordings."""
        has_comparison = self.comparison is not None
        return has_comparison and self.recordings is None and not self.has_predictions

    @property
    def has_predictions(self) -> bool:
        """Whether what was predicted of every test recording in every cell is there."""
        return (self.folder / "predictions.parquet").exists()

    def predictions(self, budgets: Sequence[float]) -> pd.DataFrame:
        """Return what was predicted of every test recording at some label budgets, in percent."""
        return read_predictions(
            self.folder / "predictions.parquet", {"percentage": list(map(float, budgets))}
        )

    @cached_property
    def classes(self) -> list[str]:
        """Sorted class names, of which `predicted` is the place."""
        return class_names(self.folder / "predictions.parquet") or []

    @property
    def representations(self) -> list[str]:
        """Names in the order of the study."""
        return list(self.summary["representation"].unique())

    @property
    def baseline(self) -> str:
        """What representations are compared with: that of the first pair, or the first of all."""
        mains = without_controls(self.representations)
        compared = [] if self.comparison is None else baselines(self.comparison)
        return next((name for name in compared if name in mains), mains[0])

    @property
    def metric(self) -> str | None:
        """The metric of the study's figures; None where the study is not known."""
        provenance = self.json("provenance.json")
        return None if provenance is None else provenance["study"].get("plot", {}).get("metric")

    @property
    def classifiers(self) -> list[str]:
        """Names in the order of the study."""
        return list(self.summary["classifier"].unique())

    @property
    def has_one_budget(self) -> bool:
        """Whether there is nothing but one label budget: scores then make bars, not curves."""
        budgets = self.summary["percentage"]
        return bool(budgets.min() == budgets.max())

    def chance(self, metric: str) -> float | None:
        """Return the level of chance; None where the test labels are not known."""
        if self.labels is None or self.split is None:
            return None
        test = self.split.reindex(self.labels.index) == "test"
        if metric in NUMBER_METRICS:
            return None if self.numbers is None else chance(self.numbers[test], metric)
        return chance(self.labels[test], metric)

    def table(self, name: str) -> pd.DataFrame | None:
        """Return the table ``<name>.csv``, names as text."""
        path = self.folder / f"{name}.csv"
        return read_csv(path) if path.exists() else None

    def json(self, name: str) -> Any:
        """Return what the file of this name holds."""
        path = self.folder / name
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def features(self, name: str) -> pd.DataFrame | None:
        """Return the feature table of a representation: its labelled and test recordings."""
        path = self.folder / "features" / f"{name}.parquet"
        if not path.exists():
            return None
        table = pd.read_parquet(path)
        if self.labels is None:
            return table
        return table[table["recording"].isin(self.labels.index)].reset_index(drop=True)

    @property
    def tabular(self) -> list[str]:
        """Names of the representations that are feature tables, not arrays or fusions."""
        fusions = self.fusions
        names = [name for name in self.representations if name not in fusions]
        return [name for name in names if not self._is_array(name)]

    @property
    def fusions(self) -> list[str]:
        """Names of what averages the answers about several representations: it has no features."""
        provenance = self.json("provenance.json")
        return [] if provenance is None else [*provenance["study"].get("fusions", {})]

    def _is_array(self, name: str) -> bool:
        """Tell whether the features of a representation are the index of an array alone."""
        import pyarrow.parquet as pq

        # the schema alone tells: a feature table can be large
        path = self.folder / "features" / f"{name}.parquet"
        return path.exists() and not set(pq.read_schema(path).names) - set(KEYS)

    def history(self, name: str) -> pd.DataFrame | None:
        """Return the losses by epoch of a learned representation."""
        path = self.folder / name / "history.csv"
        return pd.read_csv(path) if path.exists() else None

    @cached_property
    def histories(self) -> pd.DataFrame | None:
        """The epochs of every network's fits in the curve; None where there is no network."""
        path = self.folder / "histories.parquet"
        table = pd.read_parquet(path) if path.exists() else None
        return None if table is None or table.empty else table

    @property
    def networks(self) -> list[tuple[str, str]]:
        """Classifier and representation of every network, in the order of the study."""
        if self.histories is None:
            return []
        pairs = self.histories[["classifier", "representation"]].drop_duplicates()
        return [(classifier, name) for classifier, name in pairs.itertuples(index=False)]

    @cached_property
    def notes(self) -> dict[str, str]:
        """What must be said of representations, by the name of each: see `notes_beside`."""
        return notes_beside(self.folder, self.representations)

    @property
    def collapsed(self) -> list[str]:
        """Names of the representations that are collapsed."""
        return [name for name in self.representations if is_collapsed(self.folder, name)]

    @property
    def transductive(self) -> list[str]:
        """Names of the representations that use a speaker's other recordings."""
        marked = transductive_beside(self.folder)
        return [name for name in self.representations if name in marked]

    @property
    def learned(self) -> list[str]:
        """Names of the representations that are learned from audio without labels; no controls."""
        noted = names_in(self.folder / "learned.json")
        return [name for name in without_controls(self.representations) if name in noted]

    @property
    def notes_what_is_learned(self) -> bool:
        """Whether a run has noted that; one of an earlier version has not."""
        return (self.folder / "learned.json").exists()

    def budgets(self, aims: tuple[float, ...]) -> list[float]:
        """Return the study's label budgets nearest to some percentages, ascending."""
        return nearest_budgets(self.summary["percentage"].unique(), aims)


def nearest_budgets(budgets: Iterable[float], aims: tuple[float, ...]) -> list[float]:
    """Return the label budgets nearest to some percentages, ascending."""
    candidates = [float(budget) for budget in budgets]
    return sorted({min(candidates, key=lambda budget: abs(budget - aim)) for aim in aims})
