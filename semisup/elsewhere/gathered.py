"""Everything that is compared, read and checked: files in, predictions or scores out.

All problems are told at once, as far as the rest can be looked at.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from semisup.comparison.predictions import SystemName
from semisup.elsewhere import cells as in_cells
from semisup.elsewhere.beside import Beside
from semisup.elsewhere.cells import Cells
from semisup.elsewhere.columns import SCORE, Columns, checked, read
from semisup.elsewhere.folds import fold_problems, repeats_of
from semisup.elsewhere.recordings import manifest_of, read_recordings, read_split, split_of
from semisup.errors import TableError, nearest
from semisup.metrics import METRICS
from semisup.reading.messages import counted

Table: TypeAlias = Path | pd.DataFrame


@dataclass(frozen=True)
class Predictions:
    """Predictions, what is true of their recordings, and who was tested.

    Parameters
    ----------
    cells : Cells
    manifest : DataFrame
    splits : DataFrame
        recording, subset and, with folds, repeat.
    repeats : int
        How often every recording is tested.
    is_split_known : bool
        Whether anybody said who was learned from.
    transductive : list of str
        Representations of a study beside them that use a speaker's other test recordings.
    """

    cells: Cells
    manifest: pd.DataFrame
    splits: pd.DataFrame
    repeats: int
    is_split_known: bool
    transductive: list[str]

    @property
    def systems(self) -> list[SystemName]:
        """What made the predictions."""
        return self.cells.systems

    @property
    def unit(self) -> str:
        """What is scored."""
        return self.cells.unit

    @property
    def table(self) -> pd.DataFrame:
        """A row a prediction, with `percentage` and `draw`."""
        return self.cells.rows


@dataclass(frozen=True)
class Scores:
    """Scores alone: a row a system, label budget and draw, as `scores.csv`."""

    table: pd.DataFrame

    @property
    def systems(self) -> list[SystemName]:
        """What reached the scores."""
        pairs = self.table[["representation", "classifier"]].drop_duplicates()
        return [SystemName(*pair) for pair in pairs.itertuples(index=False)]

    @property
    def metric(self) -> str:
        """The metric that is meant where nobody says which: weighted F1, or the first there is."""
        return next(name for name in METRICS if name in self.table)

    @property
    def unit(self) -> str:
        """What was scored."""
        return str(self.table["unit"].iloc[0])


def gather(
    table: Table,
    recordings: Table | None = None,
    split: Table | None = None,
    beside: Path | None = None,
    metric: str | None = None,
) -> Predictions | Scores:
    """Read and check what is compared.

    Parameters
    ----------
    table : Path or DataFrame
        Predictions, or scores alone.
    recordings : Path or DataFrame, optional
        recording, label, speaker.
    split : Path or DataFrame, optional
        recording, subset and perhaps fold.
    beside : Path, optional
        Folder of a finished study whose systems are compared, too.
    metric : str, optional
        What a column `score` holds.

    Raises
    ------
    TableError
        Listing every problem.
    """
    problems: list[str] = []
    result: Predictions | Scores | None
    columns = checked(read(table), problems)
    where = "The table" if isinstance(table, pd.DataFrame) else str(table)
    if columns.has_predictions and "recording" in columns.table:
        study = None if beside is None else Beside(beside)
        result = _predictions(columns, recordings, split, study, problems)
    else:
        if beside is not None or recordings is not None or split is not None:
            problems.append("scores alone are of no recordings: leave out the other tables")
        result = _scores(columns.table, metric, problems)
    if problems or result is None:
        listed = "\n  ".join(dict.fromkeys(problems))
        raise TableError(f"{where} has {counted(len(problems))}:\n  {listed}")
    return result


def _predictions(
    columns: Columns,
    recordings: Table | None,
    split: Table | None,
    beside: Beside | None,
    problems: list[str],
) -> Predictions | None:
    table = columns.table.rename(columns={"budget": "percentage"})
    told = None if recordings is None else read_recordings(recordings)
    splits = None if split is None else read_split(split)
    if beside is not None:
        if told is not None or splits is not None:
            problems.append("beside a study its recordings and its split hold: leave them out")
        told, splits = beside.recordings, beside.split
        before = len(problems)
        table = beside.joined(table, problems)
        if len(problems) > before:  # the rest would be told of recordings that are others'
            return None
    if "fold" in table:
        table, splits = _numbered(table, splits)
    manifest = manifest_of(table, told, problems)
    subsets = split_of(table, splits, problems)
    if "label" not in manifest or problems:
        return None
    manifest = manifest[manifest["recording"].isin(subsets["recording"])].reset_index(drop=True)
    truth = manifest.set_index("recording")["label"]
    tested = truth[table["recording"].unique()]
    known = {*columns.classes} if told is None else {*columns.classes, *told["label"]}
    classes = in_cells.classes_of(table, tested, known - {""}, problems)
    problems += in_cells.share_problems(classes, columns.classes)
    cells = in_cells.cells_of(table, truth, classes, problems)
    problems += fold_problems(cells, manifest)
    if problems:
        return None
    marked = set() if beside is None else beside.transductive
    return Predictions(
        cells,
        manifest,
        subsets,
        repeats_of(cells),
        splits is not None,
        sorted(marked & {name.representation for name in cells.systems}),
    )


def _numbered(
    table: pd.DataFrame, splits: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Give folds the numbers from 0 on, in the predictions and in the split."""
    folds = sorted(table["fold"].unique())
    places = {fold: place for place, fold in enumerate(folds)}
    numbered = table.assign(repeat=table["fold"].map(places)).drop(columns="fold")
    if splits is not None and "repeat" in splits:
        # folds that nobody predicted come after all others, and are told as missing
        new = splits["repeat"].map(places).fillna(len(folds)).astype(int)
        splits = splits.assign(repeat=new)
    return numbered, splits


