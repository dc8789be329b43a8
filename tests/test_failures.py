"""Disks that are full, folders that may not be written, and errors that nobody foresaw."""

import errno
import os
import resource
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pandas as pd
import pytest

import semisup
from semisup.engine import failures
from semisup.engine.artefacts import write_table, write_text, write_whole
from semisup.engine.failures import keep_text, sentence_of, writing
from semisup.engine.parallel import Workers, map_to_parts
from semisup.errors import BadAudioError, OutputError, SemisupError


def raise_(error: Exception) -> None:
    raise error


# --- what cannot be written ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full; what is finished is kept"),
        (errno.EDQUOT, "the disk space that this user may use is full; what is finished"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "permission denied"),
        (errno.EROFS, "permission denied, as its disk can only be read"),
        (errno.EIO, "the disk reports an error"),
        (errno.EBADF, "Bad file descriptor"),
    ],
)
def test_an_artefact_that_cannot_be_written_is_named_with_the_reason(tmp_path, number, reason):
    path = write_text(tmp_path / "a.csv", "old")

    def fail(partial: Path) -> None:
        partial.write_text("half")
        raise OSError(number, os.strerror(number), str(partial))

    with pytest.raises(OutputError) as caught:
        write_whole(path, fail)
    assert str(caught.value).startswith(f"{path} cannot be written: {reason}")
    assert "partial" not in str(caught.value)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_where_a_folder_should_be_is_named_and_stays(tmp_path):
    (tmp_path / "results").write_text("mine")
    for path in (tmp_path / "results" / "x.csv", tmp_path / "results" / "deep" / "er" / "x.csv"):
        with pytest.raises(OutputError, match="results is a file where a folder should be"):
            write_text(path, "x")
    with pytest.raises(OutputError, match=r"parts/1 cannot be written: .*results is a file"):
        map_to_parts(
            print, [1], tmp_path / "results" / "parts" / "1", ".csv", Workers(), "x", "numbers"
        )
    assert (tmp_path / "results").read_text() == "mine"


def test_a_folder_where_a_file_should_be_stays_with_all_that_is_in_it(tmp_path):
    (tmp_path / "scores.csv").mkdir()
    (tmp_path / "scores.csv" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="a folder is where a file should be"):
        write_table(tmp_path / "scores.csv", pd.DataFrame({"a": [1]}))
    assert [path.name for path in tmp_path.rglob("*")] == ["scores.csv", "mine.txt"]


def test_a_name_that_is_too_long_and_a_system_folder_are_refused_in_words(tmp_path):
    for path in (tmp_path / ("x" * 300) / "a.csv", tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match="the name is too long"):
            write_text(path, "x")
    with pytest.raises(OutputError, match=r"/proc/nobody/a\.csv cannot be written"):
        write_text(Path("/proc/nobody/a.csv"), "x")


def test_another_file_that_is_missing_is_named():
    message = r"a\.csv cannot be written: /none/b\.csv: there is no such file"
    with pytest.raises(OutputError, match=message), writing(Path("a.csv")):
        Path("/none/b.csv").read_text()


def test_our_own_errors_stay_what_they_are_although_they_are_of_the_system_too():
    with pytest.raises(BadAudioError, match=r"^it hisses$"), writing(Path("a.csv")):
        raise BadAudioError("it hisses")


# --- what nobody foresaw -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(errno.EACCES, "x", "/a/b"), "/a/b: permission denied"),
        (FileExistsError(errno.EEXIST, "x", "/a/b"), "/a/b: a file is where a folder should be"),
        (OSError(errno.ENOSPC, "x"), "the disk is full; what is finished is kept"),
        (OSError(errno.ENOSPC, "x", "/a/b"), "the disk is full (/a/b); what is finished"),
        (RuntimeError("(sqlite3) database or disk is full"), "the disk is full; what"),
        (MemoryError(), "there is not enough memory"),
        (BrokenProcessPool("killed"), "the system ended a process"),
        (KeyError("x"), "this error was not foreseen: KeyError: 'x'"),
        (ValueError("one\n  two"), "this error was not foreseen: ValueError: one two"),
        (RuntimeError(), "this error was not foreseen: RuntimeError"),
    ],
)
def test_any_error_is_one_sentence(error, sentence):
    assert sentence_of(error).startswith(sentence)
    assert "\n" not in sentence_of(error)
    assert len(sentence_of(ValueError("x" * 5000))) < 300


