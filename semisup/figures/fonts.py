"""Letters that the default font of figures lacks: another installed font, or escapes.

In: text, or a Figure. Out: text that can be drawn; the Figure with fonts that have its letters.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import category, name

from semisup.engine.progress import say
from semisup.study.spelling import SELECTORS, escaped

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

#: Fonts for scripts whose letters are not called after them (https://fonts.google.com/noto).
_NOTO = {
    "CJK": "Noto Sans CJK SC",
    "symbols": "Noto Emoji",
    "HANGUL": "Noto Sans CJK KR",
    **dict.fromkeys(("HIRAGANA", "KATAKANA"), "Noto Sans CJK JP"),
}
#: The largest weight of a font that is not bold.
_REGULAR = 500


def drawable(text: str) -> str:
    r"""Write the letters that no installed font has as ``\u9ad8``, and say so once a script.

    Characters that are never seen are left out where no font has them.
    """
    odd = {c for c in text if not (c.isascii() and c.isprintable()) and c != "\n"}
    controls = {c for c in odd if category(c) == "Cc"}
    lacking = {c for c in odd - controls if _font_of(c) is None}
    seen = {c for c in lacking if category(c) != "Cf" and c not in SELECTORS}
    for script in sorted({_script(c) for c in seen if category(c)[0] != "M"}):
        _tell(script)
    escapes = {letter: escaped(letter) for letter in controls | seen}
    return "".join(escapes.get(c, "" if c in lacking else c) for c in text)


def fit(figure: "Figure | SubFigure") -> None:
    """Let each text be drawn in the fonts that have its letters."""
    for text in _texts(figure):
        fonts = {_font_of(c) for c in text.get_text() if not c.isascii()} - {None, ""}
        if fonts:
            text.set_fontfamily([*text.get_fontfamily(), *sorted(map(str, fonts))])


def is_default(letter: str) -> bool:
    """Tell whether the default font has a letter."""
    return _font_of(letter) == ""


def _texts(figure: "Figure | SubFigure") -> Iterator["Text"]:
    from matplotlib.text import Text

    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            # they do not exist before they are asked for
            axis.get_ticklabels()
    yield from figure.findobj(lambda artist: isinstance(artist, Text))  # type: ignore[misc]


@cache
def _font_of(letter: str) -> str | None:
    """Return the family of a font with a letter, "" for the default one, None if there is none."""
    from matplotlib.font_manager import FontProperties, findfont

    if ord(letter) in _letters(findfont(FontProperties())):
        return ""
    return next((family for family, path in _installed() if ord(letter) in _letters(path)), None)


@cache
def _installed() -> list[tuple[str, str]]:
    """Return families and files of regular fonts, those without serifs first."""
    import matplotlib
    from matplotlib.font_manager import findSystemFonts, fontManager

    # matplotlib's own list is made once and does not grow when a font is installed
    for path in set(findSystemFonts()) - {font.fname for font in fontManager.ttflist}:
        try:
            fontManager.addfont(path)
        except (OSError, RuntimeError):  # no font that it can read
            continue
    own = matplotlib.get_data_path()
    fonts = {
        (font.name, font.fname)
        for font in fontManager.ttflist
        # its own others are of mathematics and of boxes; colours are not drawn
        if not font.fname.startswith(own)
        and "Color" not in font.name
        and font.style == "normal"
        and int(font.weight) <= _REGULAR
    }
    return sorted(fonts, key=lambda font: ("Sans" not in font[0], *font))


@cache
def _letters(path: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):
        return frozenset()
    # of fixed sizes only there are no outlines
    return frozenset(font.get_charmap()) if font.scalable else frozenset()


@cache
def _tell(script: str) -> None:
    font = _NOTO.get(script, f"Noto Sans {script.title()}")
    say(
        f"  No installed font has the letters of some names ({script}): figures have their codes, "
        f"such as \\u9ad8, and the report themselves; install a font such as {font}, then: "
        "semisup run --force plot",
        tone="caution",
    )


def _script(letter: str) -> str:
    """Return the first word of a letter's name, which is its script."""
    return name(letter, "symbols").split(" ")[0].split("-")[0] if letter.isalnum() else "symbols"
