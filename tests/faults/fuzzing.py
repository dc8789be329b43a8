"""Fuzzing of readers: mutated files, each read in a process of bounded memory and time.

In: readers and a seed. Out: how many inputs were read or refused in a sentence, the crashes with
their files, and the largest memory and time of one input.
"""

import hashlib
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mutations import mutated

from faults.readers import READERS, Reader
from semisup.errors import SemisupError

#: Of one input: bytes beyond those of the process, and seconds of the processor.
MEMORY, SECONDS = 2**30, 10
#: Seconds by the clock after which an input is given up that waits for what never comes.
WAIT = 120
#: Inputs that a process reads before it is made anew.
BATCH = 100


class Case(NamedTuple):
    """A mutated file."""

    reader: str
    suffix: str
    data: bytes

    @property
    def name(self) -> str:
        """A name that says which reader takes it."""
        reader = self.reader.replace(" ", "_")
        return f"{reader}-{hashlib.sha256(self.data).hexdigest()[:8]}.{self.suffix}"


class Outcome(NamedTuple):
    """What reading a case came to."""

    what: str  # "read", "refused", or why it is a crash
    seconds: float
    bytes: int

    @property
    def is_crash(self) -> bool:
        """Whether it is neither read nor refused in a sentence, within the bounds."""
        return self.what not in ("read", "refused")


@dataclass
class Tally:
    """Numbers of one reader."""

    inputs: int = 0
    read: int = 0
    refused: int = 0
    crashes: dict[str, list[Case]] = field(default_factory=dict)
    most_seconds: float = 0.0
    most_bytes: int = 0

    def add(self, case: Case, outcome: Outcome) -> None:
        """Count one input."""
        self.inputs += 1
        self.read += outcome.what == "read"
        self.refused += outcome.what == "refused"
        self.most_seconds = max(self.most_seconds, outcome.seconds)
        self.most_bytes = max(self.most_bytes, outcome.bytes)
        if outcome.is_crash:
            self.crashes.setdefault(outcome.what, []).append(case)


def cases(name: str, reader: Reader, seeds: range) -> list[Case]:
    """Make inputs by their seeds."""
    whole = reader.seeds()
    made = []
    for seed in seeds:
        suffix, data = whole[seed % len(whole)]
        made.append(Case(name, suffix, mutated(data, seed, reader.changes, most=3)))
    return made


def read_all(reader: Reader, inputs: list[Case], folder: Path) -> list[Outcome]:
    """Read each input in a copy of this process that is bounded; a new one after each that dies."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(inputs):
        outcomes += _read_in_copy(reader, inputs[len(outcomes) :][:BATCH], folder)
    return outcomes


def _read_in_copy(reader: Reader, inputs: list[Case], folder: Path) -> list[Outcome]:
    told, tell = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(told)
        _be_copy(reader.read, inputs, folder, tell)
    os.close(tell)
    try:
        return _outcomes(told, process, len(inputs))
    finally:
        os.close(told)


def _outcomes(told: int, process: int, count: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    text = b""
    while len(outcomes) < count:
        began = time.monotonic()
        if not select.select([told], [], [], WAIT)[0]:
            os.kill(process, signal.SIGKILL)
            outcomes.append(Outcome(f"longer than {SECONDS} s", time.monotonic() - began, 0))
            break
        new = os.read(told, 2**16)
        if not new:
            break
        text += new
        *lines, text = text.split(b"\n")
        for line in lines:
            what, seconds, size = line.decode().rsplit("\t", 2)
            outcomes.append(Outcome(what, float(seconds), int(size)))
    _, status = os.waitpid(process, 0)
    code = os.waitstatus_to_exitcode(status)
    is_told = outcomes and outcomes[-1].what.startswith("longer")
    if len(outcomes) < count and not is_told:
        outcomes.append(Outcome(f"the process ended by {code}", 0.0, 0))
    return outcomes


def _be_copy(read: Callable[[Path], object], inputs: list[Case], folder: Path, tell: int) -> None:
    """Read inputs and say what came of each, then end."""
    try:
        silent = os.open(os.devnull, os.O_WRONLY)
        for number in (1, 2):
            os.dup2(silent, number)
        for case in inputs:
            path = folder / f"input-{os.getpid()}.{case.suffix}"
            path.write_bytes(case.data)
            what, seconds, size = bounded(read, path)
            path.unlink()
            os.write(tell, f"{what}\t{seconds:.3f}\t{size}\n".encode())
    finally:
        os._exit(0)


def bounded(read: Callable[[Path], object], path: Path) -> Outcome:
    """Read a file in this process, which may take so much more memory and time and no more."""
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + MEMORY, limits[1]))
    # of the processor: others may have it for a while
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    began = time.monotonic()
    try:
        read(path)
        what = "read"
    except Exception as error:
        what = _named(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, limits)
    return Outcome(what, time.monotonic() - began, max(0, _status("VmHWM") - before))


def _too_long(*_: object) -> None:
    raise TimeoutError


def _named(error: BaseException) -> str:
    """Say what an error is: a sentence of ours, unless it comes from a bound that was met."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or "Unable to allocate" in str(cause):
            return f"more than {MEMORY >> 20} MiB"
        if isinstance(cause, TimeoutError):
            return f"longer than {SECONDS} s"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, SemisupError):
        return "refused"
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__} at {where}"


def _status(name: str) -> int:
    """Return a size of this process in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


def fuzz(name: str, seeds: range, folder: Path, tally: Tally) -> None:
    """Read mutated files of one reader."""
    reader = READERS[name]
    inputs = cases(name, reader, seeds)
    for case, outcome in zip(inputs, read_all(reader, inputs, folder), strict=True):
        tally.add(case, outcome)
