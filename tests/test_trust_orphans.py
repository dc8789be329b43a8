"""Workers whose parent alone is killed end by themselves."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from semisup.engine import orphans

#: Every item says who works at it, and takes longer than any test.
WORK = """
import os, time
from pathlib import Path

def work(item, path):
    (Path(item) / f"worker-{os.getpid()}").touch()
    time.sleep(600)
"""
RUN = """
import sys
from pathlib import Path
from semisup.engine.parallel import Workers, map_to_parts
from sleeping_work import work

if __name__ == "__main__":
    folder = sys.argv[2]
    parts, apart = Path(folder) / "parts", sys.argv[1] == "apart"
    map_to_parts(
        work, [folder] * 4, parts, ".txt", Workers(2), "work", "items", apart=apart
    )
"""


def is_alive(process: int) -> bool:
    """Tell whether a process is there and no zombie that nobody has asked for."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def children_of(process: int) -> list[int]:
    """Return the processes below one, their children included."""
    below = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # has just ended
            continue
        if int(fields[1]) == process:
            below += [int(stat.parent.name), *children_of(int(stat.parent.name))]
    return below


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to look at them")
@pytest.mark.parametrize("how", ["here", "apart"])
def test_workers_of_a_killed_parent_end(tmp_path, how):
    script = tmp_path / "run.py"
    script.write_text(RUN)
    (tmp_path / "sleeping_work.py").write_text(WORK)
    run = subprocess.Popen(
        [sys.executable, script, how, tmp_path], stderr=subprocess.DEVNULL, cwd=tmp_path
    )
    wait_for(lambda: len(list(tmp_path.glob("worker-*"))) == 2)
    below = children_of(run.pid)
    assert len(below) >= 2
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    wait_for(lambda: not any(map(is_alive, below)))


def test_a_parent_that_is_gone_already_is_noticed(tmp_path):
    # a process is not its own parent's parent: as if that had ended before it was watched
    code = "import os, time; from semisup.engine.orphans import end_with; end_with(1 << 30);"
    done = subprocess.run([sys.executable, "-c", code + "time.sleep(600)"], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_process_does_not_wait_for_its_own_end():
    before = set(orphans._watched)
    orphans.end_with(os.getpid())
    assert orphans._watched == before
