"""A table in as many columns as the terminal has: numbers stay whole, and nothing is left out."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

#: Columns between two cells, the first for which there is room.
_GAPS = (3, 2, 1)


class Row(NamedTuple):
    """A name and its cells, one a head."""

    name: str
    cells: Sequence[str]


def laid_out(corner: str, heads: Sequence[str], rows: Sequence[Row], width: int | None) -> str:
    """Lay out a table: cells beside the names, below them, or each on a line of its own.

    Parameters
    ----------
    corner : str
        Head of the names.
    heads : sequence of str
        Of the cells.
    rows : sequence of Row
    width : int, optional
        Columns there are; any number if left out.

    Examples
    --------
    >>> rows = [Row("svm", [".51", ".62"])]
    >>> print(laid_out("system", ["20 %", "100 %"], rows, 40))
    system   20 %   100 %
    svm       .51     .62
    >>> print(laid_out("system", ["20 %", "100 %"], rows, 16))
    system
        20 %   100 %
    svm
         .51     .62
    >>> print(laid_out("system", ["20 %", "100 %"], rows, 11))
    system
    svm
      20 %   .51
      100 %  .62
    """
    names = (corner, *(row.name for row in rows))
    columns = [[head, *(row.cells[i] for row in rows)] for i, head in enumerate(heads)]
    widths = [max(map(cell_len, column)) for column in columns]
    first = max(map(cell_len, names))
    everything = (Row(corner, heads), *rows)
    if gap := _gap(first, widths, width):
        lines = [_left(row.name, first) + _numbers(row.cells, widths, gap) for row in everything]
    elif gap := _gap(1, widths, width):
        pairs = [(row.name, " " + _numbers(row.cells, widths, gap)) for row in everything]
        lines = [line for pair in pairs for line in pair]
    else:
        lines = [corner, *(line for row in rows for line in _one_below_the_other(heads, row))]
    return "\n".join(line.rstrip() for line in lines)


def _gap(first: int, widths: Sequence[int], width: int | None) -> int:
    """Return how far apart cells can be beside a first column; 0 where they cannot be."""
    if width is None:
        return _GAPS[0]
    room = width - first - sum(widths)
    return next((gap for gap in _GAPS if gap * len(widths) <= room), 0)


def _numbers(cells: Sequence[str], widths: Sequence[int], gap: int) -> str:
    return "".join(" " * gap + _right(*cell) for cell in zip(cells, widths, strict=True))


def _one_below_the_other(heads: Sequence[str], row: Row) -> list[str]:
    before = max(map(cell_len, heads)) + 2
    longest = max(map(cell_len, row.cells))
    cells = zip(heads, row.cells, strict=True)
    return [row.name, *(f"  {_left(head, before)}{_right(cell, longest)}" for head, cell in cells)]


def _left(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text
