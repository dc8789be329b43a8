"""Kinds of faults: each lets one happen to a study, gives its commands again, and compares.

In: a bench and a random generator. Out: rows of the fault table.
"""

import errno
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from faults.runs import HERE, SIGKILLED, Bench, Ended, fault, happened

#: Of the errors that a disk has.
ERRORS = {"disk full": errno.ENOSPC, "read-only": errno.EROFS, "disk broken": errno.EIO}
YEAR = 365 * 24 * 3600.0


@dataclass
class Row:
    """One fault and what came of it."""

    kind: str
    study: str
    moment: str  # counted, or a size
    at: str  # the path that was written, "" where the run was over before
    came: str  # how the disturbed command ended
    allowed: bool  # killed, done, or one sentence with exit status 1
    orphans: int = 0  # processes that lived on
    equal: bool = False  # after the same commands were given again
    differences: str = ""

    @property
    def is_well(self) -> bool:
        """Whether all is as it must be."""
        return self.allowed and self.equal and not self.orphans

    def as_data(self) -> dict[str, object]:
        """Return the row for JSON."""
        return {**asdict(self), "well": self.is_well}


def came_of(ended: Ended) -> str:
    """Say in a few words how a command ended."""
    if ended.code == SIGKILLED:
        return "killed"
    return "done" if ended.code == 0 else f"exit {ended.code}: {ended.sentence}"


def is_allowed(ended: Ended) -> bool:
    """Tell whether a disturbed command may end like this."""
    return ended.code in (0, SIGKILLED) or ended.is_one_sentence


