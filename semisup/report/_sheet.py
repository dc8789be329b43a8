"""One table for a reader: text and numbers, and which of its rows resolve nothing.

What several makers of tables share.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from semisup.figures.paired import CHANCE
from semisup.report._words import classifier_name, name_of, number

#: Tables whose rows say what is resolved; the others' rows are of interest all the same.
_OF_VERDICTS = ("differences", "crossover", "labels_saved")


class Sheet(NamedTuple):
    """One table for a reader."""

    name: str
    caption: str
    table: pd.DataFrame

    @property
    def resolved(self) -> pd.DataFrame:
        """The rows that a reader sees at once."""
        return self.table[self._is_resolved()]

    @property
    def unresolved(self) -> pd.DataFrame:
        """The rows of verdict tables that resolve nothing, which are folded away."""
        return self.table[~self._is_resolved()]

    def _is_resolved(self) -> np.ndarray:
        table = self.table
        if self.name not in _OF_VERDICTS:
            return np.ones(len(table), bool)
        if "First ahead" in table:
            return ((table["First ahead"] > 0) | (table["Second ahead"] > 0)).to_numpy(bool)
        return ~table["Outcome"].str.lower().str.startswith("not resolved").to_numpy(bool)


def by_system(table: pd.DataFrame, column: str) -> list[tuple[str, str, pd.DataFrame]]:
    """Group by classifier, then representation, both in the order of the table."""
    keys = ["classifier", column]
    orders = [list(table[key].unique()) for key in keys]
    groups = [(*names, rows) for names, rows in table.groupby(keys, sort=False)]
    return sorted(groups, key=lambda group: [orders[i].index(group[i]) for i in range(2)])


def by_pair(rows: pd.DataFrame) -> list[tuple[dict[str, str], pd.DataFrame]]:
    """Group by pair and classifier, chance left out, with what begins each row of a table."""
    keys = ["representation_a", "representation_b", "classifier"]
    return [
        ({"First": name_of(a), "Second": name_of(b), "Classifier": classifier_name(c)}, of_pair)
        for (a, b, c), of_pair in rows.groupby(keys, sort=False)
        if b != CHANCE
    ]


def p_text(value: float) -> str:
    """Write a p value."""
    return "< 0.001" if value < 0.001 else number(value)
