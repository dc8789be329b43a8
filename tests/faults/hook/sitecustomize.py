"""A fault at one moment of a run, in whatever process of it: every Python reads this as it starts.

`FAULT` in the environment tells which. Moments are counted by what a process does to the files
below a folder (open to write, make, rename, remove), so that the same number is the same moment.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
#: Events of Python's own auditing, and which of their arguments are paths.
PATHS = {"os.rename": (0, 1), "os.mkdir": (0,), "os.rmdir": (0,), "os.remove": (0,)}
FLAGS_OF_OPEN = 2


class Fault:
    """Counts moments, and lets the fault happen at one of them.

    Parameters
    ----------
    folder : str
        Whose files count.
    what : {"count", "group", "alone", "error", "remove"}
        Kill all processes of the run, or the one that is at the moment; an error of the system at
        this moment and all after it; remove a file. "count" does nothing.
    moment : int
        Counted from 1.
    where : {"main", "worker"}
        In the run's own process, or in the first worker that comes so far.
    number : int
        Of the error.
    path : str
        Of what is removed.
    log : str
        A file that holds the moment's path once it has happened.
    """

    def __init__(
        self,
        folder: str,
        what: str,
        moment: int,
        log: str,
        where: str = "main",
        number: int = 0,
        path: str = "",
    ) -> None:
        self.folder, self.what, self.moment, self.log = folder, what, moment, log
        self.where, self.number, self.path = where, number, path
        self.count, self.busy = 0, False

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Look at one event of Python's auditing."""
        if self.busy:
            return
        for path in self._paths(event, arguments):
            if path.startswith(self.folder):
                self.busy = True
                try:
                    self._happen(path)
                finally:
                    self.busy = False
                return

    def _paths(self, event: str, arguments: tuple[object, ...]) -> Iterator[str]:
        places = PATHS.get(event, ())
        if event == "open" and int(arguments[FLAGS_OF_OPEN] or 0) & WRITES:
            places = (0,)
        for place in places:
            if isinstance(arguments[place], str | os.PathLike):
                yield os.path.abspath(os.fspath(arguments[place]))

    def _happen(self, path: str) -> None:
        self.count += 1
        if self.what == "count" or self.count < self.moment:
            return
        if self.what == "error":
            self._note(path)
            raise OSError(self.number, os.strerror(self.number), path)
        if self.count > self.moment or not self._note(path):
            return
        if self.what == "remove":
            Path(self.path).unlink(missing_ok=True)
        elif self.what == "alone":
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            os.killpg(0, signal.SIGKILL)

    def _note(self, path: str) -> bool:
        """Write where it happened; False where it has happened already, in another process."""
        try:
            file = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            return False
        os.write(file, os.path.relpath(path, self.folder).encode())
        os.close(file)
        return True


def install(where: str) -> Fault | None:
    """Begin to count, if the fault is to happen in such a process."""
    told = os.environ.get("FAULT")
    if not told:
        return None
    fault = Fault(**json.loads(told))
    if fault.where != where and fault.what != "count":
        return None
    sys.addaudithook(fault)
    return fault


# joblib's workers, and those of a Dask cluster; a run's own process begins to count by itself
if __name__ == "sitecustomize":
    install("worker")
