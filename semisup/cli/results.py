"""Commands on results and names: figures, predictions, exported models, lists."""

from pathlib import Path
from typing import Annotated

import typer

from semisup.cli.options import (
    Debug,
    Jobs,
    Out,
    Overrides,
    Quiet,
    Scheduler,
    Verbose,
    beginning,
    stoppable,
    workers_of,
)
from semisup.figures.catalogue import FIGURES, help_of, plot_scores
from semisup.metrics import METRICS
from semisup.registry import LISTS
from semisup.remote.urls import output_place


def plot(
    scores: Annotated[Path, typer.Argument(help="scores.csv or scores.parquet of a study")],
    output: Annotated[Path, typer.Option("--output", "-o", help="FIGURE.png, .svg or .pdf")],
    metric: Annotated[
        str | None, typer.Option(help=help_of("metric"), autocompletion=beginning(METRICS))
    ] = None,
    classifier: Annotated[str | None, typer.Option(help=help_of("classifier"))] = None,
    kind: Annotated[
        str, typer.Option(help=", ".join(FIGURES), autocompletion=beginning(FIGURES))
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
    scheduler: Scheduler = None,
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

    with stoppable():
        if output is not None:
            check_output(output)
        workers = workers_of(jobs, scheduler)
        model, home = open_model(study, system, out, overrides or (), workers)
        predictions = model.predict(audio)
        typer.echo(text(predictions))
        write(predictions, output or next_folder(home / "predictions"), figures)
    # what could be predicted is written, but a script must notice what could not
    raise typer.Exit(int(bool(predictions.failed)))


def compare(
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV or Parquet: recording, true, predicted, budget, draw, system, speaker; "
            "or system, budget, draw, score"
        ),
    ],
    recordings: Annotated[
        Path | None, typer.Option(help="table with recording, label, speaker")
    ] = None,
    split: Annotated[
        Path | None, typer.Option(help="table with recording, subset and perhaps fold")
    ] = None,
    beside: Annotated[
        Path | None,
        typer.Option(
            "--with", metavar="FOLDER", help="of a finished study: its systems are compared too"
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help=f"of verdicts, figures and a column score: {', '.join(METRICS)}",
            autocompletion=beginning(METRICS),
            show_default="f1_weighted",
        ),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="the system that others are compared with; else the first")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="of the resamples")] = 0,
    name: Annotated[
        str | None, typer.Option(help="of the folder in DIR; else that of the file")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            parser=output_place,
            help="root of artefacts, or its URL: DIR/NAME/ is written",
        ),
    ] = Path("files"),
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="TABLE.KEY=VALUE", help="of the tables compare, plot and report"
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Compare predictions that were made elsewhere, as a study compares its own.

    Intervals, verdicts, figures and a report, from a table.
    """
    from semisup.elsewhere.result import compare_predictions
    from semisup.terminal.results import tell

    with stoppable():
        result = compare_predictions(
            table,
            recordings=recordings,
            split=split,
            beside=beside,
            metric=metric,
            baseline=baseline,
            seed=seed,
            name=name,
            out=out,
            overrides=overrides or (),
        )
    tell(result.study)


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
    with stoppable():
        typer.echo(export_model(opened, output, system, jobs=jobs))


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


def list_names(
    what: Annotated[
        str | None,
        typer.Argument(
            help="corpora, architectures, representations or classifiers",
            autocompletion=beginning(LISTS),
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
