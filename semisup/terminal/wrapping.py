"""Lines for a person: at a terminal no word is broken, elsewhere a line stays one."""

import shutil
import sys
from textwrap import TextWrapper

import typer

_WRAPPER = TextWrapper(subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def tell(line: str) -> None:
    """Print a line on standard output; at a terminal, what goes on is indented."""
    if sys.stdout.isatty() and not line.startswith(" "):
        _WRAPPER.width = shutil.get_terminal_size().columns
        line = _WRAPPER.fill(line)
    typer.echo(line)
