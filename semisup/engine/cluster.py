"""Work on a Dask cluster: what a lost worker was at is done elsewhere, what is finished is kept.

References
----------
https://distributed.dask.org/en/stable/resilience.html
"""

import logging
import socket
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from semisup.engine.artefacts import partial_path
from semisup.engine.failures import writing
from semisup.engine.progress import say
from semisup.errors import OutputError, SemisupError, SpecError

if TYPE_CHECKING:
    from distributed import Client, Future

#: Seconds to wait for the scheduler, at the start and when it goes away.
PATIENCE = 10
#: Items that are given out at once for each thread: the next one lies ready.
AHEAD = 2


class LostWorkersError(SemisupError):
    """Items have ended every worker that they were given to; `names` are theirs."""

    def __init__(self, sentence: str, names: Sequence[str]) -> None:
        super().__init__(sentence)
        self.names = list(names)

    def __reduce__(self) -> tuple[type, tuple[str, list[str]]]:
        """Let it be sent from a worker."""
        return type(self), (str(self), self.names)


def run(
    function: Callable[..., object],
    items: Sequence[tuple[Any, ...]],
    names: Sequence[str],
    address: str,
    folder: Path,
) -> Iterator[tuple[int, Any]]:
    """Call ``function(*item)`` for every item on the workers of a cluster.

    An item whose worker ends is tried on others; one that takes several workers with it, as many
    as the scheduler's ``allowed-failures`` says, is left out, and the rest goes on. What is called
    may give out work in turn: meanwhile its worker does other work.

    Parameters
    ----------
    function : callable
        Can be imported by the workers, and may be called again for an item.
    items : sequence of tuple
        Arguments, with absolute paths: workers have working directories of their own.
    names : sequence of str
        What an error calls each item.
    address : str
        Of the scheduler, such as ``tcp://head:8786``.
    folder : Path
        That all workers must see.

    Yields
    ------
    tuple of int and object
        The number of an item that is done and what the function returned, in the order in which
        they end.

    Raises
    ------
    SpecError
        If there is no such scheduler, or Dask is not installed.
    OutputError
        If a worker does not see the folder.
    LostWorkersError
        After all others, if an item has ended its workers.
    SemisupError
        If the scheduler goes away.
    """
    with _connected(address) as client:
        with _there(address):
            _wait_for_workers(client, address)
            _check_folder(client, folder)
        work = _Work(client, function, items, address)
        lost: list[str] = []
        suspects = yield from work.through(range(len(items)), lost)
        if len(suspects) > 1:
            # whatever lay ready on a lost worker is suspected too: one at a time tells them apart
            suspects = yield from work.through(suspects, lost, most=1)
    lost += [names[number] for number in suspects]
    if lost:
        more = f" or one of {len(lost) - 3} more" if len(lost) > 3 else ""
        raise LostWorkersError(
            f"Every worker that was given {'; '.join(lost[:3])}{more} ended without an answer, "
            "most often for want of memory; the rest is finished and kept, and the same command "
            "tries these again",
            lost,
        )


class _Work(NamedTuple):
    """What is given out on a cluster."""

    client: "Client"
    function: Callable[..., object]
    items: Sequence[tuple[Any, ...]]
    address: str

    def through(
        self, numbers: Iterable[int], lost: list[str], most: int | None = None
    ) -> Generator[tuple[int, Any], None, list[int]]:
        """Yield numbers of items and results; return the numbers of those that ended workers.

        What items gave out in turn and nobody survived is added to `lost`.
        """
        from distributed import KilledWorker

        suspects = []
        for number, future in self._ended(numbers, most):
            error = future.exception()
            match error:
                case KilledWorker():
                    suspects.append(number)
                case LostWorkersError():
                    lost += error.names
                case None:
                    yield number, self._result(future)
                case _:
                    raise error
        return suspects

    def _result(self, future: "Future") -> Any:
        # it lies on a worker, and the scheduler may go away before it is fetched
        with _there(self.address):
            return future.result()

    def _ended(self, numbers: Iterable[int], most: int | None) -> "Iterator[tuple[int, Future]]":
        """Yield the number of every item that has ended, and its future."""
        from distributed import as_completed

        out: dict[object, int] = {}
        waiting, going = iter(numbers), as_completed(loop=self.client.loop)

        def give() -> None:
            # a few at a time: items hold tables, which the scheduler would keep all at once
            room = most or _room(self.client)
            for number in islice(waiting, max(room - len(out), 0)):
                future = self.client.submit(self.function, *self.items[number], pure=False)
                out[future.key] = number
                going.add(future)

        give()
        for future in going:
            if future.cancelled() or self.client.status != "running":
                _give_up(self.address)
            number = out.pop(future.key)
            give()
            yield number, future


