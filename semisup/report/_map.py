"""The compact picture of the page: classifiers down, label budgets across, who is ahead as colour.

In: how one representation stands against another. Out: a table of cells, each with its words, so
that it is read without colours, too.
"""

from typing import NamedTuple

import numpy as np

from semisup.comparison import MEAN
from semisup.comparison.standing import Standing
from semisup.comparison.told import AHEAD, BEHIND, GUESSING
from semisup.figures.verdict_map import MOST_NUMBERS, Grid, colours_of, verdict_grid
from semisup.report._words import classifier_name, in_sentence, is_plural, labels_used, short

#: Label budgets that are written above a map of many.
MOST_TICKS = 5
#: Class of a cell by who is ahead.
SIDES = {AHEAD: "first", BEHIND: "second", GUESSING: "guess"}


class Cell(NamedTuple):
    """One classifier at one label budget."""

    side: str  # "first", "second", "guess" or "open"
    #: The background; empty for white.
    colour: str
    number: str
    words: str


class Row(NamedTuple):
    """One classifier, or their mean."""

    classifier: str
    is_mean: bool
    cells: list[Cell]


class Map(NamedTuple):
    """The picture of one pair.

    Parameters
    ----------
    first, second : str
        Names as they stand within a sentence.
    colours : tuple of str
        Of the first and of the second.
    budgets : list of (str, bool)
        In percent, and whether there is room to write it.
    rows : list of Row
    largest : str
        The largest difference that has a colour; empty where none has.
    has_numbers : bool
        Whether cells are wide enough for numbers.
    has_guesses : bool
        Whether any difference is resolved of which neither side is resolved from chance.
    """

    first: str
    second: str
    colours: tuple[str, str]
    budgets: list[tuple[str, bool]]
    rows: list[Row]
    largest: str
    has_numbers: bool
    has_guesses: bool

    @property
    def title(self) -> str:
        """What it shows."""
        return f"{self.first[0].upper()}{self.first[1:]} against {self.second}"


def describe_map(one: Standing, names: list[str]) -> Map:
    """Lay out the picture; `names` are all representations, from which the colours follow."""
    grid, colours = verdict_grid(one), colours_of(one, names)
    return Map(
        in_sentence(one.first),
        in_sentence(one.second),
        (colours[AHEAD], colours[BEHIND]),
        [(f"{budget:g}", room) for budget, room in zip(one.budgets, _room(one), strict=True)],
        [_row(one, grid, place, colours) for place in range(len(grid.classifiers))],
        short(grid.largest) if grid.largest else "",
        len(one.budgets) <= MOST_NUMBERS,
        bool((grid.words == GUESSING).any()),
    )


def _room(one: Standing) -> list[bool]:
    """Tell which budgets are written: of many some, counted from the last, which all studies have.

    The number of a narrow column is written across its neighbours to the left.
    """
    n = len(one.budgets)
    every = 1 if n <= MOST_NUMBERS else int(np.ceil(n / MOST_TICKS))
    return [(n - 1 - place) % every == 0 for place in range(n)]


def tint(colour: str, shade: float) -> str:
    """Mix a colour with white.

    Examples
    --------
    >>> tint("#0072B2", 1.0), tint("#000000", 0.5)
    ('#0072b2', '#808080')
    """
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - shade * (255 - part)):02x}" for part in parts)


def _row(one: Standing, grid: Grid, place: int, colours: dict[str, str]) -> Row:
    name = grid.classifiers[place]
    bands = one.bands.loc[name].to_numpy()
    cells = [
        _cell(one, word, tint(colours[word], shade) if shade else "", labels_used(budget), band)
        for word, shade, budget, band in zip(
            grid.words[place], grid.shades[place], one.budgets, bands, strict=True
        )
    ]
    title = "Mean" if name == MEAN else classifier_name(name)
    return Row(title, name == MEAN, cells)


def _cell(one: Standing, word: str, colour: str, used: str, band: np.ndarray) -> Cell:
    first, second = one.first, one.second
    value, low, high = band
    if word in (AHEAD, BEHIND):
        leader = first if word == AHEAD else second
        ends = (low, high) if word == AHEAD else (-high, -low)
        number = short(abs(value))
        verb = "are" if is_plural(leader) else "is"
        by = f"{number} [{short(ends[0])}, {short(ends[1])}]"
        words = f"{used}: {in_sentence(leader)} {verb} ahead by {by}"
        return Cell(SIDES[word], colour, number, words)
    why = "not resolved from chance" if word == GUESSING else "not resolved"
    band_ = f": {short(value)} [{short(low)}, {short(high)}]" if np.isfinite(low) else ""
    return Cell(SIDES.get(word, "open"), "", "", f"{used}: {why}{band_}")
