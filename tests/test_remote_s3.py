"""Corpora and output on S3: a server on this machine that speaks it (moto), nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import fsspec
import numpy as np
import pytest
import soundfile

import semisup
from semisup.errors import RemoteError
from semisup.remote.inputs import fetched, look_again
from semisup.remote.lease import Lease
from semisup.remote.store import Store

pytestmark = pytest.mark.extras

STUDY = """
name = "small"
[corpus]
adapter = "folder"
root = "ROOT"
speaker_pattern = '(s[0-9]+)_'
[split]
fractions = { labelled = 0.5, test = 0.5 }
[representations.handcrafted]
kind = "handcrafted"
[curve]
classifiers = ["svm"]
percentages = [50, 100]
draws = 2
[compare]
resamples = 200
"""
TABLES = ("features/handcrafted.parquet", "scores.parquet", "predictions.parquet", "comparison.csv")


@pytest.fixture(scope="module")
def server():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server, tmp_path, monkeypatch):
    """The URL of a new bucket."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "SEMISUP_CACHE": str(tmp_path / "first"),
    }.items():
        monkeypatch.setenv(name, value)
    look_again()
    files = fsspec.filesystem("s3")
    name = tmp_path.name.replace("_", "-").lower()[-60:].strip("-")
    files.mkdir(name)
    yield f"s3://{name}"
    files.rm(name, recursive=True)
    fsspec.filesystem("s3").clear_instance_cache()


def write_corpus(folder: Path) -> None:
    for i in range(16):
        tone = np.sin(np.arange(8000) * (0.1 if i % 2 else 0.3))
        noise = np.random.default_rng(i).normal(0, 0.3, 8000)
        path = folder / "ab"[i % 2] / f"s{i % 8}_{i}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.3 * (tone + noise), 8000)


def write_study(path: Path, root: str) -> Path:
    path.write_text(STUDY.replace("ROOT", root))
    return path


KILLED = """
import os, signal, sys, threading, time
import semisup.stages.runner
from semisup.remote import outputs
from semisup.remote.store import Store

outputs.BEAT = 0.05
SEALED = "small/features/.handcrafted.parquet.fingerprint"

def kill():
    while SEALED not in Store(sys.argv[2]).versions():
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGKILL)

semisup.stages.runner.STAGES["curve"] = lambda study: time.sleep(600)
threading.Thread(target=kill, daemon=True).start()
semisup.run(sys.argv[1], out=sys.argv[2])
"""


def test_a_run_on_s3_that_is_killed_goes_on_on_another_machine(
    bucket, tmp_path, monkeypatch, capsys
):
    write_corpus(tmp_path / "corpus")
    fsspec.filesystem("s3").put(f"{tmp_path}/corpus/", f"{bucket}/corpus/", recursive=True)
    study = write_study(tmp_path / "study.toml", f"{bucket}/corpus")
    (tmp_path / "killed.py").write_text(KILLED)
    done = subprocess.run([sys.executable, tmp_path / "killed.py", study, f"{bucket}/out"])
    assert done.returncode == -9
    assert Store(f"{bucket}/out").read(".small.lock")
    monkeypatch.setenv("SEMISUP_CACHE", str(tmp_path / "second"))
    monkeypatch.setattr("semisup.remote.lease.STALE", 0.0)
    monkeypatch.setattr("semisup.remote.lease.POLL", 0.01)
    resumed = semisup.run(study, "compare", out=f"{bucket}/out")
    said = capsys.readouterr().err.splitlines()
    assert "curve" in said
    assert "features handcrafted" not in said
    local_study = write_study(tmp_path / "local.toml", str(tmp_path / "corpus"))
    local = semisup.run(local_study, "compare", out=tmp_path / "files")
    assert "features handcrafted" in capsys.readouterr().err.splitlines()
    for table in TABLES:
        content = (local.folder / table).read_bytes()
        assert (resumed.folder / table).read_bytes() == content
        assert Store(f"{bucket}/out/small").read(table) == content
    assert Store(f"{bucket}/out").read(".small.lock") is None
    # nothing is fetched, sent or made a second time
    monkeypatch.setattr(Store, "fetch", lambda *_: pytest.fail("fetched again"))
    monkeypatch.setattr(Store, "send", lambda *_: pytest.fail("sent again"))
    semisup.run(study, "compare", out=f"{bucket}/out")


def test_an_object_of_other_content_is_fetched_again(bucket):
    Store(bucket).write("data/a.txt", b"1")
    assert (fetched(f"{bucket}/data") / "a.txt").read_bytes() == b"1"
    Store(bucket).write("data/a.txt", b"2")
    look_again()
    assert (fetched(f"{bucket}/data") / "a.txt").read_bytes() == b"2"
    assert fetched(f"{bucket}/data/a.txt").read_bytes() == b"2"


def test_one_of_two_runs_gets_the_lock(bucket, tmp_path):
    Lease(f"{bucket}/out/small", tmp_path / "a").take()
    waits = []

    def wait(seconds):
        waits.append(seconds)
        Store(f"{bucket}/out").remove([".small.lock"])

    Lease(f"{bucket}/out/small", tmp_path / "b", wait).take()
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "there is no such bucket, folder or file"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect"),
        (dict.fromkeys(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]), "there are no credentials"),
    ],
)
def test_a_missing_bucket_host_or_credential_is_one_sentence(bucket, monkeypatch, change, message):
    for name, value in change.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    with monkeypatch.context() as patch:
        # an instance is kept for a thread, with the environment that it was made in
        patch.setattr(fsspec.get_filesystem_class("s3"), "cachable", False)
        patch.setattr(fsspec.get_filesystem_class("s3"), "retries", 1)
        with pytest.raises(RemoteError, match=message) as error:
            fetched(f"{bucket}-not-there/corpus")
    assert "\n" not in str(error.value)
    assert os.environ["SEMISUP_CACHE"]
