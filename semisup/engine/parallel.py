"""One ordered, resumable map with a progress bar, over joblib processes or a Dask cluster."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from semisup.engine import cluster
from semisup.engine.apart import call
from semisup.engine.artefacts import write_whole
from semisup.engine.failures import writing
from semisup.engine.orphans import end_with
from semisup.engine.progress import Amount, track


@dataclass(frozen=True)
class Workers:
    """Who does the work: a number of processes here, or a Dask scheduler's workers.

    Parameters
    ----------
    jobs : int
        Processes; 1 works in this process, 0 stands for one a core.
    scheduler : str, optional
        Address of a Dask scheduler; its workers must see the same files.
    """

    jobs: int = 1
    scheduler: str | None = None

    @property
    def processes(self) -> int:
        """The number of processes to use."""
        if self.jobs:
            return self.jobs
        # counts what this process may use; imported on use, as a run with nothing to do needs none
        from joblib import cpu_count

        return int(cpu_count())

    def divide(self, number: int) -> bool:
        """Tell whether so many things are given out; a cluster gets a single one, too."""
        return number > 0 and (self.scheduler is not None or min(self.processes, number) > 1)

    def at_once(self, number: int) -> str:
        """Say how many of so many are worked at together."""
        if self.scheduler is not None and number > 1:
            return "as many as the cluster takes"
        return str(min(self.processes, number))

    def shared_among(self, number: int) -> "Workers":
        """Return the share of each of so many that work at once; of a cluster one thread."""
        if self.scheduler is not None:
            return Workers(1)
        return Workers(max(1, self.processes // max(1, min(self.processes, number))))

    def within(self, number: int) -> "Workers":
        """Return who does parallel work within each of so many; on a cluster it is given out."""
        return self if self.scheduler is not None else self.shared_among(number)


class Done(NamedTuple):
    """An item that is done: its number, and what the function returned."""

    number: int
    result: Any


def map_to_parts(
    function: Callable[[Any, Path], object],
    items: Sequence[Any],
    folder: Path,
    suffix: str,
    workers: Workers,
    label: str,
    unit: str,
    sizes: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    apart: bool = False,
) -> list[Path]:
    """Let ``function(item, path)`` write one file an item; files that exist are not made again.

    Parameters
    ----------
    function : callable
        Must be importable by name, and its result depend on the item alone.
    items : sequence
        What to do, in order.
    folder : Path
        Where the parts go; name it by the fingerprint of the whole, so that no part is stale.
    suffix : str
        Of the parts, with the dot.
    workers : Workers
        Who does it. The parts are the same whoever does.
    label : str
        What the progress bar calls it.
    unit : str
        What a person counts of it, such as "recordings".
    sizes : sequence of int, optional
        How many of these each item is; one each if left out.
    names : sequence of str, optional
        What an error calls each item; its number if left out.
    apart : bool
        Call it in a process of its own beside each worker, as `semisup.engine.apart` does.

    Returns
    -------
    list of Path
        The parts, in the order of the items.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:06d}{suffix}" for number in range(len(items))]
    counts = [1] * len(items) if sizes is None else list(sizes)
    open_ones = [number for number, path in enumerate(paths) if not path.exists()]
    missing = [(function, items[number], paths[number].absolute()) for number in open_ones]
    left = [counts[number] for number in open_ones]
    called = [names[n] if names else f"{label}, part {n + 1}" for n in open_ones]
    amount = Amount(label, unit, sum(counts), sum(counts) - sum(left))
    write = _write_part_apart if apart else _write_part
    done = run_each(write, missing, called, workers, folder)
    for _ in track(done, amount, lambda one: left[one.number]):
        pass
    return paths


def run_each(
    function: Callable[..., object],
    items: Sequence[tuple[Any, ...]],
    names: Sequence[str],
    workers: Workers,
    folder: Path,
) -> Iterator[Done]:
    """Call ``function(*item)`` for every item, and yield each that is done.

    Parameters
    ----------
    function : callable
        Must be importable by name, and may be called again for an item whose worker was lost.
        What it returns is small: what is large goes into files.
    items : sequence of tuple
        Arguments.
    names : sequence of str
        What an error calls each item.
    workers : Workers
        Who does it: one process ends them in order, several in any.
    folder : Path
        Where the results go, which workers of a cluster must see.
    """
    jobs = min(workers.processes, len(items))
    if not items:
        return
    if workers.scheduler is not None:
        address = workers.scheduler
        for number, result in cluster.run(function, items, names, address, folder.absolute()):
            yield Done(number, result)
    elif jobs <= 1:
        for number, item in enumerate(items):
            yield Done(number, function(*item))
    else:
        from joblib import Parallel, delayed

        # loky warns when it replaces a process whose memory has grown; nothing is lost by that
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        # as they are ready: the bar moves, and what is finished is kept, with every one of them
        ends_with_us = {"initializer": end_with, "initargs": (os.getpid(),)}
        pool = Parallel(jobs, backend="loky", return_as="generator_unordered", **ends_with_us)
        yield from pool(
            delayed(_done)(number, function, *item) for number, item in enumerate(items)
        )


def _done(number: int, function: Callable[..., object], *item: Any) -> Done:
    return Done(number, function(*item))


def _write_part(function: Callable[[Any, Path], object], item: Any, path: Path) -> None:
    # One BLAS thread an item: the same sums in the same order whatever the number of jobs.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        write_whole(path, lambda partial: function(item, partial))


def _write_part_apart(function: Callable[[Any, Path], object], item: Any, path: Path) -> None:
    call(_write_part, function, item, path)


def one_thread() -> AbstractContextManager[object]:
    """Let BLAS add in one order, whatever the number of cores and of processes beside this one."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


def batches(items: Any, size: int) -> list[Any]:
    """Cut a sequence or the rows of a table into runs of `size`, the last one shorter.

    Examples
    --------
    >>> batches("abcde", 2)
    ['ab', 'cd', 'e']
    """
    return [items[start : start + size] for start in range(0, len(items), size)]
