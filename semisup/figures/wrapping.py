"""Breaking of titles and labels into lines that have room.

In: text and the room it has, or a Figure. Out: the text with line breaks; the Figure whose titles
and axis labels stay within it.
"""

from functools import cache
from itertools import accumulate
from re import split
from typing import TYPE_CHECKING

from semisup.figures.fonts import is_default

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text


def wrapped(text: str, inches: float, size: float) -> str:
    r"""Break a text, between words where it can, into lines that are no wider.

    Lines that it has already stay apart, and a number stays with its per cent sign.

    Parameters
    ----------
    text : str
    inches : float
        Width of the longest line.
    size : float
        Points of the letters.

    Examples
    --------
    >>> wrapped("Hand-crafted features", 1.0, 8)
    'Hand-crafted\nfeatures'
    """
    lines = []
    for line in text.split("\n"):
        words = [
            piece
            for word in split(r"\s+(?!%)", line.strip())
            for piece in _pieces(word, inches, size)
        ]
        lines.append(" ".join(words[:1]))
        for word in words[1:]:
            longer = f"{lines[-1]} {word}"
            if width_of(longer, size) <= inches:
                lines[-1] = longer
            else:
                lines.append(word)
    return "\n".join(lines)


def width_of(text: str, size: float) -> float:
    """Return how wide a line is, in inches."""
    return sum(map(_letter_width, text.replace(r"\$", "$"))) * size / 72


def settle(figure: "Figure") -> None:
    """Break titles and axis labels that would leave the figure or reach into another panel."""
    figure.draw_without_rendering()
    panels = panels_of(figure)
    for ax in figure.axes:
        box = ax.get_window_extent()
        across, down = box.width / figure.dpi, box.height / figure.dpi
        if len(panels) > 1:
            # a little beyond the panel there is nothing but the room between two
            title = 1.08 * across
        else:
            middle = (box.x0 + box.x1) / 2
            title = 1.96 * min(middle, figure.bbox.width - middle) / figure.dpi
        _break(ax.title, title)
        _break(ax.xaxis.label, max(across, title))
        _break(ax.yaxis.label, down)


def panels_of(figure: "Figure") -> list["Axes"]:
    """Return the Axes of a figure but for those of colour bars."""
    return [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]


def _break(text: "Text", inches: float) -> None:
    words, size = text.get_text(), float(text.get_fontsize())
    if words and max(width_of(line, size) for line in words.split("\n")) > inches:
        text.set_text(wrapped(words, inches, size))


def _pieces(word: str, inches: float, size: float) -> list[str]:
    """Return a word, in several pieces where it is wider than a line."""
    ends = list(accumulate(width_of(letter, size) for letter in word))
    if not ends or ends[-1] <= inches:
        return [word]
    fits = max(1, sum(end <= inches for end in ends))
    # a backslash stays with the dollar sign that it is for
    if word[fits - 1] == "\\" and len(word) > fits:
        fits += 1 if fits == 1 else -1
    return [word[:fits], *_pieces(word[fits:], inches, size)]


@cache
def _letter_width(letter: str) -> float:
    """Return the width of a letter, in heights of the font; of another font, that of a square."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    if not is_default(letter):
        return 1.0
    prop = FontProperties(size=100)
    return float(text_to_path.get_text_width_height_descent(letter, prop, ismath=False)[0]) / 100
