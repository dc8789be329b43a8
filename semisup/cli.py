"""The command line: a few lines a command. What is heavy is imported on use: help is quick."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semisup.errors import SemisupError
from semisup.figures.catalogue import FIGURES, help_of, plot_scores

if TYPE_CHECKING:
    from semisup.engine.parallel import Workers

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Is a representation learned from unlabelled audio worth more than hand-crafted features?",
)

# Written out: the stages themselves import pandas, and help must not.
STAGE_NAMES = "manifest, split, durations, chunks, train, features, curve, compare, plot or report"

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


@app.command()
def run(
    study: StudyPath = None,
    until: Annotated[str | None, typer.Option(help=f"the last stage to run: {STAGE_NAMES}")] = None,
    force: Annotated[str | None, typer.Option(help="make this and later stages again")] = None,
    jobs: Jobs = 0,
    scheduler: Scheduler = None,
    out: Out = Path("files"),
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Run a study from recordings to figures; without STUDY, the built-in quickstart."""
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
    debug: Debug = False,
) -> None:
    """List what would prevent a study from running, and what would do instead."""
    from semisup.reading import read_draft
    from semisup.stages.preflight import check_draft

    with _stoppable():
        found = check_draft(read_draft(study, out, overrides or ()), _workers(jobs))
    for problem in found.problems:
        typer.echo(problem)
    if found.cost:
        typer.echo(f"cost: {found.cost}")
    typer.echo(found.summary())
    raise typer.Exit(int(bool(found.fatal)))


@app.command()
def tune(
    study: StudyPath = None,
    jobs: Jobs = 0,
    out: Out = Path("files"),
    overrides: Overrides = None,
    debug: Debug = False,
) -> None:
    """Search the best autoencoder for a study; `semisup run` then uses it."""
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
    debug: Debug = False,
) -> None:
    """Run the learning-curve experiment, and before it only what it lacks."""
    run(study, "plot", None, jobs, scheduler, out, overrides, debug)


@app.command()
def plot(
    scores: Annotated[Path, typer.Argument(help="scores.csv or scores.parquet of a study")],
    output: Annotated[Path, typer.Option("--output", "-o", help="FIGURE.png, .svg or .pdf")],
    metric: Annotated[
        str | None, typer.Option(help=help_of("metric"), show_default="f1_weighted")
    ] = None,
    classifier: Annotated[str | None, typer.Option(help=help_of("classifier"))] = None,
    kind: Annotated[str, typer.Option(help=", ".join(FIGURES))] = "curve",
    representation: Annotated[str | None, typer.Option(help=help_of("representation"))] = None,
    baseline: Annotated[str | None, typer.Option(help=help_of("baseline"))] = None,
    method: Annotated[str | None, typer.Option(help=help_of("method"), show_default="pca")] = None,
    debug: Debug = False,
) -> None:
    """Draw a figure from a scores table and the study's tables beside it."""
    path = plot_scores(
        scores,
        output,
        kind,
        metric=metric,
        classifier=classifier,
        representation=representation,
        baseline=baseline,
        method=method,
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
    debug: Debug = False,
) -> None:
    """Predict one's own files: class probabilities over time, and what each file is."""
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
    """Turn the older feature pickles into tables and a study file that `semisup run` takes."""
    from semisup.importers import original_pickles

    study = original_pickles.import_pickles(source, output)
    typer.echo(f"semisup run {study}")
    typer.echo(f"semisup run {study.with_name('random_orders.toml')}")


@app.command("list")
def list_names(
    what: Annotated[
        str | None,
        typer.Argument(help="corpora, architectures, representations or classifiers"),
    ] = None,
) -> None:
    """List what a study file can name."""
    from semisup import registry
    from semisup.errors import UnknownNameError, nearest

    lists = registry.LISTS
    if what is not None and what not in lists:
        raise UnknownNameError(f"There is no list of '{what}'; {nearest(what, lists)}")
    for kind in [what] if what else lists:
        entries = lists[kind]
        typer.secho(kind, bold=True)
        names = entries.names()
        width = max(map(len, names))
        for name in names:
            typer.echo(f"  {name:<{width}} {entries.summary(name)}")


def _workers(jobs: int, scheduler: str | None = None) -> "Workers":
    from semisup.engine.parallel import Workers

    return Workers(jobs, scheduler)


@contextmanager
def _stoppable() -> Iterator[None]:
    """End on Ctrl-C with one line; what is finished is on disk."""
    try:
        yield
    except KeyboardInterrupt:
        typer.secho("stopped; the same command goes on from here", fg="yellow", err=True)
        raise typer.Exit(130) from None  # 128 + SIGINT, as shells have it


def main() -> None:
    """Run the command line; any error is one sentence and exit status 1."""
    try:
        app()
    except Exception as error:
        # looked for here, as the error may come before a command has its options
        if "--debug" in sys.argv:
            raise
        typer.secho(f"semisup: {_sentence(error)}", fg="red", err=True)
        sys.exit(1)


def _sentence(error: Exception) -> str:
    """Return our own errors as they are, and others with where their whole text was written."""
    if isinstance(error, SemisupError):
        return str(error)
    from semisup.engine.failures import keep_text, sentence_of

    path = keep_text(error)
    where = f"is in {path}" if path else "could not be written; --debug shows it"
    return f"{sentence_of(error)}; its full text {where}"
