"""Commands on studies: draft, check, run, report, tune."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from semisup.cli.options import (
    STAGE_NAMES,
    STAGES,
    Debug,
    Jobs,
    Out,
    Overrides,
    Quiet,
    Scheduler,
    StudyPath,
    Verbose,
    beginning,
    stoppable,
    workers_of,
)
from semisup.engine.progress import say


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
    with stoppable():
        drafted = draft(place, output, ask, unlabelled or (), label, force=force)
    write_draft(drafted, tell)


def _prompt(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False))


def check(
    study: StudyPath = None,
    jobs: Jobs = 0,
    scheduler: Scheduler = None,
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

    with stoppable():
        draft = read_draft(study, out, overrides or ())
        findings = check_draft(draft, workers_of(jobs, scheduler))
    tell(findings)
    raise typer.Exit(int(bool(findings.fatal)))


def run(
    study: StudyPath = None,
    until: Annotated[
        str | None,
        typer.Option(
            help=f"the last stage to run: {STAGE_NAMES}", autocompletion=beginning(STAGES)
        ),
    ] = None,
    force: Annotated[
        str | None,
        typer.Option(help="make this and later stages again", autocompletion=beginning(STAGES)),
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
    with stoppable():
        resolved = run_study(opened, until, force, workers_of(jobs, scheduler))
    tell(resolved)


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


def tune(
    study: StudyPath = None,
    jobs: Jobs = 0,
    scheduler: Scheduler = None,
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
    with stoppable():
        searched = tune_study(opened, workers_of(jobs, scheduler))
    tell(searched.first, len(searched.repeats))


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
