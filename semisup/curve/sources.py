"""Where the features of a cell come from: a table, arrays on disk, or fits of its label budget.

All three answer the same three questions, about labelled rows, test rows and unlabelled rows.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, Self

import numpy as np

from semisup.features.arrays import ArrayRows, Arrays

#: Of the rows that sources have, in the order of `TableSource`.
SUBSETS = ("labelled", "test", "unlabelled")
#: Rows of a feature table, or of arrays that are read only when they are used.
Features = np.ndarray | ArrayRows


class Source(Protocol):
    """The rows of one representation that a task works on."""

    @property
    def key(self) -> str:
        """What tells its rows from others of the representation; "" where other cells' differ."""
        ...

    def at(self, budget: int) -> "Source":
        """Return the source of the label budget of a number: most are the same for all."""
        ...

    def labelled(self, rows: np.ndarray) -> Features:
        """Return some labelled rows, by their numbers; some may be there more than once."""
        ...

    def test(self) -> Features:
        """Return all test rows."""
        ...

    def unlabelled(self) -> Features | None:
        """Return all unlabelled rows, None where the classifier does not use them."""
        ...


class TableSource(NamedTuple):
    """Rows of a feature table, float64.

    Parameters
    ----------
    labelled_rows, test_rows : ndarray of shape (n_rows, n_features)
    unlabelled_rows : ndarray of shape (n_rows, n_features), optional
        For classifiers that use them.
    """

    labelled_rows: np.ndarray
    test_rows: np.ndarray
    unlabelled_rows: np.ndarray | None = None

    @property
    def key(self) -> str:
        """Nothing tells one array in memory from another."""
        return ""

    def at(self, budget: int) -> Self:
        """Return itself: a table is the same for all budgets."""
        return self

    def labelled(self, rows: np.ndarray) -> np.ndarray:
        """Return some labelled rows."""
        return self.labelled_rows[rows]

    def test(self) -> np.ndarray:
        """Return all test rows."""
        return self.test_rows

    def unlabelled(self) -> np.ndarray | None:
        """Return all unlabelled rows, if they are of use."""
        return self.unlabelled_rows


class StoredTable(NamedTuple):
    """Rows of a feature table in files.

    They are mapped into memory where they are used: processes share what is read, and a task that
    is sent to one is small.

    Parameters
    ----------
    folder : Path
        With an ``.npy`` file a subset; it keeps the order in which an array lies in memory, on
        which sums depend.
    with_unlabelled : bool
        Whether the classifier uses unlabelled rows.
    """

    folder: Path
    with_unlabelled: bool

    @property
    def key(self) -> str:
        """The name of the folder."""
        return self.folder.name

    def at(self, budget: int) -> Self:
        """Return itself: a table is the same for all budgets."""
        return self

    def labelled(self, rows: np.ndarray) -> np.ndarray:
        """Return some labelled rows."""
        return self._rows("labelled")[rows]

    def test(self) -> np.ndarray:
        """Return all test rows."""
        return self._rows("test")

    def unlabelled(self) -> np.ndarray | None:
        """Return all unlabelled rows, if they are of use."""
        return self._rows("unlabelled") if self.with_unlabelled else None

    def _rows(self, subset: str) -> np.ndarray:
        # a plain array over the mapped file, read only
        return np.asarray(np.load(self.folder / f"{subset}.npy", mmap_mode="r"))


class ArraySource(NamedTuple):
    """Rows of arrays on disk; `numbers` is a table of their row numbers instead of features."""

    arrays: Arrays
    numbers: "TableSource | StoredTable"

    @property
    def key(self) -> str:
        """That of the row numbers: all encodings are in arrays of their own."""
        return self.numbers.key

    def at(self, budget: int) -> Self:
        """Return itself: arrays are the same for all budgets."""
        return self

    def labelled(self, rows: np.ndarray) -> ArrayRows:
        """Return some labelled rows; nothing is read yet."""
        return self.arrays.rows(self.numbers.labelled(rows))

    def test(self) -> ArrayRows:
        """Return all test rows."""
        return self.arrays.rows(self.numbers.test())

    def unlabelled(self) -> ArrayRows | None:
        """Return all unlabelled rows, if they are of use."""
        numbers = self.numbers.unlabelled()
        return None if numbers is None else self.arrays.rows(numbers)


class RefitSource(NamedTuple):
    """Outputs of a kind that is fitted anew for every budget of a draw.

    Parameters
    ----------
    paths : list of Path
        One ``.npz`` file a budget, as `semisup.curve.refits.run_refit` writes it.
    output : str
        Which of the kind's outputs.
    with_unlabelled : bool
        Whether the classifier uses unlabelled rows.
    """

    paths: list[Path]
    output: str
    with_unlabelled: bool

    @property
    def key(self) -> str:
        """Each budget of each draw has rows of its own."""
        return ""

    def at(self, budget: int) -> TableSource:
        """Read the outputs of one fit."""
        with np.load(self.paths[budget]) as outputs:
            return TableSource(
                self._rows(outputs, "labelled"),
                self._rows(outputs, "test"),
                self._rows(outputs, "unlabelled") if self.with_unlabelled else None,
            )

    def _rows(self, outputs: Mapping[str, np.ndarray], subset: str) -> np.ndarray:
        # as wide as feature tables are, so that classifiers compute alike
        return outputs[f"{subset}_{self.output}"].astype(np.float64)

    def labelled(self, rows: np.ndarray) -> np.ndarray:
        """Return some labelled rows of the first budget."""
        return self.at(0).labelled(rows)

    def test(self) -> np.ndarray:
        """Return all test rows of the first budget."""
        return self.at(0).test()

    def unlabelled(self) -> np.ndarray | None:
        """Return all unlabelled rows of the first budget, if they are of use."""
        return self.at(0).unlabelled()