def settle(bench: Bench, name: str, folder: Path, rows: list[Row]) -> list[Row]:
    """Give the commands once more, undisturbed, and compare the tables."""
    ended = bench.complete(name, folder)
    differences = bench.differences(name, folder) if ended.code == 0 else [came_of(ended)]
    for row in rows:
        row.equal, row.differences = not differences, ", ".join(differences[:5])
    if not differences:
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def draw(bench: Bench, name: str, rng: np.random.Generator) -> tuple[int, int]:
    """Draw which command of a study is disturbed, and at which moment of it."""
    bench.undisturbed(name)
    counts = bench.moments[name]
    number = int(rng.integers(len(counts)))
    # most trials have several faults in a row, each of which must come soon
    return number, int(rng.integers(1, counts[number] // 3 + 2))


def killed(
    bench: Bench, name: str, rng: np.random.Generator, kills: int = 4, clock: float = 0.0
) -> list[Row]:
    """SIGKILL of a whole run at some moments, each time while it goes on from the last."""
    folder, rows = bench.new_folder(), []
    for _ in range(kills):
        number, moment = draw(bench, name, rng)
        words = bench.commands(name, folder / "out")[number]
        clocks = clock if rows else 0.0
        told = fault(folder, "group", moment)
        ended = bench.warm.start(words, folder, told, clocks).end()
        kind = "kill of the group" if not clocks else "the same, clock a year back"
        row = Row(kind, name, str(moment), happened(folder), came_of(ended), is_allowed(ended))
        rows.append(row)
    return settle(bench, name, folder, rows)


def clock_set_back(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """Kills with Python's clock a year behind the files that are there."""
    return killed(bench, name, rng, 2, YEAR)


def parent_killed(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """SIGKILL of the parent alone: what does its workers' end take?"""
    return _one_of_several(bench, name, rng, "kill of the parent alone", "main")


def worker_killed(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """SIGKILL of one of two workers while it writes."""
    return _one_of_several(bench, name, rng, "kill of one worker", "worker")


def _one_of_several(
    bench: Bench, name: str, rng: np.random.Generator, kind: str, where: str
) -> list[Row]:
    folder = bench.new_folder()
    number, moment = draw(bench, name, rng)
    if where == "worker":  # each has a few parts
        moment = 1 + moment % 9
    words = bench.commands(name, folder / "out", jobs=2)[number]
    running = bench.warm.start(words, folder, fault(folder, "alone", moment, where=where))
    ended = running.end()
    row = Row(kind, name, str(moment), happened(folder), came_of(ended), is_allowed(ended))
    row.orphans = running.survivors()
    return settle(bench, name, folder, [row])


def errors(kind: str) -> Callable[[Bench, str, np.random.Generator], list[Row]]:
    """Return a trial in which the system refuses all writing from a moment on."""

    def refused(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
        folder = bench.new_folder()
        number, moment = draw(bench, name, rng)
        commands = bench.commands(name, folder / "out")
        told = fault(folder, "error", moment * 3, number=ERRORS[kind])
        ended = bench.run(commands[number], folder, told)
        row = Row(
            f"{kind} (injected)", name, str(moment * 3), happened(folder), came_of(ended),
            is_allowed(ended),
        )  # fmt: skip
        return settle(bench, name, folder, [row])

    return refused


def small_disk(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """Run on a disk of a random size: a tmpfs of its own where that may be mounted."""
    folder = bench.new_folder()
    bench.undisturbed(name)
    whole = sum(path.stat().st_size for path in bench.finished(name).rglob("*") if path.is_file())
    size = int(np.exp(rng.uniform(np.log(2**13), np.log(1.2 * whole))))
    with mounted(folder / "out", size) as grow:
        if grow is None:
            return _small_files(bench, name, folder, size)
        for words in bench.commands(name, folder / "out"):
            ended = bench.run(words, folder)
            if ended.code:
                break
        row = Row("disk full (tmpfs)", name, f"{size} bytes", "", came_of(ended), is_allowed(ended))
        grow()
        return settle(bench, name, folder, [row])


def _small_files(bench: Bench, name: str, folder: Path, size: int) -> list[Row]:
    """No file may grow beyond a limit: what remains where nothing may be mounted."""
    size = min(size, 2**17)
    words = bench.commands(name, folder / "out")[-1]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # the warm process has the limit while it makes the copy of itself
    resource.prlimit(bench.warm.process.pid, resource.RLIMIT_FSIZE, (size, limits[1]))
    running = bench.warm.start(words, folder)
    resource.prlimit(bench.warm.process.pid, resource.RLIMIT_FSIZE, limits)
    ended = running.end()
    kind = "file size limit (RLIMIT_FSIZE)"
    row = Row(kind, name, f"{size} bytes", "", came_of(ended), is_allowed(ended))
    return settle(bench, name, folder, [row])


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Callable[[], None] | None]:
    """Give a disk of a size at a folder, and what makes it large; None where none may be."""
    folder.mkdir(parents=True)

    def mount(*options: str) -> bool:
        done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
        return done.returncode == 0

    try:
        allowed = mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs")
    except OSError:
        allowed = False
    if not allowed:
        yield None
        return
    try:
        yield lambda: None if mount("-o", "remount,size=1g") else _fail("it does not grow")
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def _fail(words: str) -> None:
    raise RuntimeError(words)


def deleted(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """Delete some files and folders of a finished study."""
    folder = bench.new_folder()
    bench.undisturbed(name)
    shutil.copytree(bench.finished(name), folder / "out")
    paths = sorted(path for path in (folder / "out" / name).rglob("*"))
    gone = [paths[number] for number in rng.choice(len(paths), 6, replace=False)]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    at = ", ".join(str(path.relative_to(folder / "out" / name)) for path in gone)
    return settle(bench, name, folder, [Row("deleted artefacts", name, "6 paths", at, "-", True)])


def input_deleted(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """Delete a recording at a moment of a run; it is there again for the next."""
    folder = bench.new_folder()
    number, moment = draw(bench, name, rng)
    recordings = sorted((bench.folder / "recordings").rglob("*.wav"))
    gone = recordings[int(rng.integers(len(recordings)))]
    content = gone.read_bytes()
    told = fault(folder, "remove", moment, path=str(gone))
    ended = bench.run(bench.commands(name, folder / "out")[number], folder, told)
    gone.write_bytes(content)
    row = Row(
        "a recording deleted", name, str(moment), happened(folder), came_of(ended),
        is_allowed(ended),
    )  # fmt: skip
    return settle(bench, name, folder, [row])


def at_once(number: int) -> Callable[[Bench, str, np.random.Generator], list[Row]]:
    """Return a trial of several runs at once in one folder, every second with another seed."""

    def run(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
        folder, running = bench.new_folder(), []
        for place in range(number):
            other = ["--set", f"seed={rng.integers(100, 999)}"] if place % 2 else []
            words = bench.commands(name, folder / "out", *other)[-1]
            running.append(bench.warm.start(words, folder, output=folder / f"said{place}.txt"))
        ended = [one.end() for one in running]
        came = "; ".join(map(came_of, ended))
        row = Row(f"{number} runs at once", name, "-", "-", came, all(e.code == 0 for e in ended))
        return settle(bench, name, folder, [row])

    return run


def dask_worker_killed(bench: Bench, name: str, rng: np.random.Generator) -> list[Row]:
    """SIGKILL of one of two workers of a Dask cluster while it writes."""
    folder = bench.new_folder()
    bench.undisturbed(name)
    moment = int(rng.integers(1, 12))
    told = fault(folder, "alone", moment, where="worker")
    with cluster(folder, told) as address:
        words = [*bench.commands(name, folder / "out")[-1], "--scheduler", address]
        ended = bench.run(words, folder)
    row = Row(
        "kill of a Dask worker", name, str(moment), happened(folder), came_of(ended),
        is_allowed(ended),
    )  # fmt: skip
    return settle(bench, name, folder, [row])


@contextmanager
def cluster(folder: Path, told: dict[str, object]) -> Iterator[str]:
    """Give the address of a scheduler with two workers, whose first to come so far is killed."""
    import json

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    path = os.pathsep.join(map(str, (HERE / "hook", HERE.parents[1])))
    begun = []

    def start(fault: str, *words: str) -> None:
        with (folder / f"dask{len(begun)}.log").open("w") as log:
            begun.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *words],
                    cwd=folder,
                    env={**os.environ, "PYTHONPATH": path, "FAULT": fault},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    start("", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    for _ in range(2):
        words = ("--nthreads", "1", "--no-dashboard", "--no-nanny")
        start(json.dumps(told), "worker", address, *words)
    try:
        _wait_for(port)
        yield address
    finally:
        for process in begun:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)


#: Every kind of trial, and the studies that it is tried on.
TRIALS: dict[str, tuple[Callable[[Bench, str, np.random.Generator], list[Row]], str]] = {
    "kill of the group": (killed, "plain folds network tuned"),
    "kill of the parent": (parent_killed, "plain folds network"),
    "kill of a worker": (worker_killed, "plain folds network"),
    "disk full, injected": (errors("disk full"), "plain folds network tuned"),
    "disk full": (small_disk, "plain folds network"),
    "read-only": (errors("read-only"), "plain folds network tuned"),
    "disk broken": (errors("disk broken"), "plain"),
    "deleted artefacts": (deleted, "plain folds network tuned"),
    "deleted recording": (input_deleted, "plain folds network"),
    "clock set back": (clock_set_back, "plain folds network"),
    "two at once": (at_once(2), "plain network"),
    "four at once": (at_once(4), "folds"),
    "Dask worker killed": (dask_worker_killed, "plain"),
}
