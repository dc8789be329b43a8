"""The command line: a few lines a command. What is heavy is imported on use: help is quick."""

import shutil
import sys
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semisup import __version__
from semisup.engine.progress import Loudness, say, set_loudness
from semisup.errors import SemisupError
from semisup.figures.catalogue import FIGURES, help_of, plot_scores
from semisup.metrics import METRICS
from semisup.registry import LISTS

if TYPE_CHECKING:
    from typer.models import CommandInfo

    from semisup.engine.parallel import Workers

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

#: Groups of commands in the help, and their order: what a newcomer needs comes first.
PANELS = {
    "Start here": ("init", "check", "run", "report"),
    "Use the result": ("predict", "export", "plot"),
    "More": ("tune", "curve", "list", "import-pickles"),
}

# Written out: the stages themselves import pandas, and help must not.
STAGES = (
    *("manifest", "split", "durations", "chunks", "train", "features", "curve", "compare"),
    *("plot", "report"),
)
STAGE_NAMES = f"{', '.join(STAGES[:-1])} or {STAGES[-1]}"


def _beginning(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes a word in the shell to one of some names."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"semisup {__version__}")
        raise typer.Exit


def _loudness(parameter: typer.CallbackParam, wanted: bool) -> bool:
    """Set how much is said before the command begins."""
    if wanted:
        set_loudness(Loudness.QUIET if parameter.name == "quiet" else Loudness.VERBOSE)
    return wanted


StudyPath = Annotated[Path | None, typer.Argument(help="study.toml, or the folder that holds it")]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=0, help="processes; 0: one a core. Results are the same.")
]
Scheduler = Annotated[str | None, typer.Option(help="address of a Dask scheduler")]
Out = Annotated[Path, typer.Option(help="root of artefacts: DIR/<study>/ is written")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="TABLE.KEY=VALUE", help="over the study file"),
]
# every command takes it, but `main` reads it
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an error")]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", callback=_loudness, help="print the answer and warnings alone"),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", callback=_loudness, help="print every step, seconds and files"),
]


