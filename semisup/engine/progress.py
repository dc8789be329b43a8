"""Messages and progress of work: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from semisup.engine.console import messages, print_to

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

#: Seconds between two plain lines of one task.
LINE_EVERY = 10.0
#: Columns from which a bar has room beside its numbers, and room to be long.
NARROW, WIDE = 60, 100
#: Columns that a time takes, and one with the pace before it.
_TIME, _PACE = len("100 min left"), len("100/min, about 100 min left")
#: The work whose progress is shown now: one at most.
_shown: list[str] = []
#: Where what is said in this thread is kept, for another process that says it.
_kept: ContextVar[list[tuple[str, str]] | None] = ContextVar("kept", default=None)


class Loudness(IntEnum):
    """How much is said besides results."""

    QUIET = 0  # what is wrong or must be known
    NORMAL = 1
    VERBOSE = 2  # every step, with its seconds and files


_loudness = Loudness.NORMAL


def set_loudness(loudness: Loudness) -> None:
    """Choose how much is said from here on."""
    global _loudness
    _loudness = loudness


def loudness() -> Loudness:
    """Return how much is said."""
    return _loudness


def say(message: str, tone: str = "") -> None:
    """Print a sentence to the person.

    Parameters
    ----------
    message : str
    tone : str
        One of `semisup.engine.console.TONES`. What is wrong or a caution is said to those, too, who
        want it quiet.
    """
    kept = _kept.get()
    if kept is not None:
        kept.append((message, tone))
    elif _loudness > Loudness.QUIET or tone in ("caution", "wrong"):
        print_to(messages(), message, tone)


def say_more(message: str) -> None:
    """Print a sentence to whoever wants it verbose."""
    if _loudness == Loudness.VERBOSE:
        print_to(messages(), message, "aside")


@contextmanager
def silence() -> Iterator[None]:
    """Say nothing for a while, where a call is one of many, as in a cross-validation."""
    before, messages().quiet = messages().quiet, True
    try:
        yield
    finally:
        messages().quiet = before


@contextmanager
def kept() -> Iterator[list[tuple[str, str]]]:
    """Keep what is said, and show no progress: another process has the person's ear."""
    messages_said: list[tuple[str, str]] = []
    before = _kept.set(messages_said)
    try:
        yield messages_said
    finally:
        _kept.reset(before)


class Amount(NamedTuple):
    """How much there is to do, in what a person counts.

    Parameters
    ----------
    label : str
        What is being done.
    unit : str
        What is counted, such as "recordings".
    total, done : int
        In all, and what an earlier run finished.
    """

    label: str
    unit: str
    total: int
    done: int = 0

    def at(self, done: int) -> str:
        """Return a count of the total, in words."""
        return f"{done} of {self.total} {self.unit if self.total != 1 else self.unit[:-1]}"


def track(
    work: Iterable[Any], amount: Amount, size: Callable[[Any], int] | None = None
) -> Iterator[Any]:
    """Pass on the items of `work` while showing how much is done.

    Parameters
    ----------
    work : iterable
        Yields once for every finished item.
    amount : Amount
    size : callable, optional
        Tells how much an item is; one each if left out.
    """
    elsewhere = _kept.get() is not None
    if _loudness == Loudness.QUIET or amount.done == amount.total or _shown or elsewhere:
        # or within other work, whose items are what a person counts
        yield from work
        return
    show = _bar if messages().is_interactive else _lines
    _shown.append(amount.label)
    try:
        yield from show(work, amount, size or _one)
    finally:
        _shown.remove(amount.label)


def time_words(seconds: float) -> str:
    """Write a time as a person says it.

    Examples
    --------
    >>> [time_words(seconds) for seconds in (0.42, 8.2, 200, 9000)]
    ['0.4 s', '8 s', '3 min', '2.5 h']
    """
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 1 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def pace(done: float, seconds: float, left: float) -> str:
    """Say how fast work goes, and how long it may still take.

    Examples
    --------
    >>> pace(30, 10, 60), pace(1, 10, 60)
    ('3/s, about 20 s left', '6/min, about 10 min left')
    """
    if not done or seconds <= 0:
        return ""
    rate = done / seconds
    speed = f"{rate:.3g}/s" if rate >= 1 else f"{60 * rate:.2g}/min"
    return f"{speed}, about {time_words(left / rate)} left"


def _one(item: Any) -> int:
    return 1


def _bar(work: Iterable[Any], amount: Amount, size: Callable[[Any], int]) -> Iterator[Any]:
    from rich.progress import Progress

    width = messages().width
    room = width - _columns_of_numbers(amount, width)
    label = amount.label
    if len(label) > room:
        label = f"{label[: max(room - 1, 0)]}\N{HORIZONTAL ELLIPSIS}"
    columns = _columns(amount, width, room - len(label))
    with Progress(*columns, console=messages()) as progress:
        task = progress.add_task(label, total=amount.total, completed=amount.done)
        try:
            for item in work:
                progress.advance(task, size(item))
                yield item
        finally:  # a training may end before its last epoch
            progress.stop_task(task)


def _columns_of_numbers(amount: Amount, width: int) -> int:
    """Return how many columns the numbers of a line take at most, with the spaces around them."""
    if width < NARROW:
        return len(f"{amount.total} of {amount.total} ") + _TIME + 3
    return len(amount.at(amount.total)) + 2 + _PACE + 3


def _columns(amount: Amount, width: int, room: int) -> "list[ProgressColumn]":
    """Return what a line of progress shows; a bar only where there is room for it."""
    from rich.progress import BarColumn, ProgressColumn, Task, TextColumn
    from rich.text import Text

    class Numbers(ProgressColumn):
        """Count, pace and time that is left."""

        def render(self, task: Task) -> Text:
            done, seconds = int(task.completed), task.elapsed or 0.0
            if task.stop_time is not None or done >= amount.total:
                end = f"in {time_words(seconds)}"
            else:
                end = pace(done - amount.done, seconds, amount.total - done)
            if width < NARROW:
                return Text(f"{done} of {amount.total} {end.rpartition(', about ')[2]}")
            return Text(f"{amount.at(done)}  {end}")

    bar_width = 10 if width < WIDE else 30
    bar = [BarColumn(bar_width=bar_width)] if bar_width < room else []
    return [TextColumn("  {task.description}", markup=False), *bar, Numbers()]


def _lines(work: Iterable[Any], amount: Amount, size: Callable[[Any], int]) -> Iterator[Any]:
    began = last_line = time.monotonic()
    done = amount.done
    for item in work:
        done += size(item)
        now = time.monotonic()
        if now - last_line >= LINE_EVERY and done < amount.total:
            # what an earlier run finished took none of this run's time
            going = pace(done - amount.done, now - began, amount.total - done)
            say(f"  {amount.label}: {amount.at(done)}, {going}")
            last_line = now
        yield item
    if done > amount.done:
        say(f"  {amount.label}: {amount.at(done)} in {time_words(time.monotonic() - began)}")
