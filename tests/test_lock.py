"""Two runs in one folder: the second waits, and a killed one holds nobody up."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from semisup.engine import lock
from semisup.engine.lock import locked
from semisup.errors import OutputError
from semisup.reading import read_study
from semisup.stages import tune
from semisup.stages.runner import run_study, tune_study

#: Holds a folder until it is told to end.
HOLD = """
import sys
from pathlib import Path
from semisup.engine.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""
#: Adds to a number in a file, under the lock of a folder that is empty and so comes and goes.
COUNT = """
import sys, time
from pathlib import Path
from semisup.engine.lock import locked
folder, counter = map(Path, sys.argv[1:])
for _ in range(30):
    with locked(folder):
        number = int(counter.read_text())
        time.sleep(0.001)
        counter.write_text(str(number + 1))
"""


@pytest.fixture
def holder(tmp_path):
    """Another process, which holds a folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "study")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def wait_until_it_says(text: str, capfd) -> str:
    """Return what was said once it has the text."""
    said, deadline = "", time.monotonic() + 30
    while text not in said and time.monotonic() < deadline:
        said += capfd.readouterr().err
        time.sleep(0.01)
    assert text in said
    return said


class Waiting(threading.Thread):
    """Somebody who does something under the lock of a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.has_it = threading.Event()
        self.start()

    def run(self) -> None:
        with locked(self.folder):
            self.has_it.set()


def test_the_second_waits_and_says_for_whom(holder, tmp_path, capfd):
    second = Waiting(tmp_path / "study")
    said = wait_until_it_says("waiting until it ends", capfd)
    assert f"study is in use by process {holder.pid} on " in said
    assert len(said.splitlines()) == 1
    assert not second.has_it.wait(0.1)
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert second.has_it.wait(10)


def test_the_lock_of_a_killed_one_ends_with_it(holder, tmp_path, capfd):
    second = Waiting(tmp_path / "study")
    wait_until_it_says("waiting until it ends", capfd)
    os.kill(holder.pid, signal.SIGKILL)
    assert second.has_it.wait(10)
    second.join()
    assert not (tmp_path / "study").exists() or not list((tmp_path / "study").iterdir())


def test_the_file_that_a_killed_one_leaves_holds_nobody_up(holder, tmp_path, capfd):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "study" / lock.NAME).exists()
    with locked(tmp_path / "study"):
        assert f"process {os.getpid()} on " in (tmp_path / "study" / lock.NAME).read_text()
    assert capfd.readouterr().err == ""
    assert list((tmp_path / "study").iterdir()) == []


def test_many_at_once_come_one_after_the_other_although_the_folder_comes_and_goes(tmp_path):
    counter = tmp_path / "counter"
    counter.write_text("0")
    command = [sys.executable, "-c", COUNT, str(tmp_path / "a" / "study"), str(counter)]
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert counter.read_text() == "120"


def test_a_folder_that_stays_empty_is_gone_and_one_that_was_there_is_not(tmp_path):
    with locked(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "kept").touch()
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["kept"]
    (tmp_path / "c").mkdir()
    with locked(tmp_path / "c"):
        pass
    assert (tmp_path / "c").is_dir()


def test_what_cannot_be_locked_is_said_and_work_goes_on(tmp_path, monkeypatch, capfd):
    def no_locks(*_: object) -> None:
        raise OSError(37, "No locks available")

    with monkeypatch.context() as patch:
        patch.setattr(lock.fcntl, "flock", no_locks)
        with locked(tmp_path):
            pass
    said = capfd.readouterr().err
    assert "cannot be locked (No locks available): make sure that no other run writes" in said

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(lock.os, "open", denied)
        with locked(tmp_path):
            pass
    assert "cannot be locked (Permission denied)" in capfd.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "study"):
        with pytest.raises(OutputError, match="a file"), locked(folder):
            pass
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(OutputError, match="the name is too long"), locked(tmp_path / ("x" * 300)):
        pass


@pytest.mark.parametrize("work", ["run", "tune"])
def test_a_run_waits_for_another_and_makes_nothing_till_then(
    tiny_study, tmp_path, capfd, monkeypatch, work
):
    study = read_study(tiny_study, tmp_path)
    monkeypatch.setattr(tune, "steps", lambda _: [])
    begin = {"run": partial(run_study, study, "manifest"), "tune": partial(tune_study, study)}
    thread = threading.Thread(target=begin[work], daemon=True)
    with locked(study.folder):
        thread.start()
        wait_until_it_says("waiting until it ends", capfd)
        assert [path.name for path in study.folder.iterdir()] == [lock.NAME]
    thread.join(120)
    assert (study.folder / "manifest.parquet").exists()
    assert not (study.folder / lock.NAME).exists()