@app.callback()
def semisup(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Begin every command with what is usual to say."""
    set_loudness(Loudness.NORMAL)


@app.command()
def init(
    place: Annotated[Path, typer.Argument(metavar="FOLDER", help="recordings, or a table of them")],
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="more recordings, which need no labels")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="file to write")] = Path(
        "study.toml"
    ),
    label: Annotated[
        str | None, typer.Option(help="a corpus's other label, or a column of a table")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="take every guess, ask nothing")] = False,
    force: Annotated[bool, typer.Option("--force", help="overwrite the file")] = False,
    debug: Debug = False,
) -> None:
    """Look at a folder of recordings and write a study file for it."""
    from semisup.drafting.asking import asker
    from semisup.drafting.draft import draft, write_draft
    from semisup.terminal.wrapping import tell

    asks = sys.stdin.isatty() and not yes
    ask = asker(tell, _prompt if asks else None)
    with _stoppable():
        drafted = draft(place, output, ask, unlabelled or (), label, force=force)
    write_draft(drafted, tell)


@app.command()
def run(
    study: StudyPath = None,
    until: Annotated[
        str | None,
        typer.Option(
            help=f"the last stage to run: {STAGE_NAMES}", autocompletion=_beginning(STAGES)
        ),
    ] = None,
    force: Annotated[
        str | None,
        typer.Option(help="make this and later stages again", autocompletion=_beginning(STAGES)),
    ] = None,
    jobs: Jobs = 0,
    scheduler: Scheduler = None,
    out: Out = Path("files"),
    overrides: Overrides = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Run a study, from recordings to a report.

    Without STUDY the built-in quickstart runs. What is there and current is not made again.
    """
    from semisup.reading import read_study
    from semisup.stages.runner import run_study
    from semisup.terminal.results import tell

    opened = read_study(study, out, overrides or ())
    with _stoppable():
        resolved = run_study(opened, until, force, _workers(jobs, scheduler))
    tell(resolved)


@app.command()
def check(
    study: StudyPath = None,
    jobs: Jobs = 0,
    out: Out = Path("files"),
    overrides: Overrides = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """List what would prevent a study from running.

    Beside each problem stands what would do instead.
    """
    from semisup.reading import read_draft
    from semisup.stages.preflight import check_draft
    from semisup.terminal.check_results import tell

    with _stoppable():
        findings = check_draft(read_draft(study, out, overrides or ()), _workers(jobs))
    tell(findings)
    raise typer.Exit(int(bool(findings.fatal)))


@app.command()
def report(
    study: Annotated[Path, typer.Argument(help="study.toml, or the folder of a finished study")],
    opens: Annotated[bool, typer.Option("--open", help="show it in the browser")] = False,
    out: Out = Path("files"),
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Show the report of a study that has run.

    Prints its path. It is made again from the study's tables if it is stale.
    """
    from semisup.reading.finished import finished_study
    from semisup.stages.report import made_again

    path = made_again(finished_study(study, out, overrides or ()))
    typer.echo(path)
    if opens and not webbrowser.open(path.absolute().as_uri()):
        say("There is no browser here that could show it", tone="caution")


@app.command()
def tune(
    study: StudyPath = None,
    jobs: Jobs = 0,
    out: Out = Path("files"),
    overrides: Overrides = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Search the best autoencoder for a study.

    `semisup run` then uses it.
    """
    from semisup.reading import read_study
    from semisup.stages.runner import tune_study
    from semisup.terminal.tuning_results import tell

    opened = read_study(study, out, overrides or ())
    with _stoppable():
        searched = tune_study(opened, _workers(jobs))
    tell(searched.first, len(searched.repeats))


@app.command()
def curve(
    study: StudyPath = None,
    jobs: Jobs = 0,
    scheduler: Scheduler = None,
    out: Out = Path("files"),
    overrides: Overrides = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Run a study as far as its figures, without the report."""
    run(study, "plot", None, jobs, scheduler, out, overrides)


@app.command()
def plot(
    scores: Annotated[Path, typer.Argument(help="scores.csv or scores.parquet of a study")],
    output: Annotated[Path, typer.Option("--output", "-o", help="FIGURE.png, .svg or .pdf")],
    metric: Annotated[
        str | None, typer.Option(help=help_of("metric"), autocompletion=_beginning(METRICS))
    ] = None,
    classifier: Annotated[str | None, typer.Option(help=help_of("classifier"))] = None,
    kind: Annotated[
        str, typer.Option(help=", ".join(FIGURES), autocompletion=_beginning(FIGURES))
    ] = "curve",
    representation: Annotated[str | None, typer.Option(help=help_of("representation"))] = None,
    baseline: Annotated[str | None, typer.Option(help=help_of("baseline"))] = None,
    budget: Annotated[float | None, typer.Option(help=help_of("budget"))] = None,
    method: Annotated[str | None, typer.Option(help=help_of("method"), show_default="pca")] = None,
    width: Annotated[str | None, typer.Option(help=help_of("width"))] = None,
    style: Annotated[str, typer.Option(help=help_of("style"))] = "paper",
    title: Annotated[str | None, typer.Option(help=help_of("title"))] = None,
    debug: Debug = False,
) -> None:
    """Draw one figure of a study.

    From a scores table and the study's tables beside it.
    """
    path = plot_scores(
        scores,
        output,
        kind,
        metric=metric,
        classifier=classifier,
        representation=representation,
        baseline=baseline,
        budget=budget,
        method=method,
        width=width,
        style=style,
        title=title,
    )
    typer.echo(path)


@app.command()
def predict(
    study: Annotated[
        Path,
        typer.Argument(help="study.toml of a finished study, its folder, or an exported model"),
    ],
    audio: Annotated[
        list[Path], typer.Argument(help="files of any length and format, folders, or pictures")
    ],
    system: Annotated[
        str | None, typer.Option(help="classifier@representation; the study's best if left out")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="folder to write; a new predictions/NUMBER if left out"
        ),
    ] = None,
    figures: Annotated[int, typer.Option(min=0, help="files that are drawn, at most")] = 20,
    jobs: Jobs = 0,
    out: Out = Path("files"),
    overrides: Overrides = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Predict files of your own with a study's best system.

    Class probabilities over time, and what each file is.
    """
    from semisup.prediction.opened import open_model
    from semisup.prediction.output import check_output, next_folder, text, write

    with _stoppable():
        if output is not None:
            check_output(output)
        model, home = open_model(study, system, out, overrides or (), _workers(jobs))
        predictions = model.predict(audio)
        typer.echo(text(predictions))
        write(predictions, output or next_folder(home / "predictions"), figures)
    # what could be predicted is written, but a script must notice what could not
    raise typer.Exit(int(bool(predictions.failed)))


@app.command()
def export(
    study: Annotated[Path, typer.Argument(help="study.toml of a finished study, or its folder")],
    output: Annotated[Path, typer.Option("--output", "-o", help="folder to write")],
    system: Annotated[
        str | None, typer.Option(help="classifier@representation; the study's best if left out")
    ] = None,
    jobs: Jobs = 0,
    out: Out = Path("files"),
    overrides: Overrides = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Write a system of a study as a folder that `semisup predict` takes on another machine."""
    from semisup.prediction.exported import export_model
    from semisup.reading import read_study

    opened = read_study(study, out, overrides or ())
    with _stoppable():
        typer.echo(export_model(opened, output, system, jobs=jobs))


@app.command("import-pickles")
def import_pickles(
    source: Annotated[Path, typer.Argument(help="folder of *_hlf.pickle and *_cf.pickle")],
    output: Annotated[Path, typer.Option("--output", "-o", help="folder to write")],
    debug: Debug = False,
) -> None:
    """Turn older feature pickles into a study."""
    from semisup.importers import original_pickles

    study = original_pickles.import_pickles(source, output)
    typer.echo(f"semisup run {study}")
    typer.echo(f"semisup run {study.with_name('random_orders.toml')}")


@app.command("list")
def list_names(
    what: Annotated[
        str | None,
        typer.Argument(
            help="corpora, architectures, representations or classifiers",
            autocompletion=_beginning(LISTS),
        ),
    ] = None,
) -> None:
    """List the names that a study file can use."""
    from semisup.errors import UnknownNameError, nearest
    from semisup.terminal.names import tell

    if what is not None and what not in LISTS:
        raise UnknownNameError(f"There is no list of '{what}'; {nearest(what, LISTS)}")
    for kind in [what] if what else LISTS:
        tell(kind, LISTS[kind])


def _arrange() -> None:
    """Put every command into its group of the help, in the order of `PANELS`."""
    panels = {name: panel for panel, names in PANELS.items() for name in names}
    places = {name: place for place, name in enumerate(panels)}

    def name_of(command: "CommandInfo") -> str:
        return str(command.name or getattr(command.callback, "__name__", ""))

    app.registered_commands.sort(key=lambda command: places[name_of(command)])
    for command in app.registered_commands:
        command.rich_help_panel = panels[name_of(command)]


_arrange()


def _prompt(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False))


def _workers(jobs: int, scheduler: str | None = None) -> "Workers":
    from semisup.engine.parallel import Workers

    return Workers(jobs, scheduler)


@contextmanager
def _stoppable() -> Iterator[None]:
    """End on Ctrl-C with one line; what is finished is on disk."""
    try:
        yield
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here", tone="caution")
        raise typer.Exit(130) from None  # 128 + SIGINT, as shells have it


def main() -> None:
    """Run the command line; any error is one sentence and exit status 1."""
    try:
        app()
    except Exception as error:
        # looked for here, as the error may come before a command has its options
        if "--debug" in sys.argv:
            raise
        say(f"semisup: {_sentence(error)}", tone="wrong")
        sys.exit(1)


def _sentence(error: Exception) -> str:
    """Return our own errors as they are, and others with where their whole text was written."""
    if isinstance(error, SemisupError):
        return str(error)
    from semisup.engine.failures import keep_text, sentence_of

    path = keep_text(error)
    where = f"is in {path}" if path else "could not be written; --debug shows it"
    return f"{sentence_of(error)}; its full text {where}"
