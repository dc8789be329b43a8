"""One ordered, resumable map with a progress bar, over joblib processes or a Dask cluster."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semisup.engine.artefacts import write_whole
from semisup.engine.failures import writing
from semisup.engine.progress import Amount, track

if TYPE_CHECKING:
    from joblib import Parallel


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


def map_to_parts(
    function: Callable[[Any, Path], object],
    items: Sequence[Any],
    folder: Path,
    suffix: str,
    workers: Workers,
    label: str,
    unit: str,
    sizes: Sequence[int] | None = None,
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
    missing = [(items[number], paths[number]) for number in open_ones]
    left = [counts[number] for number in open_ones]
    amount = Amount(label, unit, sum(counts), sum(counts) - sum(left))
    for _ in track(_run(function, missing, workers), amount, left):
        pass
    return paths


def map_apart(*work: Any) -> list[Path]:
    """Do `map_to_parts` in a new process, for libraries that cannot share one with TensorFlow."""
    # spawned: a fork would inherit what this process has loaded already
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_map_and_end, *work).result()


def _map_and_end(*work: Any) -> list[Path]:
    from joblib.externals.loky import get_reusable_executor

    try:
        return map_to_parts(*work)
    finally:  # workers that wait for more would keep this process from ending
        get_reusable_executor().shutdown(wait=True)


def _run(
    function: Callable[[Any, Path], object], missing: list[tuple[Any, Path]], workers: Workers
) -> Iterator[None]:
    """Yield once for every part that gets finished, in order."""
    if not missing:
        return
    jobs = min(workers.processes, len(missing))
    if workers.scheduler is None and jobs <= 1:
        for item, path in missing:
            _write_part(function, item, path)
            yield
        return
    from joblib import delayed

    # both pools yield results as they come, in order: the bar moves with every finished part
    with _pool(workers, jobs) as pool:
        yield from pool(delayed(_write_part)(function, item, path) for item, path in missing)


def _write_part(function: Callable[[Any, Path], object], item: Any, path: Path) -> None:
    # One BLAS thread an item: the same sums in the same order whatever the number of jobs.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        write_whole(path, lambda partial: function(item, partial))


@contextmanager
def _pool(workers: Workers, jobs: int) -> Iterator["Parallel"]:
    """Give joblib's pool of processes here, or of a Dask scheduler's workers."""
    from joblib import Parallel, parallel_config

    if workers.scheduler is None:
        yield Parallel(jobs, backend="loky", return_as="generator")
        return
    try:
        from distributed import Client
    except ImportError as error:
        from semisup.errors import SpecError

        raise SpecError("--scheduler needs Dask: pip install 'semisup[dask]'") from error
    with Client(workers.scheduler):
        # Only a configuration registers the backend: `Parallel` itself calls "dask" invalid.
        with parallel_config(backend="dask"):
            pool = Parallel(n_jobs=-1, return_as="generator")
        yield pool


def batches(items: Any, size: int) -> list[Any]:
    """Cut a sequence or the rows of a table into runs of `size`, the last one shorter.

    Examples
    --------
    >>> batches("abcde", 2)
    ['ab', 'cd', 'e']
    """
    return [items[start : start + size] for start in range(0, len(items), size)]