@contextmanager
def _there(address: str) -> Iterator[None]:
    """Raise one sentence where a scheduler is asked and goes away."""
    try:
        yield
    except SemisupError:
        raise
    except (OSError, CancelledError) as error:
        _give_up(address, error)


def _give_up(address: str, reason: BaseException | None = None) -> NoReturn:
    raise SemisupError(
        f"The Dask scheduler {address} went away; what is finished is kept, and the same "
        "command goes on from there once it is back"
    ) from reason


def _room(client: "Client") -> int:
    """Return how many items may be on the cluster at once; workers come and go."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return AHEAD * max(sum(worker["nthreads"] for worker in workers), 1)


@contextmanager
def _connected(address: str) -> "Iterator[Client]":
    """Give a client of a scheduler; a scheduler that goes away is given up soon."""
    try:
        import dask
        from distributed import Client, get_worker, worker_client
    except ImportError as error:
        raise SpecError("--scheduler needs Dask: pip install 'semisup[dask]'") from error
    if _within_work(get_worker):
        with worker_client() as client:
            yield client
        return
    # its own words about a lost connection come as a traceback; ours are one sentence
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.comm.timeouts.connect": f"{PATIENCE}s"}):
        try:
            _knock(address)
            client = Client(address, timeout=f"{PATIENCE}s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise SpecError(
                f"--scheduler {address}: no Dask scheduler answers there ({error}); it is started "
                "by `dask scheduler`, which prints its address"
            ) from error
        with client:
            yield client


def _knock(address: str) -> None:
    """Raise `OSError` or `ValueError` where nobody listens, nor begins to within `PATIENCE`.

    Before there is a client: one that fails to start is closed whenever it is collected as garbage,
    in whatever thread that happens, which can lock the loops of others.
    """
    from distributed.comm.addressing import get_address_host_port

    place, end = get_address_host_port(address), time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(place, PATIENCE).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _within_work(get_worker: Callable[[], object]) -> bool:
    """Tell whether this is work that was given out itself."""
    try:
        get_worker()
    except ValueError:
        return False
    return True


def _wait_for_workers(client: "Client", address: str) -> None:
    if not client.scheduler_info()["workers"]:
        say(f"  no worker has joined {address} yet: `dask worker {address}` starts one; waiting")
        client.wait_for_workers(1)


def _check_folder(client: "Client", folder: Path) -> None:
    """Raise unless every worker sees a file that is written into the folder."""
    # its own: work that was given out may give out work of the same folder at the same time
    sign = partial_path(folder / "seen_by_workers")
    with writing(sign):
        folder.mkdir(parents=True, exist_ok=True)
        sign.touch()
    try:
        seen = client.run(_sees, str(sign), on_error="return")
    finally:
        sign.unlink(missing_ok=True)
    # one that cannot be reached is ending, and its work is done elsewhere
    for error in seen.values():
        if isinstance(error, Exception) and not isinstance(error, OSError):
            raise error
    blind = [worker for worker, sees in seen.items() if sees is False]
    if blind:
        raise OutputError(
            f"The Dask worker {blind[0]} does not see {folder}: workers need the output folder "
            "under the same path as here, on a disk that all share"
        )


def _sees(path: str) -> bool:
    return Path(path).is_file()
