"""Options that several commands take, and what all commands need."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semisup.engine.progress import Loudness, say, set_loudness
from semisup.remote.urls import output_place

if TYPE_CHECKING:
    from semisup.engine.parallel import Workers

# Written out: the stages themselves import pandas, and help must not.
STAGES = (
    *("manifest", "split", "durations", "chunks", "train", "features", "curve", "compare"),
    *("importance", "clusters", "plot", "report"),
)
STAGE_NAMES = f"{', '.join(STAGES[:-1])} or {STAGES[-1]}"


def beginning(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes a word in the shell to one of some names."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def _loudness(parameter: typer.CallbackParam, wanted: bool) -> bool:
    """Set how much is said before the command begins."""
    if wanted:
        set_loudness(Loudness.QUIET if parameter.name == "quiet" else Loudness.VERBOSE)
    return wanted


StudyPath = Annotated[Path | None, typer.Argument(help="study.toml, or the folder that holds it")]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=0, help="processes; 0: one a core. Results are the same.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="of a Dask scheduler whose workers do the work"),
]
Out = Annotated[
    Path,
    typer.Option(
        metavar="DIR",
        parser=output_place,  # a path would lose a slash of a URL
        help="root of artefacts: DIR/<study>/ is written; may be a URL, such as s3://bucket/folder",
    ),
]
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


def workers_of(jobs: int, scheduler: str | None = None) -> "Workers":
    """Return who does parallel work."""
    from semisup.engine.parallel import Workers

    return Workers(jobs, scheduler)


@contextmanager
def stoppable() -> Iterator[None]:
    """End on Ctrl-C with one line; what is finished is on disk."""
    try:
        yield
    except KeyboardInterrupt:
        say("stopped; the same command goes on from here", tone="caution")
        raise typer.Exit(130) from None  # 128 + SIGINT, as shells have it
