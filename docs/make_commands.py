"""Write COMMANDS.md: every command with its arguments and options, from the command line itself.

Run ``python docs/make_commands.py``; a test compares the file with the commands.
"""

from itertools import chain
from pathlib import Path
from textwrap import fill
from typing import Any

import typer

from semisup.cli import app

HEAD = """# The command line

Every command of `semisup`, with what it takes. Made from the commands by
`python docs/make_commands.py`; `semisup --help` and `semisup COMMAND --help` say the same.

An error is one sentence on standard error and exit status 1 ([every error](ERRORS.md)); a wrong
option is exit status 2, Ctrl-C 130.
"""
#: Characters of a line, as in all documentation.
WIDTH = 120


def page() -> str:
    """Write the whole file."""
    group: Any = typer.main.get_command(app)
    common = [wrapped(option_of(option)) for option in group.params]
    beside = ["## Of all commands\n\n" + "\n".join(common) + "\n"] if common else []
    sections = [section(name, command) for name, command in group.commands.items()]
    return "\n".join([HEAD, *beside, *sections])


def section(name: str, command: Any) -> str:
    """Write what a command does and takes, arguments first."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each not in arguments and not each.hidden]
    usage = " ".join(["semisup", name, *map(usage_of, arguments), "[OPTIONS]"])
    says = "\n\n".join(fill(text, WIDTH) for text in paragraphs(command.help or ""))
    items = "\n".join(
        wrapped(text) for text in chain(map(argument_of, arguments), map(option_of, options))
    )
    return f"## `semisup {name}`\n\n{says}\n\n```text\n{usage}\n```\n\n{items}\n"


def paragraphs(text: str) -> list[str]:
    """Divide a text at its empty lines."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


def usage_of(argument: Any) -> str:
    """Write an argument as a line of usage has it."""
    name = argument.name.upper() + ("..." if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def argument_of(argument: Any) -> str:
    """Write what an argument is."""
    return f"- `{usage_of(argument)}`: {argument.help}"


def option_of(option: Any) -> str:
    """Write one option: its names, its default, what it is for."""
    names = "`, `".join([*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    notes = ["may be repeated"] if option.multiple else []
    if option.required:
        notes.append("must be given")
    if default := default_of(option):
        notes.append(f"default `{default}`")
    note = f" ({'; '.join(notes)})" if notes else ""
    return f"- `{names}{value}`{note}: {' '.join((option.help or '').split())}"


def default_of(option: Any) -> str:
    """Return the default of an option as one would type it, "" if there is none."""
    if isinstance(option.show_default, str):
        return option.show_default
    if option.is_flag or option.multiple or option.default is None or callable(option.default):
        return ""
    return str(option.default)


def wrapped(text: str) -> str:
    """Wrap an item of a list."""
    return fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    Path(__file__).with_name("COMMANDS.md").write_text(page(), encoding="utf-8")
