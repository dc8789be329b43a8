"""Progress of work and messages: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

#: Seconds between two plain lines of one task.
LINE_EVERY = 10.0
#: The work whose progress is shown now: one at most.
_shown: list[str] = []


@cache
def console() -> "Console":
    """Return the one console that all messages go to: standard error."""
    from rich.console import Console

    # standard output is for what other programs read: paths, lists, predictions
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str, style: str = "") -> None:
    """Print one line to the person. Text from files is never read as markup."""
    console().print(message, style=style, markup=False)


@contextmanager
def silence() -> Iterator[None]:
    """Say nothing for a while, where a call is one of many, as in a cross-validation."""
    before, console().quiet = console().quiet, True
    try:
        yield
    finally:
        console().quiet = before


def track(work: Iterable[Any], label: str, total: int, done: int = 0) -> Iterator[Any]:
    """Pass on the items of `work` while showing how many of `total` are done.

    Parameters
    ----------
    work : iterable
        Yields once for every finished item.
    label : str
        What is being done.
    total, done : int
        Items in all, and those that an earlier run finished.
    """
    if _shown:  # within other work, whose items are what a person counts
        yield from work
        return
    show = _bar if console().is_terminal else _lines
    _shown.append(label)
    try:
        yield from show(work, label, total, done)
    finally:
        _shown.remove(label)


def _bar(work: Iterable[Any], label: str, total: int, done: int) -> Iterator[Any]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<28}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console()) as progress:
        task = progress.add_task(label, total=total, completed=done)
        for item in work:
            progress.advance(task)
            yield item


def _lines(work: Iterable[Any], label: str, total: int, done: int) -> Iterator[Any]:
    began = last_line = time.monotonic()
    done_before = done
    for item in work:
        done += 1
        now = time.monotonic()
        if now - last_line >= LINE_EVERY and done < total:
            # what an earlier run finished took none of this run's time
            left = (now - began) / (done - done_before) * (total - done)
            say(f"  {label}: {done} of {total}, about {left:.0f} s left")
            last_line = now
        yield item
    if done > done_before:
        say(f"  {label}: {done} of {total} in {time.monotonic() - began:.1f} s")
