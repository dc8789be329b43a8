"""Corpora and output at URLs: `memory://` in this process, `file://` where several run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from table_study import table_study

import semisup
from semisup.cli.options import Out
from semisup.engine.parallel import Workers
from semisup.errors import RemoteError, SpecError
from semisup.reading import read_draft, read_study
from semisup.remote import outputs
from semisup.remote.inputs import fetched, look_again
from semisup.remote.lease import Lease
from semisup.remote.mirror import Mirror
from semisup.remote.outputs import held, up_to_date
from semisup.remote.store import Store
from semisup.remote.urls import cache, input_place, is_url, output_place, url_of
from semisup.stages import runner
from semisup.stages.preflight import check_draft

TABLES = ("scores.parquet", "predictions.parquet", "comparison.csv", "split.csv")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SEMISUP_CACHE", str(tmp_path / "cache"))
    look_again()


@pytest.fixture
def url():
    name = f"memory://{uuid4().hex}/folder"
    yield name
    fsspec.filesystem("memory").store.clear()


def write(url: str, **files: bytes) -> None:
    for name, content in files.items():
        Store(url).write(name.replace("__", "/").replace("_dot_", "."), content)


def raises(error: Exception) -> None:
    raise error


def wanted(name: str) -> bool:
    return True


def every(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class Counting(Store):
    """A store that notes what is asked of it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.asked: list[str] = []

    def fetch(self, name, path, size=None):
        self.asked.append(f"fetch {name}")
        super().fetch(name, path, size)

    def send(self, name, path):
        self.asked.append(f"send {name}")
        super().send(name, path)

    def remove(self, names):
        self.asked += [f"remove {name}" for name in names]
        super().remove(names)


def counting(url: str, folder: Path) -> tuple[Mirror, list[str]]:
    mirror = Mirror(url, folder, wanted)
    store = Counting(url)
    mirror.store = store
    return mirror, store.asked


@pytest.mark.parametrize(
    "text", ["s3://bucket/a/b", "memory://x", "file:///mnt/share/a", "gs://bucket/a b/ü"]
)
def test_the_place_of_a_url_tells_the_url(text):
    assert url_of(output_place(text)) == text
    assert output_place(Path(text)) == output_place(text)  # a path loses a slash
    assert input_place(text).is_relative_to(cache())


def test_paths_stay_what_they_are(tmp_path):
    for path in ("files", "c:/files", tmp_path / "a:b", "s3:"):
        assert output_place(path) == Path(path)
        assert not url_of(Path(path))
        assert not is_url(path)
    assert Out.__metadata__[0].parser("s3://a/b") == output_place("s3://a/b")


@pytest.mark.parametrize("text", ["s3://", "s3://a/../b", "s3://a//b"])
def test_a_url_that_is_none_is_refused(text):
    with pytest.raises(SpecError, match="is no URL of a folder or file"):
        output_place(text)


def test_what_is_there_is_fetched_once_and_what_changes_is_noticed(url, tmp_path):
    write(url, a_dot_wav=b"1", sub__b_dot_wav=b"2")
    mirror, asked = counting(url, tmp_path / "copy")
    assert mirror.fetch() == 2
    assert every(tmp_path / "copy") == {"a.wav": b"1", "sub/b.wav": b"2"}
    again, asked_again = counting(url, tmp_path / "copy")
    again.fetch()
    assert len(asked) == 2
    assert not asked_again
    write(url, a_dot_wav=b"9")  # as many bytes as before
    Store(url).remove(["sub/b.wav"])
    (tmp_path / "copy" / "sub" / "b.wav").write_bytes(b"changed here")
    again.fetch()
    assert every(tmp_path / "copy") == {"a.wav": b"9"}
    (tmp_path / "copy" / "a.wav").write_bytes(b"changed here")
    again.fetch()
    assert every(tmp_path / "copy") == {"a.wav": b"9"}


