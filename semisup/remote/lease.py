"""The lock on a remote folder: an object that one run creates, renews and removes.

A killed run leaves its object and renews it no more; who waits takes it over after a while.
Nobody's clock is compared with another's.
"""

import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from semisup.engine.artefacts import write_text
from semisup.engine.progress import say
from semisup.errors import RemoteError
from semisup.remote.store import Store

#: Seconds between two looks of a run that waits, and until one without a sign of life is given up.
POLL, STALE = 5.0, 120.0


class Lease:
    """One run's hold on what is at a URL.

    Parameters
    ----------
    url : str
        Of a folder; the object lies beside it.
    folder : Path
        Its copy here, which this process has locked.
    wait : callable
        Waits for some seconds.
    """

    def __init__(
        self, url: str, folder: Path, wait: Callable[[float], object] = time.sleep
    ) -> None:
        above, _, name = url.rpartition("/")
        self.url, self._store, self._name = url, Store(above), f".{name}.lock"
        self._wait, self._beats = wait, 0
        self._who = {
            "run": uuid4().hex,
            "holder": f"process {os.getpid()} on {platform.node()}",
            "since": time.strftime("%Y-%m-%d %H:%M:%S"),
            "copy": _name_of(folder),
        }

    def take(self) -> None:
        """Get hold of it; wait while another run has it, and one line says for whom."""
        while not self._store.create(self._name, self._text()):
            self._outlast()

    def renew(self) -> None:
        """Show that this run is alive.

        Raises
        ------
        RemoteError
            If another run has it by now, as this one showed no life.
        """
        if self._run_of(self._store.read(self._name)) != self._who["run"]:
            raise RemoteError(
                f"{self.url} was taken over by another run, as this one had not reached it for "
                f"{STALE:.0f} s; the same command goes on from what is there"
            )
        self._beats += 1
        self._store.write(self._name, self._text())

    def release(self) -> None:
        """Let go of it, if it is this run's."""
        if self._run_of(self._store.read(self._name)) == self._who["run"]:
            self._store.remove([self._name])

    def _outlast(self) -> None:
        """Wait until the object is gone, or remove it where it is left over."""
        first = last = self._store.read(self._name)
        since = time.monotonic()
        while last is not None:
            left_over = self._is_ours(last) or time.monotonic() - since > STALE
            if left_over and self._store.read(self._name) == last:
                say(f"{self.url}: {_holder(last)} left it locked and is gone", tone="caution")
                self._store.remove([self._name])
                return
            if last is first:
                say(
                    f"{self.url} is in use by {_holder(last)}: waiting until it ends, or shows no "
                    f"sign of life for {STALE:.0f} s",
                    tone="caution",
                )
            self._wait(POLL)
            now = self._store.read(self._name)
            if now != last:
                since = time.monotonic()
                last = now

    def _is_ours(self, text: bytes) -> bool:
        # whoever left it had locked the copy here, which this process has by now
        return _content(text).get("copy") == self._who["copy"]

    def _text(self) -> bytes:
        return json.dumps({**self._who, "beats": self._beats}).encode()

    def _run_of(self, text: bytes | None) -> str | None:
        return None if text is None else _content(text).get("run")


def _name_of(copy: Path) -> str:
    """Return a name that no other copy has, not on a machine of the same name either."""
    path = copy.with_name(f".{copy.name}.copy")
    if not path.exists():
        write_text(path, uuid4().hex)
    return path.read_text("utf-8")


def _content(text: bytes) -> dict[str, str]:
    try:
        content = json.loads(text)
    except ValueError:  # half of one, or not ours
        return {}
    return content if isinstance(content, dict) else {}


def _holder(text: bytes) -> str:
    content = _content(text)
    holder = content.get("holder", "another run")
    return f"{holder} since {content['since']}" if "since" in content else holder
