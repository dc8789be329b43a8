"""The lock on a folder: one process at a time writes into it, and a kill ends its lock.

The lock is the system's own (`flock`), on the file `.lock` in the folder: it ends with the process
that holds it, however that ends. The file says who holds it, for those who wait and for people.
"""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from semisup.engine.failures import writing
from semisup.engine.progress import say

NAME = ".lock"
#: How often a folder is made anew whose parent another process has just removed.
TRIES = 1000


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if it isn't there; wait while another process holds it.

    One line says for whom it waits. A folder that was made and stays empty is removed again, so
    that a mistake which is found before anything is made leaves nothing. Where the file system has
    no locks, or may not be written, one line says so and the folder counts as held.

    Raises
    ------
    OutputError
        If the folder cannot be made.
    """
    made = [path for path in (folder, *folder.parents) if not os.path.exists(path)]
    file = _held(folder)
    try:
        yield
    finally:
        if file is not None:
            # before it is let go: nobody must get hold of a file that is about to go
            with suppress(OSError):
                (folder / NAME).unlink()
            os.close(file)
        # innermost first, as far as there is nothing in them
        with suppress(OSError):
            for path in made:
                path.rmdir()


def _held(folder: Path) -> int | None:
    """Return the open file of the lock, which is held; None where there can be no lock."""
    while True:
        with writing(folder):
            _make(folder)
        try:
            # others of a group may take over what a killed run has left
            file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            continue  # who held it has just removed the empty folder
        except OSError as error:
            _say_unlocked(folder, error)
            return None
        try:
            _wait_for(file, folder)
            if _is_there(file, folder / NAME):
                _sign(file)
                return file
        except BaseException:
            os.close(file)
            raise
        # who held it has removed the file, and others may hold a new one by now
        os.close(file)


def _make(folder: Path) -> None:
    """Make a folder and those above it, which others may remove meanwhile as they are empty."""
    for _ in range(TRIES):
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
            return
    folder.mkdir(parents=True, exist_ok=True)


def _wait_for(file: int, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(file, 200, 0).decode(errors="replace").strip() or "another run"
        say(f"{folder} is in use by {holder}: waiting until it ends", tone="caution")
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:  # some network drives have no locks
        _say_unlocked(folder, error)


def _is_there(file: int, path: Path) -> bool:
    """Tell whether an open file is still the one at its path."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _sign(file: int) -> None:
    """Write who holds the lock, if the disk has room for that."""
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    holder = f"process {os.getpid()} on {socket.gethostname()} since {since}\n"
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, holder.encode(), 0)


def _say_unlocked(folder: Path, error: OSError) -> None:
    say(
        f"{folder} cannot be locked ({error.strerror}): make sure that no other run writes there",
        tone="caution",
    )
