"""Tables of a learning curve, as a study's would be, from cells of predictions made elsewhere."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from semisup.curve.per_class import counted, joined_classes
from semisup.elsewhere.cells import Cells
from semisup.metrics import PROBABILITY_METRICS, probability_scores
from semisup.metrics import scores as score


def matrices_of(cells: Cells) -> np.ndarray:
    """Count the confusion matrix of every cell, shape (n_cells, n_classes, n_classes)."""
    n, sizes = len(cells.classes), np.diff(cells.starts)
    cell = np.repeat(np.arange(len(sizes)), sizes)
    # a class a cell: one count of all, of which the blocks on the diagonal are the cells'
    place = cell * n * n + cells.rows["truth"].to_numpy(np.int64) * n + cells.rows["predicted"]
    return np.bincount(place, minlength=len(sizes) * n * n).reshape(-1, n, n)


def scores_of(cells: Cells, matrices: np.ndarray) -> pd.DataFrame:
    """Score every cell: `scores.csv`."""
    firsts = cells.firsts
    recordings = firsts.get("n_recordings", np.nan)
    return pd.DataFrame(
        {
            **_system(cells, firsts),
            "percentage": firsts["percentage"],
            "n_recordings": recordings,
            "n_rows": firsts.get("n_rows", recordings),
            **_fold(cells, firsts),
            "draw": firsts["draw"],
            "unit": cells.unit,
            **score(matrices),
        }
    )


def classes_of_cells(cells: Cells, matrices: np.ndarray) -> pd.DataFrame:
    """Count and score every class: `per_class.csv`."""
    firsts = cells.firsts
    keys = pd.DataFrame({**_system(cells, firsts), "percentage": firsts["percentage"]})
    return joined_classes([counted(keys, matrices, cells.classes)])


def losses_of(cells: Cells) -> pd.DataFrame:
    """Score the probabilities of the cells that have them: `losses.parquet`."""
    firsts = cells.firsts
    table = pd.DataFrame(
        {
            **_system(cells, firsts),
            "percentage": firsts["percentage"],
            **_fold(cells, firsts),
            "draw": firsts["draw"],
        }
    )
    columns = [_loss(cells, number) for number in range(len(firsts))]
    values = np.array(columns).reshape(-1, len(PROBABILITY_METRICS))
    table[list(PROBABILITY_METRICS)] = values
    return table.dropna(subset=["log_loss"]).reset_index(drop=True)


def _loss(cells: Cells, number: int) -> np.ndarray:
    rows = slice(cells.starts[number], cells.starts[number + 1])
    shares = None if cells.shares is None else cells.shares[rows]
    has_them = shares is not None and np.isfinite(shares).all()
    truth = cells.rows["truth"].to_numpy(np.int64)[rows]
    return probability_scores(shares if has_them else None, truth)


def predictions_of(cells: Cells) -> Iterator[pd.DataFrame]:
    """Yield the predictions, as `semisup.curve.predictions_file` writes them, draw by draw."""
    rows, shares = cells.rows, cells.shares
    if "probability" not in rows:
        of_predicted = np.nan
        if shares is not None:
            of_predicted = shares[np.arange(len(rows)), rows["predicted"]]
        rows = rows.assign(probability=of_predicted)
    for (_, system, _), table in rows.groupby(["repeat", "system", "draw"], sort=True):
        representation, classifier = cells.systems[int(system)]
        table = table.assign(representation=representation, classifier=classifier)
        yield table.assign(recording=table["recording"].astype(str)).reset_index(drop=True)


def _system(cells: Cells, firsts: pd.DataFrame) -> dict[str, np.ndarray]:
    names = np.array(cells.systems, dtype=object)[firsts["system"]]
    return {"representation": names[:, 0], "classifier": names[:, 1]}


def _fold(cells: Cells, firsts: pd.DataFrame) -> dict[str, pd.Series]:
    return {"repeat": firsts["repeat"]} if cells.is_folded else {}