def test_a_full_disk_is_found_among_the_causes_of_a_library_s_error():
    for name in ("__cause__", "__context__"):
        error = ValueError("writing failed")
        setattr(error, name, OSError(errno.ENOSPC, "No space left"))
        assert sentence_of(error).startswith("the disk is full")


def test_the_full_text_is_kept_whatever_it_holds_unless_nothing_can_be_written(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = keep_text(ValueError("a name \udcff"))
    assert path is not None
    assert path.parent == tmp_path
    assert r"a name \udcff" in path.read_text("utf-8")
    monkeypatch.setattr(failures, "NamedTemporaryFile", lambda *_, **__: raise_(OSError()))
    assert keep_text(ValueError("x")) is None


@pytest.mark.parametrize(
    "error", [KeyError("x"), PermissionError(13, "x", "/a/b"), RuntimeError("one\ntwo")]
)
def test_an_unforeseen_error_of_a_command_is_one_line_and_debug_shows_the_rest(
    command, monkeypatch, tmp_path, error
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for reads in ("reading.read_study", "reading.read_draft", "prediction.opened.read_study"):
        monkeypatch.setattr(f"semisup.{reads}", lambda *_: raise_(error))
    for words in (["run"], ["check"], ["tune"], ["predict", "study.toml", "a.wav"]):
        done = command(*words)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert len(done.stderr.splitlines()) == 1
        where = Path(done.stderr.rpartition("its full text is in ")[2].strip())
        text = where.read_text()
        assert "Traceback" in text
        assert words[0] in text.splitlines()[0]
    with pytest.raises(type(error)):
        command("run", "--debug")


# --- whole commands ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "check", "tune"])
def test_a_root_that_is_a_file_is_one_sentence_and_stays(command, tiny_study, tmp_path, name):
    (tmp_path / "results").write_text("mine")
    done = command(name, tiny_study, "--out", tmp_path / "results")
    assert done.returncode == 1
    assert "results is a file where a folder should be" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "results").read_text() == "mine"


def test_a_figure_is_not_written_over_a_folder(command, tiny_run, tmp_path):
    (tmp_path / "f1.png").mkdir()
    (tmp_path / "f1.png" / "mine.txt").write_text("mine")
    done = command("plot", tiny_run / "scores.csv", "-o", tmp_path / "f1.png")
    assert done.returncode == 1
    assert "f1.png cannot be written: a folder is where a file should be" in done.stderr
    assert (tmp_path / "f1.png" / "mine.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_run_on_a_full_disk_ends_with_one_sentence_and_goes_on_when_there_is_room(
    tiny_study, tmp_path
):
    command = [sys.executable, "-m", "semisup", "run", str(tiny_study), "--until", "split"]
    command += ["--out", str(tmp_path), "--jobs", "1"]

    def small_disk() -> None:
        # no file may grow beyond this: the manifest does not fit
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    done = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=small_disk
    )
    assert done.returncode == 1
    assert "cannot be written: the file would be larger than this system allows" in done.stderr
    assert "the same command goes on from there" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "tiny").glob("*.parquet"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (tmp_path / "tiny" / "split.csv").exists()


def test_in_python_it_is_an_error_of_ours_and_of_the_system(tiny_study, tmp_path):
    (tmp_path / "results").write_text("mine")
    for kind in (SemisupError, OSError):
        with pytest.raises(kind, match="a file where a folder should be"):
            semisup.run(tiny_study, out=tmp_path / "results")
