"""The command line: its commands by group, and what becomes of errors."""

import os
import shutil
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from semisup import __version__
from semisup.cli import results, studies
from semisup.engine.progress import Loudness, say, set_loudness
from semisup.errors import SemisupError

#: How wide the help is, and from how many columns on it has boxes: in fewer they would cut names.
WIDTH, ROOMY = shutil.get_terminal_size().columns, 60

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich" if WIDTH >= ROOMY else None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": WIDTH},
    help="Is a representation learned from unlabelled audio worth more than hand-crafted features, "
    "and at which label budget?",
)

#: Commands by group of the help, in its order: what a newcomer needs comes first.
PANELS: dict[str, dict[str, Callable[..., None]]] = {
    "Start here": {
        "init": studies.init,
        "check": studies.check,
        "run": studies.run,
        "report": studies.report,
    },
    "Use the result": {
        "predict": results.predict,
        "export": results.export,
        "plot": results.plot,
        "compare": results.compare,
    },
    "More": {
        "tune": studies.tune,
        "curve": studies.curve,
        "list": results.list_names,
        "import-pickles": results.import_pickles,
    },
}
for panel, commands in PANELS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"semisup {__version__}")
        raise typer.Exit


@app.callback()
def semisup(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Begin every command with what is usual to say."""
    set_loudness(Loudness.NORMAL)


def main() -> None:
    """Run the command line; any error is one sentence and exit status 1."""
    # Arrow's own allocator keeps what it once had; this is read when Arrow is imported, here and
    # in the processes that are started
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    _silence_joblib()
    try:
        app()
    except Exception as error:
        # looked for here, as the error may come before a command has its options
        if "--debug" in sys.argv:
            raise
        say(f"semisup: {_sentence(error)}", tone="wrong")
        sys.exit(1)


def _silence_joblib() -> None:
    """Keep from the terminal what a process of joblib's would say after our own sentence.

    It clears away what a killed worker has left, and warns of that in several lines.
    """
    asked = os.environ.get("PYTHONWARNINGS", "").split(",")
    filters = dict.fromkeys([*filter(None, asked), "ignore:resource_tracker:UserWarning"])
    os.environ["PYTHONWARNINGS"] = ",".join(filters)


def _sentence(error: Exception) -> str:
    """Return our own errors as they are, and others with where their whole text was written."""
    if isinstance(error, SemisupError):
        return str(error)
    from semisup.engine.failures import keep_text, sentence_of

    path = keep_text(error)
    where = f"is in {path}" if path else "could not be written; --debug shows it"
    return f"{sentence_of(error)}; its full text {where}"
