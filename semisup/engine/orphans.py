"""Worker processes that end with the process they work for, also where that was killed.

A process that gets SIGKILL can tell nobody. Its workers would wait for more work, or go on with
what they have, for minutes: each watches that its parent is still there, and ends itself if not.
"""

import os
import signal
import threading
import time

#: Seconds between two looks.
INTERVAL = 1.0
#: The parents that are watched by this process.
_watched: set[int] = set()


def end_with(parent: int) -> None:
    """Let this process end soon after its parent does.

    Works wherever there are processes with parents: the system gives an orphan another one. Linux'
    own way (PR_SET_PDEATHSIG) is about the thread that started the process, which may end earlier.

    Parameters
    ----------
    parent : int
        Process id of who started this one, which may be gone by now.
    """
    if parent not in _watched and parent != os.getpid():
        _watched.add(parent)
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    # nothing may hold it up: results are written whole or not at all
    os.kill(os.getpid(), signal.SIGKILL)
