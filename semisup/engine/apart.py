"""Work in a process of its own, for libraries that cannot share one with TensorFlow.

Each process has one such process beside it, started when it is first needed and kept. It is no
child of `multiprocessing`, which workers of a Dask cluster may not have.
"""

import atexit
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import Any

from semisup.engine.orphans import end_with
from semisup.errors import SemisupError

_BEGIN = "from semisup.engine.apart import serve; serve({parent})"


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in the process beside this one; return or raise what it does.

    Parameters
    ----------
    function : callable
        Importable by name.
    arguments
        Can be pickled.

    Raises
    ------
    SemisupError
        If the process ends without an answer.
    """
    return _beside().call(function, arguments)


def serve(parent: int) -> None:
    """Answer calls until the process that makes them has ended, also in the middle of one."""
    end_with(parent)
    # Ctrl-C is for the process that calls: this one ends with it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # whatever a library prints must not stand among the answers
    os.dup2(2, 1)
    sys.path[:] = pickle.load(questions)
    while True:
        try:
            function, arguments = pickle.load(questions)
        except EOFError:
            return
        answers.write(_answer(function, arguments))
        answers.flush()


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((function(*arguments), None))
    # others' code can raise anything, which is raised where it was called
    except Exception as error:
        return pickle.dumps((None, error))


class _Beside:
    """A process, and the pipes to it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BEGIN.format(parent=os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self.lock = Lock()
        self._send(sys.path)
        atexit.register(self.end)

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        # threads of a worker take turns
        with self.lock:
            try:
                self._send((function, arguments))
                assert self.process.stdout is not None
                value, error = pickle.load(self.process.stdout)
            except (EOFError, BrokenPipeError) as lost:
                self.end()
                _beside.cache_clear()
                raise SemisupError(
                    f"The process that did {function.__name__} ended without an answer, most often "
                    "for want of memory; what is finished is kept, and the same command goes on"
                ) from lost
        if error is not None:
            raise error
        return value

    def _send(self, message: object) -> None:
        assert self.process.stdin is not None
        pickle.dump(message, self.process.stdin)
        self.process.stdin.flush()

    def end(self) -> None:
        """Let the process end, and wait for it."""
        atexit.unregister(self.end)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
        self.process.wait()


@cache
def _beside() -> _Beside:
    return _Beside()