def _scores(table: pd.DataFrame, metric: str | None, problems: list[str]) -> Scores | None:
    """Return scores alone, in the columns of `scores.csv`."""
    if "fold" in table:
        problems.append(
            "scores of folds say nothing of test speakers: give predictions, or the mean of the "
            "folds as the score of a draw"
        )
    if SCORE in table and metric is None:
        problems.append("which metric the column score holds must be said: --metric NAME")
    metrics = [name for name in METRICS if name in table]
    if SCORE in table and metric is not None and metric in METRICS:
        table, metrics = table.rename(columns={SCORE: metric}), [*metrics, metric]
    if SCORE not in table and metric is not None and metric not in metrics:
        problems.append(f"there is no column of the metric {metric}; {nearest(metric, metrics)}")
    for name in metrics:
        low, high = METRICS[name].bounds
        wrong = table[(table[name] < low) | (table[name] > high)]
        if len(wrong):
            problems.append(
                f"{name} is from {low:g} to {high:g}, but {wrong[name].iloc[0]:g} in "
                f"{len(wrong)} rows"
            )
    rows = table.rename(columns={"budget": "percentage"})
    problems += _uneven(rows)
    if problems:
        return None
    recordings = rows.get("n_recordings", pd.Series(np.nan, rows.index))
    rows = rows.assign(
        n_recordings=recordings,
        n_rows=rows.get("n_rows", recordings),
        unit=rows.get("unit", pd.Series("recording", rows.index)),
    )
    order = ["representation", "classifier", "percentage", "n_recordings", "n_rows", "draw", "unit"]
    return Scores(rows[[*order, *metrics]])


def _uneven(rows: pd.DataFrame) -> list[str]:
    """Say which cells are there twice, or lack in some systems."""
    system = rows["classifier"] + "@" + rows["representation"]
    counts = pd.crosstab(system, [rows["percentage"], rows["draw"]])
    budgets, draws = rows["percentage"].unique(), rows["draw"].unique()
    problems = []
    for name, row in counts.iterrows():
        if (row > 1).any():
            problems.append(f"{name} has several scores of one label budget and draw")
        elif int((row > 0).sum()) < len(budgets) * len(draws):
            problems.append(
                f"{name} has {int((row > 0).sum())} scores, but there are {len(budgets)} label "
                f"budgets with {len(draws)} draws each"
            )
    return problems