def test_half_a_download_is_never_seen(url, tmp_path, monkeypatch):
    write(url, a_dot_wav=b"whole")
    mirror = Mirror(url, tmp_path / "copy", wanted)
    half = lambda at, path: Path(path).write_bytes(b"wh")  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(mirror.store._fs, "get_file", half, raising=False)
        with pytest.raises(RemoteError, match=r"a\.wav: 2 of 5 bytes arrived"):
            mirror.fetch()
        assert not every(tmp_path / "copy")
    mirror.fetch()
    assert every(tmp_path / "copy") == {"a.wav": b"whole"}


def test_hidden_files_hold_no_recordings(url):
    write(url, a_dot_wav=b"1", _dot_hidden=b"2", _dot_git__c=b"3")
    assert set(every(fetched(url))) == {"a.wav"}
    assert fetched(f"{url}/a.wav").read_bytes() == b"1"


def test_nothing_there_is_one_sentence(url):
    for place in (url, f"{url}/list.csv"):
        with pytest.raises(RemoteError, match="there is no such bucket, folder or file"):
            fetched(place)
    with pytest.raises(RemoteError, match="nothing that is installed knows this kind of URL"):
        fetched("nonsense://a/b")


def test_fingerprints_go_before_what_they_speak_of_and_come_after_it(url, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    mirror, asked = counting(url, folder)
    artefact, mark = folder / "table.csv", folder / ".table.csv.fingerprint"
    artefact.write_bytes(b"old")
    mark.write_bytes(b"of old")
    mirror.push()
    assert asked == ["send table.csv", "send .table.csv.fingerprint"]
    del asked[:]
    mirror.push()
    assert not asked
    mark.unlink()
    artefact.write_bytes(b"newer")
    mark.write_bytes(b"of newer")
    mirror.push()
    assert asked == [
        *("remove .table.csv.fingerprint", "send table.csv", "send .table.csv.fingerprint")
    ]
    artefact.unlink()
    mirror.push()
    assert "table.csv" not in Store(url).versions()


def test_a_fingerprint_that_changes_during_a_push_stays_for_the_next(url, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    artefact, mark = folder / "table.csv", folder / ".table.csv.fingerprint"
    artefact.write_bytes(b"old")
    mark.write_bytes(b"of old")
    mirror = Mirror(url, folder, wanted)

    class Meanwhile(Store):
        def send(self, name, path):
            super().send(name, path)
            mark.unlink(missing_ok=True)  # the step is made again while its artefact is sent

    mirror.store = Meanwhile(url)
    mirror.push()
    assert set(Store(url).versions()) == {"table.csv"}


def test_who_comes_later_has_what_another_wrote_and_no_fingerprint_of_his_own(url, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    (here / "table.csv").write_bytes(b"mine")
    (here / ".table.csv.fingerprint").write_bytes(b"of mine")
    (here / "alone.csv").write_bytes(b"kept")
    there.mkdir()
    (there / "table.csv").write_bytes(b"of another")
    Mirror(url, there, wanted).push()
    mirror, asked = counting(url, here)
    mirror.catch_up()
    assert every(here) == {"table.csv": b"of another", "alone.csv": b"kept"}
    (here / ".table.csv.fingerprint").write_bytes(b"of another's")
    mirror.catch_up()  # nobody has written there since: what is here alone stays
    assert ".table.csv.fingerprint" in every(here)
    assert asked == ["fetch table.csv"]


def test_one_of_two_runs_waits_until_the_other_ends(url, tmp_path):
    first, waits = Lease(url, tmp_path / "a"), []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            first.release()

    first.take()
    second = Lease(url, tmp_path / "b", wait)
    second.take()
    assert len(waits) == 2
    with pytest.raises(RemoteError, match="was taken over by another run"):
        first.renew()
    second.renew()
    first.release()  # of what it has no longer
    second.renew()
    second.release()
    assert not Store(url.rpartition("/")[0]).versions()


def test_what_a_killed_run_left_locked_is_taken_over(url, tmp_path, monkeypatch, capsys):
    Lease(url, tmp_path / "a").take()
    again = Lease(url, tmp_path / "a", lambda seconds: pytest.fail("it waits for itself"))
    again.take()
    monkeypatch.setattr("semisup.remote.lease.STALE", -1.0)
    Lease(url, tmp_path / "b", lambda seconds: None).take()
    assert "left it locked and is gone" in capsys.readouterr().err


def test_the_run_goes_on_while_the_store_is_away_and_says_so_at_the_end(
    url, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(outputs, "BEAT", 0.01)
    folder = output_place(url) / "study"
    tried = outputs.Event()

    def work():
        with held(folder):
            tried.wait()
            (folder / "table.csv").write_bytes(b"kept")

    def away(self, **options):
        tried.set()
        raise RemoteError(f"{url}: away")

    with monkeypatch.context() as patch:
        patch.setattr(Mirror, "push", away)
        with pytest.raises(RemoteError, match="away"):
            work()
    assert "away; the run goes on, and tries again" in capsys.readouterr().err
    with held(folder):
        pass
    assert "table.csv" in Store(f"{url}/study").versions()


def files_of_a_study(name: str) -> dict[str, str]:
    rows = [(f"s{i % 8}_{i}", "ab"[i % 2], f"s{i % 8}") for i in range(32)]
    listing = "file,label,speaker\n" + "".join(f"{','.join(row)}\n" for row in rows)
    features = "recording,x,y\n" + "".join(
        f"{row[0]},{i * 7 % 11 + (i % 2)},{i * 5 % 13}\n" for i, row in enumerate(rows)
    )
    curve = (
        '[curve]\nclassifiers = ["svm"]\npercentages = [50, 100]\ndraws = 2\n'
        "[compare]\nresamples = 200\n"
    )
    return {"list.csv": listing, "mine.csv": features, "study.toml": table_study(name) + curve}


def write_study(folder: Path, name: str = "small") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files_of_a_study(name).items():
        (folder / file).write_text(text)
    return folder / "study.toml"


def test_tables_and_output_by_url_give_the_tables_of_a_local_run(url, tmp_path, monkeypatch):
    local = semisup.run(write_study(tmp_path / "local"), "compare", out=tmp_path / "files")
    text = (tmp_path / "local" / "study.toml").read_text()
    for name in ("list.csv", "mine.csv"):
        Store(url).write(f"data/{name}", (tmp_path / "local" / name).read_bytes())
        text = text.replace(f'"{name}"', f'"{url}/data/{name}"')
    (tmp_path / "remote.toml").write_text(text)
    first = semisup.run(tmp_path / "remote.toml", "compare", out=f"{url}/out")
    for table in TABLES:
        content = (local.folder / table).read_bytes()
        assert (first.folder / table).read_bytes() == content
        assert Store(f"{url}/out/small").read(table) == content
    before = every(first.folder)
    # another machine has the results without making them
    monkeypatch.setenv("SEMISUP_CACHE", str(tmp_path / "another machine"))
    monkeypatch.setattr("semisup.stages.curve.run_cells", lambda *_: pytest.fail("made again"))
    second = semisup.run(tmp_path / "remote.toml", "compare", out=f"{url}/out")
    assert second.folder != first.folder
    for table in TABLES:
        assert (second.folder / table).read_bytes() == before[table]
    assert Store(f"{url}/out").read(".small.lock") is None


def test_recordings_that_a_table_names_by_url_keep_that_name(url, tmp_path):
    import numpy as np
    import soundfile

    names = []
    for i in range(4):
        path = tmp_path / f"{i}.wav"
        soundfile.write(path, np.random.default_rng(i).normal(0, 0.1, 8000), 8000)
        Store(f"{url}/audio").write(path.name, path.read_bytes())
        names.append(f"{url}/audio/{path.name}")
    names.append(f"{url}/audio/gone.wav")
    rows = "".join(f"{name},{'ab'[i % 2]},s{i}\n" for i, name in enumerate(names))
    (tmp_path / "list.csv").write_text("file,label,speaker\n" + rows)
    (tmp_path / "study.toml").write_text(
        'name = "n"\n[corpus]\nadapter = "table"\npath = "list.csv"\n'
    )
    result = semisup.run(tmp_path / "study.toml", "manifest", out=tmp_path / "files")
    assert result.study.manifest["recording"].tolist() == names[:4]
    assert all(Path(path).is_file() for path in result.study.manifest["path"])
    assert "there is no such file" in (result.folder / "skipped.csv").read_text()


def test_check_tries_what_is_at_urls(url, tmp_path, monkeypatch):
    path = write_study(tmp_path)
    path.write_text(path.read_text().replace('"list.csv"', f'"{url}/list.csv"'))
    out = f"{url}/out"

    def problems() -> list[str]:
        found = check_draft(read_draft(path, out)).problems
        return [str(problem) for problem in found if problem.severity == "fatal"]

    lacking = f"fatal: {url}/list.csv: there is no such bucket, folder or file, or nothing in it"
    assert problems() == [lacking]
    Store(url).write("list.csv", files_of_a_study("small")["list.csv"].encode())
    assert not problems()
    assert "small/manifest.parquet" in Store(out).versions()
    assert not [name for name in Store(out).versions() if name.startswith(".")]
    with monkeypatch.context() as patch:
        refused = PermissionError("Access Denied")
        patch.setattr(fsspec.filesystem("memory"), "pipe_file", lambda *_, **__: raises(refused))
        assert problems()[0].startswith(f"fatal: {out}/.semisup-")
        assert "permission denied (Access Denied)" in problems()[0]


def test_code_is_never_run_from_a_url(tmp_path):
    path = write_study(tmp_path)
    path.write_text(path.read_text().replace('"table"\npath = "mine.csv"', '"s3://a/b.py:C"'))
    with pytest.raises(SpecError, match="code is run from files of this machine alone"):
        read_study(path)


KILLED = """
import os, signal, sys, threading, time
from pathlib import Path
from semisup.remote import outputs
import semisup

outputs.BEAT = 0.05

def kill():
    while not Path(sys.argv[3], "small", ".manifest.parquet.fingerprint").exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)

def stay(*_):
    time.sleep(600)

semisup.stages.runner.STAGES["curve"] = stay
threading.Thread(target=kill, daemon=True).start()
semisup.run(sys.argv[1], out=sys.argv[2])
"""


def test_a_run_that_is_killed_goes_on_on_another_machine(tmp_path, monkeypatch, capsys):
    study, share = write_study(tmp_path / "local"), tmp_path / "share"
    (tmp_path / "killed.py").write_text("import semisup.stages.runner\n" + KILLED)
    url = share.as_uri()
    done = subprocess.run(
        [sys.executable, tmp_path / "killed.py", study, url, share],
        env={**os.environ, "SEMISUP_CACHE": str(tmp_path / "first")},
    )
    assert done.returncode == -9
    assert (share / ".small.lock").exists()
    shutil.rmtree(tmp_path / "first")
    monkeypatch.setattr("semisup.remote.lease.STALE", 0.0)
    monkeypatch.setattr("semisup.remote.lease.POLL", 0.01)
    semisup.run(study, "compare", out=url)
    local = semisup.run(study, "compare", out=tmp_path / "files")
    for table in TABLES:
        assert (share / "small" / table).read_bytes() == (local.folder / table).read_bytes()
    assert not (share / ".small.lock").exists()
    assert "left it locked and is gone" in capsys.readouterr().err


def test_reading_a_finished_study_brings_it_here(url):
    write(f"{url}/small", table_dot_csv=b"1")
    folder = output_place(url) / "small"
    up_to_date(folder)
    assert every(folder) == {"table.csv": b"1"}


def test_a_url_where_a_path_must_be_is_one_sentence(tmp_path):
    with pytest.raises(SpecError, match="is a URL: of a study its corpora"):
        read_study("s3://bucket/study.toml")
    with pytest.raises(SpecError, match="is a URL"):
        read_study(Path("s3://bucket/study.toml"))


def test_a_cluster_s_workers_must_see_the_copies(url, tmp_path, monkeypatch, capsys):
    study = read_study(write_study(tmp_path), f"{url}/out")
    monkeypatch.setattr(runner, "resolve", lambda *_, **__: raises(SpecError("far enough")))
    with pytest.raises(SpecError, match="far enough"):
        runner.run_study(study, workers=Workers(1, "tcp://head:8786"))
    assert f"workers must see {cache()}" in capsys.readouterr().err
