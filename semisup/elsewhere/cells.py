"""Cells of predictions that were made elsewhere: each must have every test unit once.

In: checked columns, manifest and classes. Out: the rows cell by cell, and sentences on what is
there twice, is missing, or is predicted and never true.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from semisup.comparison.predictions import SystemName
from semisup.elsewhere.columns import probability_columns
from semisup.elsewhere.recordings import SHOWN
from semisup.errors import nearest
from semisup.study.wholes import WHOLE

#: What tells cells apart, in the order of a study's tables; then what tells units apart.
KEYS = ["repeat", "system", "draw", "percentage"]
UNIT = ["recording", "chunk"]
#: `predicted` is a whole number of 8 bits in a study's file.
MOST_CLASSES = 127


@dataclass(frozen=True)
class Cells:
    """All predictions, cell by cell, and within one in the order of the recordings.

    Parameters
    ----------
    rows : DataFrame
        `KEYS` and `UNIT` (repeat is 0 without folds; system a place in `systems`), then truth and
        predicted, places in `classes`, and perhaps probability, n_recordings and n_rows.
    starts : ndarray of shape (n_cells + 1,)
        Where each cell begins, and the end of all.
    systems : list of SystemName
    classes : list of str
    is_folded : bool
    shares : ndarray of shape (n_rows, n_classes), optional
        Probabilities of all classes.
    """

    rows: pd.DataFrame
    starts: np.ndarray
    systems: list[SystemName]
    classes: list[str]
    is_folded: bool
    shares: np.ndarray | None

    @property
    def firsts(self) -> pd.DataFrame:
        """The first row of each cell."""
        return self.rows.iloc[self.starts[:-1]].reset_index(drop=True)

    @property
    def unit(self) -> str:
        """What is scored."""
        return "recording" if (self.rows["chunk"] == -1).all() else "chunk"


def classes_of(
    table: pd.DataFrame, truth: pd.Series, known: set[str], problems: list[str]
) -> list[str]:
    """Return the sorted classes: what is true, and what else is known and was predicted.

    Parameters
    ----------
    table : DataFrame
    truth : Series of str
        Of the test recordings.
    known : set of str
        Labels of recordings that are not tested, and classes with probabilities.
    problems : list of str
    """
    true = set(truth) - {""}
    predicted = set(table["predicted"].unique())
    # a class that is learned and never tested is one too; another spelling is none
    for name in sorted(predicted - true - known):
        count = int((table["predicted"] == name).sum())
        hint = nearest(name, true) if true else "no recording has a label"
        problems.append(
            f"the class '{name}' is predicted ({count} times) but never true; {hint} A class that "
            "is learned and not tested must be in the table of recordings"
        )
    classes = sorted(true | (known & predicted))
    if len(classes) > MOST_CLASSES:
        problems.append(f"there are {len(classes)} classes; there may be {MOST_CLASSES}")
    return classes


def share_problems(classes: Sequence[str], with_shares: Sequence[str]) -> list[str]:
    """Say which classes have no column of probabilities while others have one."""
    lacking = [name for name in classes if name not in with_shares]
    if not with_shares or not lacking:
        return []
    return [
        f"there are columns of probabilities, but none of {', '.join(lacking)} (p_{lacking[0]})"
    ]


def cells_of(
    table: pd.DataFrame, truth: pd.Series, classes: list[str], problems: list[str]
) -> Cells:
    """Put the rows in order, and say what is wrong with the cells.

    Parameters
    ----------
    table : DataFrame
        With percentage, draw, chunk, recording, predicted, representation and classifier.
    truth : Series of str
        By recording.
    classes : list of str
    problems : list of str
    """
    is_folded = "repeat" in table
    names = table["representation"] + "\n" + table["classifier"]
    system, order = pd.factorize(names)
    rows = pd.DataFrame(
        {
            "repeat": table["repeat"] if is_folded else 0,
            "system": system,
            **{name: table[name] for name in ("draw", "percentage", *UNIT)},
            "truth": pd.Index(classes).get_indexer(table["recording"].map(truth)),
            "predicted": pd.Index(classes).get_indexer(table["predicted"]),
            **{n: table[n] for n in ("probability", "n_recordings", "n_rows") if n in table},
        }
    )
    rows["recording"] = rows["recording"].astype("category")
    in_order = np.lexsort([*_codes(rows, reversed([*KEYS, *UNIT]))])
    rows = rows.iloc[in_order].reset_index(drop=True)
    systems = [SystemName(*name.split("\n")) for name in order]
    changes = (rows[KEYS].to_numpy()[1:] != rows[KEYS].to_numpy()[:-1]).any(axis=1)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(rows)]])
    shares = _shares(table, classes)
    cells = Cells(
        rows,
        starts,
        systems,
        classes,
        is_folded,
        None if shares is None else shares[in_order],
    )
    problems += [*_twice_problems(cells), *_missing_problems(cells)]
    return cells


def _codes(rows: pd.DataFrame, names: object) -> list[np.ndarray]:
    columns = [rows[name] for name in list(names)]  # type: ignore[call-overload]
    return [
        column.cat.codes.to_numpy() if column.dtype == "category" else column.to_numpy()
        for column in columns
    ]


def _shares(table: pd.DataFrame, classes: Sequence[str]) -> np.ndarray | None:
    names = [f"p_{name}" for name in classes]
    if not probability_columns(table) or not set(names) <= set(table):
        return None
    return table[names].to_numpy(float)


def named(cells: Cells, row: pd.Series) -> str:
    """Say which cell a row is of."""
    fold = f"fold {row['repeat']}, " if cells.is_folded else ""
    return f"{_name(cells, row['system'])}, {fold}draw {row['draw']}, {row['percentage']:g} %"


def _name(cells: Cells, system: int) -> str:
    representation, classifier = cells.systems[system]
    return representation if classifier == WHOLE else f"{classifier}@{representation}"


def _twice_problems(cells: Cells) -> list[str]:
    rows = cells.rows
    again = rows.duplicated([*KEYS, *UNIT])
    if not again.any():
        return []
    first = rows[again].iloc[0]
    return [
        f"{again.sum()} predictions are there twice, the first: recording {first['recording']} of "
        f"{named(cells, first)}"
    ]


def _missing_problems(cells: Cells) -> list[str]:
    """Say which systems lack cells, or recordings of a cell, that others have."""
    rows = cells.rows.drop_duplicates([*KEYS, *UNIT])
    problems = []
    for number, of_fold in rows.groupby("repeat"):
        budgets = sorted(cells.rows["percentage"].unique())
        draws = sorted(cells.rows["draw"].unique())
        # where chunks count by themselves, each system may have its own
        units = of_fold[UNIT].drop_duplicates() if cells.unit == "recording" else None
        for system in range(len(cells.systems)):
            table = of_fold[of_fold["system"] == system]
            wanted = units if units is not None else table[UNIT].drop_duplicates()
            if len(table) != len(wanted) * len(budgets) * len(draws):
                fold = f"fold {number}, " if cells.is_folded else ""
                problems.append(
                    f"{_name(cells, system)} "
                    + _lacks(table, wanted, [(d, b) for d in draws for b in budgets], fold)
                )
    more = [f"and {len(problems) - SHOWN} more lack predictions"] if len(problems) > SHOWN else []
    return problems[:SHOWN] + more


def _lacks(
    table: pd.DataFrame, wanted: pd.DataFrame, cells: list[tuple[int, float]], fold: str
) -> str:
    """Say what a system lacks in a fold: whole cells, or recordings in some."""
    counts = table.groupby(["draw", "percentage"]).size().reindex(cells, fill_value=0)
    draw, budget = next(cell for cell in cells if counts[cell] < len(wanted))
    where = f"{fold}draw {draw}, {budget:g} %"
    if counts[draw, budget] == 0:
        lacking = int((counts == 0).sum())
        return f"lacks {lacking} of {len(cells)} cells that others have (the first: {where})"
    short = int((counts < len(wanted)).sum())
    there = table[(table["draw"] == draw) & (table["percentage"] == budget)]
    left = wanted.merge(there[UNIT], "left", on=UNIT, indicator="where")
    first = left.loc[left["where"] == "left_only", "recording"]
    return (
        f"lacks recordings in {short} of {len(cells)} cells ({len(first)} of {len(wanted)} in "
        f"{where}, the first: {first.iloc[0]})"
    )
