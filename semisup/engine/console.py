"""The two consoles: results on standard output, progress and warnings on standard error.

A terminal gets lines that end between words; a pipe or a file gets one line a sentence, for other
programs to search.
"""

import os
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

#: Every colour of the terminal, by the one thing that it means. `NO_COLOR` turns them off.
TONES = {
    "good": "green",  # ahead, healthy, can run
    "caution": "yellow",  # to be known before a number is believed
    "wrong": "red",  # cannot be used or cannot go on
    "step": "bold",  # the beginning of something
    "aside": "dim",  # for whoever wants to know more
}


#: What stands on one line: a word, an interval, and each with its percent sign.
_WHOLE = re.compile(r"(?:\[\S+, \S+\]\S*|\S+)(?: %\S*)?")


@cache
def messages() -> "Console":
    """Return the console of progress and warnings: standard error."""
    return _console(stderr=True)


@cache
def results() -> "Console":
    """Return the console of what was asked for: standard output."""
    return _console(stderr=False)


def _console(stderr: bool) -> "Console":
    from rich.console import Console
    from rich.theme import Theme

    return Console(stderr=stderr, highlight=False, soft_wrap=True, theme=Theme(TONES))


def width_of(console: "Console") -> int | None:
    """Return how many columns there are; None for a pipe or a file, unless `COLUMNS` says it."""
    return console.width if console.is_terminal or "COLUMNS" in os.environ else None


def print_to(console: "Console", message: str, tone: str = "", only: int | None = None) -> None:
    """Print one sentence, broken between words; text from files is never read as markup.

    Parameters
    ----------
    console : Console
    message : str
    tone : str
        One of `TONES`.
    only : int, optional
        How many letters at the beginning have the tone; all if left out.
    """
    from rich.text import Text

    for line in wrapped(message, width_of(console)):
        text = Text(line)
        text.stylize(tone, 0, only)
        console.print(text)
        only = None if only is None else max(only - len(line) - 1, 0)


def wrapped(message: str, width: int | None) -> list[str]:
    """Break a sentence between words; a word longer than a line, such as a path, stays whole.

    Examples
    --------
    >>> wrapped("  a longer sentence", 12)
    ['  a longer', '  sentence']
    >>> wrapped("ahead by .11 [.02, .20] (95 %) here", 20)
    ['ahead by .11', '[.02, .20] (95 %)', 'here']
    """
    from rich.cells import cell_len

    if width is None:
        return [message]
    lines: list[str] = []
    for line in message.split("\n"):
        text = line.lstrip(" ")
        margin = " " * (len(line) - len(text))
        first, *words = _WHOLE.findall(text) or [""]
        lines.append(margin + first)
        for word in words:
            # in columns: a Chinese letter takes two
            if cell_len(lines[-1]) + 1 + cell_len(word) > width:
                lines.append(margin + word)
            else:
                lines[-1] += f" {word}"
    return lines
