"""The table of a split: `split.csv`, with the number of the repeat where there are folds."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

#: What a recording is in the end, where it is in several subsets by turns: the first of these.
ORDER = ("test", "labelled", "unlabelled")


def table_of(splits: Sequence[pd.Series]) -> pd.DataFrame:
    """Return splits as a table: recording, subset, repeat.

    Parameters
    ----------
    splits : sequence of Series of str
        Subset by recording, one a fold.
    """
    tables = [
        pd.DataFrame({"recording": split.index, "subset": split.to_numpy(), "repeat": number})
        for number, split in enumerate(splits)
    ]
    return pd.concat(tables, ignore_index=True)


def read(path: Path) -> pd.DataFrame:
    """Read a table of splits; `repeat` is there with folds alone."""
    with path.open(encoding="utf-8", newline="") as file:
        # all is text, as a recording may be called 007 or NA; pandas would take 20 times the file
        rows = csv.reader(file)
        columns: dict[str, list[str]] = {name: [] for name in next(rows)}
        for row in rows:
            for values, value in zip(columns.values(), row, strict=True):
                values.append(value)
    table = pd.DataFrame(columns, dtype=str)
    return table.astype({"repeat": int}) if "repeat" in table else table


def each(table: pd.DataFrame) -> Iterator[pd.Series]:
    """Yield the splits of all folds, or the one that there is: subset by recording."""
    if "repeat" not in table:
        yield over_repeats(table)
        return
    for number in range(int(table["repeat"].max()) + 1):
        yield of_repeat(table, number)


def first(table: pd.DataFrame) -> pd.Series:
    """Return the split, of folds the first: the others are like it."""
    return next(each(table))


def of_repeat(table: pd.DataFrame, number: int) -> pd.Series:
    """Return the split of one fold: subset by recording."""
    return table[table["repeat"] == number].set_index("recording")["subset"]


def over_repeats(table: pd.DataFrame) -> pd.Series:
    """Return what each recording is in the end: "test" for all that are tested in any fold.

    Examples
    --------
    >>> first, second = pd.Series({"a": "test", "b": "labelled"}), pd.Series({"a": "unlabelled"})
    >>> over_repeats(table_of([first, second])).to_dict()
    {'a': 'test', 'b': 'labelled'}
    """
    if "repeat" not in table:
        return table.set_index("recording")["subset"]
    subset = pd.Categorical(table["subset"], ORDER, ordered=True)
    least = table.assign(place=subset.codes).groupby("recording", sort=False)["place"].min()
    return least.map(dict(enumerate(ORDER))).rename("subset")
