"""Commands of a study with and without faults, started from one warm process."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from faults.studies import STUDIES, contents, write_recordings, write_study

HERE = Path(__file__).parent
#: Seconds until the processes of a run that has ended are looked for once more.
PATIENCE = 20
SIGKILLED = -9


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    code: int
    said: str

    @property
    def is_one_sentence(self) -> bool:
        """Whether it ended by exit status 1, a sentence and no traceback."""
        lines = [line for line in self.said.splitlines() if line.startswith("semisup: ")]
        unforeseen = "was not foreseen" in self.said or "Traceback" in self.said
        return self.code == 1 and len(lines) == 1 and not unforeseen

    @property
    def sentence(self) -> str:
        """The last line that was said."""
        return ([line.strip() for line in self.said.splitlines() if line.strip()] or [""])[-1]


class Warm:
    """The process that commands are copies of; see `faults.warm`."""

    def __init__(self) -> None:
        path = [HERE / "hook", HERE.parent, HERE.parents[1]]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "faults.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        if self.process.stdout is None or self._line() != "ready":
            raise RuntimeError("the warm process has not begun")

    def _line(self) -> str:
        return self.process.stdout.readline().strip()

    def _ask(self, order: dict[str, object]) -> int:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self._line())

    def start(
        self,
        words: Sequence[str],
        folder: Path,
        fault: dict[str, object] | None = None,
        clock: float = 0.0,
        output: Path | None = None,
    ) -> "Running":
        """Begin a command in a process group of its own."""
        output = output or folder / "said.txt"
        told = json.dumps(fault) if fault else ""
        order = {
            "words": list(words),
            "folder": str(folder),
            "output": str(output),
            "environment": {"FAULT": told},
            "clock": clock,
        }
        return Running(self, self._ask(order), output)

    def wait(self, process: int) -> int:
        """Return the exit status of a command, negative for a signal."""
        return self._ask({"wait": process})

    def end(self) -> None:
        """Let the process go."""
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@dataclass(frozen=True)
class Running:
    """A command at work."""

    warm: Warm
    process: int
    output: Path

    def end(self) -> Ended:
        """Wait for its end."""
        code = self.warm.wait(self.process)
        return Ended(code, self.output.read_text(errors="replace"))

    def orphans(self) -> list[int]:
        """Return the processes of its group that live on."""
        return processes_of(self.process)

    def survivors(self) -> int:
        """Count the processes of its group that have not ended within the time; end them."""
        deadline = time.monotonic() + PATIENCE
        while self.orphans() and time.monotonic() < deadline:
            time.sleep(0.05)
        left = self.orphans()
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, 9)
        return len(left)


def processes_of(group: int) -> list[int]:
    """Return the living processes of a session, which a run and its workers are."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # a name may hold blanks and brackets
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
            if int(session) == group and state != "Z":
                found.append(int(path.parent.name))
    return found


@dataclass
class Bench:
    """Recordings, studies, and the tables of undisturbed runs, each made once when asked for."""

    folder: Path
    warm: Warm
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    moments: dict[str, list[int]] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        write_recordings(self.folder / "recordings")
        for name in STUDIES:
            write_study(self.folder / "studies", name)

    def commands(self, name: str, out: Path, *more: str, jobs: int = 1) -> list[list[str]]:
        """Return the commands that make a study: where options are searched, that first."""
        study = str(self.folder / "studies" / f"{name}.toml")
        ends = [study, "--out", str(out), "--jobs", str(jobs), *more]
        return [["tune", *ends]] * (name == "tuned") + [["run", *ends]]

    def new_folder(self) -> Path:
        """Return an empty folder."""
        self.count += 1
        folder = self.folder / "trials" / f"{self.count:04d}"
        folder.mkdir(parents=True)
        return folder

    def run(
        self, words: Sequence[str], folder: Path, fault: dict[str, object] | None = None
    ) -> Ended:
        """Run a command to its end."""
        return self.warm.start(words, folder, fault).end()

    def complete(self, name: str, folder: Path, *more: str) -> Ended:
        """Give the commands of a study; the first that fails is the last."""
        for words in self.commands(name, folder / "out", *more):
            ended = self.run(words, folder)
            if ended.code:
                break
        return ended

    def undisturbed(self, name: str) -> dict[str, str]:
        """Return the tables of a study that nothing happened to."""
        if name not in self.tables:
            folder, counts = self.new_folder(), []
            for words in self.commands(name, folder / "out"):
                ended = self.run(words, folder, fault(folder, "count"))
                if ended.code:
                    raise RuntimeError(f"{name}: {ended.said}")
                counts.append(int((folder / "said.txt.count").read_text()))
            self.moments[name] = counts
            self.tables[name] = contents(folder / "out" / name)
            shutil.copytree(folder / "out", self.finished(name))
        return self.tables[name]

    def finished(self, name: str) -> Path:
        """Return the output folder of the undisturbed run, to read only."""
        return self.folder / "undisturbed" / name

    def differences(self, name: str, folder: Path) -> list[str]:
        """Return the names of files that are not those of an undisturbed run."""
        expected, there = self.undisturbed(name), contents(folder / "out" / name)
        return sorted(
            path for path in expected.keys() | there.keys() if expected.get(path) != there.get(path)
        )


def fault(folder: Path, what: str, moment: int = 0, **more: object) -> dict[str, object]:
    """Describe a fault in the output folder of a trial."""
    log = folder / "happened.txt"
    log.unlink(missing_ok=True)
    return {"folder": str(folder / "out"), "what": what, "moment": moment, "log": str(log), **more}


def happened(folder: Path) -> str:
    """Return the path at which a fault has happened, "" where it has not."""
    log = folder / "happened.txt"
    return log.read_text() if log.exists() else ""
