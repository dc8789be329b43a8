"""Folders of artefacts, one process at a time: of one at a URL this machine works on a copy.

What the URL has is copied here before, and what changes goes there every few seconds and at the
end, so that a run that is killed goes on from there on any machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from semisup.engine import lock
from semisup.engine.progress import say
from semisup.errors import RemoteError
from semisup.remote.lease import Lease
from semisup.remote.mirror import Mirror
from semisup.remote.urls import url_of

#: Seconds between two copies of what has changed: about what a kill loses.
BEAT = 15.0
#: Files that are written in place: a copy of one between two writes would be of neither state.
_IN_PLACE = (".db", "-journal", "-wal", "-shm")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder as `engine.lock.locked` does, and what it is the copy of.

    Raises
    ------
    RemoteError
        If what is at the URL cannot be read or written: the work here is kept.
    """
    with lock.locked(folder):
        if url := url_of(folder):
            with _leased(url, folder) as lease:
                mirror = Mirror(url, folder, _is_artefact)
                mirror.catch_up()
                with _beating(lease, mirror):
                    yield
        else:
            yield


def up_to_date(folder: Path) -> None:
    """Copy here what the URL of a folder has, if it is the copy of one."""
    if url_of(folder):
        with held(folder):
            return


@contextmanager
def _leased(url: str, folder: Path) -> Iterator[Lease]:
    lease = Lease(url, folder)
    lease.take()
    try:
        yield lease
    finally:
        lease.release()


@contextmanager
def _beating(lease: Lease, mirror: Mirror) -> Iterator[None]:
    """Copy what changes again and again; the last time at the end, whatever that is."""
    over = Event()
    thread = Thread(target=_beat, args=(lease, mirror, over), daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        _stop(over, thread)
        try:
            _push(lease, mirror)
        except RemoteError as error:  # what ended the run is the error to tell
            say(str(error), tone="caution")
        raise
    _stop(over, thread)
    _push(lease, mirror)


def _stop(over: Event, thread: Thread) -> None:
    over.set()
    thread.join()


def _push(lease: Lease, mirror: Mirror) -> None:
    lease.renew()
    mirror.push(label=f"send to {lease.url}")


def _beat(lease: Lease, mirror: Mirror, over: Event) -> None:
    troubled = False
    while not over.wait(BEAT):
        try:
            lease.renew()
            mirror.push(but=_IN_PLACE)
        except (RemoteError, OSError) as error:
            # it may be back soon; at the end it is an error
            if not troubled:
                say(f"  {error}; the run goes on, and tries again", tone="caution")
            troubled = True
        else:
            troubled = False


def _is_artefact(name: str) -> bool:
    *folders, base = name.split("/")
    is_partial = any(part[0] == "." and ".partial" in part for part in (*folders, base))
    return not is_partial and base != lock.NAME
