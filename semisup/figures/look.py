"""The look of figures: how wide they are and how large their letters, on paper or on slides.

In: the name of a style and a width. Out: sizes in inches and points, which all figures that are
drawn under ``with looking(...)`` take; those of a paper elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from semisup.errors import SpecError, UnknownNameError, nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

#: A figure may be so much of a column wide, and so many inches.
NARROWEST, WIDEST = 0.75, 40.0


@dataclass(frozen=True)
class Look:
    """Sizes of a figure and of what stands in it.

    Parameters
    ----------
    column, page, tallest : float
        Inches: the width of figures of one panel, and of those of several, and the height that
        there is room for.
    title, text, tick : float
        Points of titles, of axis labels and panel titles, and of numbers and legends.
    aspect : float
        Height of a panel by its width.
    ink : float
        How much thicker lines and larger markers are than on paper.
    dots : int
        Of a png, an inch.
    width : float, optional
        Inches, of all figures; `column` or `page` if left out.
    """

    column: float
    page: float
    tallest: float
    title: float
    text: float
    tick: float
    aspect: float
    ink: float
    dots: int
    width: float | None = None

    @property
    def em(self) -> float:
        """Inches: the height of a line of text."""
        return self.text / 72

    @property
    def one(self) -> float:
        """Inches: the width of a figure of one panel."""
        return self.width or self.column

    @property
    def several(self) -> float:
        """Inches: the width of a figure of several panels."""
        return self.width or self.page


#: Widths of paper are those of a column and of a page of two columns; of slides (13.3 by 7.5
#: inches) half of one, and a whole one.
STYLES = {
    "paper": Look(3.4, 7.0, 9.4, title=9, text=8, tick=7, aspect=0.75, ink=1.0, dots=300),
    "talk": Look(6.0, 12.0, 7.0, title=18, text=16, tick=14, aspect=0.6, ink=2.0, dots=150),
}
_CURRENT = ContextVar("look", default=STYLES["paper"])


def look() -> Look:
    """Return the look of figures that are drawn now."""
    return _CURRENT.get()


@contextmanager
def looking(style: str = "paper", width: str | float | None = None) -> Iterator[Look]:
    """Give all figures that are drawn meanwhile a style and a width.

    Parameters
    ----------
    style : str
        One of `STYLES`.
    width : str or float, optional
        Inches, "column" or "page"; what suits each figure if left out.

    Raises
    ------
    UnknownNameError
        If there is no such style.
    SpecError
        If there is no such width.
    """
    if style not in STYLES:
        raise UnknownNameError(f"There is no style '{style}'; {nearest(style, STYLES)}")
    chosen = STYLES[style]
    token = _CURRENT.set(replace(chosen, width=None if width is None else inches(width, chosen)))
    try:
        yield look()
    finally:
        _CURRENT.reset(token)


def inches(width: str | float, style: Look = STYLES["paper"]) -> float:
    """Return a width in inches.

    Examples
    --------
    >>> inches("column"), inches("5.5")
    (3.4, 5.5)
    """
    named = {"column": style.column, "page": style.page}
    if width in named:
        return named[str(width)]
    try:
        value = float(width)
    except ValueError:
        value = 0.0
    least = NARROWEST * style.column
    if not least <= value <= WIDEST:
        raise SpecError(
            f"The width of a figure is column, page or {least:.3g} to {WIDEST:g} inches; "
            f"found '{width}'"
        )
    return value


def thicken(figure: "Figure") -> None:
    """Draw lines, markers and edges as thick as the look says."""
    import numpy as np
    from matplotlib.collections import Collection, PathCollection
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    factor = look().ink
    drawn = [
        *(artist for ax in figure.axes for artist in (*ax.lines, *ax.collections, *ax.patches)),
        *(spine for ax in figure.axes for spine in ax.spines.values()),
        *(
            artist
            for holder in (figure, *figure.subfigs, *figure.axes)
            for legend in _legends(holder)
            for artist in legend.legend_handles
        ),
    ]
    for artist in drawn:
        if isinstance(artist, Line2D):
            artist.set(
                linewidth=factor * artist.get_linewidth(),
                markersize=factor * artist.get_markersize(),
                markeredgewidth=factor * artist.get_markeredgewidth(),
            )
        elif isinstance(artist, Patch):
            artist.set_linewidth(factor * artist.get_linewidth())
        elif isinstance(artist, Collection):
            artist.set_linewidth(list(factor * np.atleast_1d(artist.get_linewidth())))
            if isinstance(artist, PathCollection):
                artist.set_sizes(factor**2 * artist.get_sizes())


def _legends(holder: Any) -> "list[Legend]":
    return [one for one in getattr(holder, "legends", [holder.__dict__.get("legend_")]) if one]
