"""`docs/scaling.md`: what it has people start works, with SSH and SLURM of our own."""

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from table_study import table_study

from semisup.reading import read_study
from semisup.stages.runner import run_study

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "scaling.md").read_text("utf-8")
NEEDED = pytest.mark.extras


def block(language: str, beginning: str) -> str:
    """Return the block of a page that begins with a comment."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [text] = [text for text in blocks if text.startswith(f"# {beginning}")]
    return text


@pytest.fixture
def beside_a_study(tmp_path, monkeypatch) -> Path:
    """Work in a folder with a study, with `semisup` on the path and a home of our own."""
    # the curve is what workers share; nobody draws figures here
    command = f'exec "{sys.executable}" -m semisup "$@" --until curve'
    (tmp_path / "bin").mkdir()
    executable(tmp_path / "bin" / "semisup", f"#!/bin/sh\n{command}\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(tmp_path))
    write_study(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_study(folder: Path) -> None:
    """Write a study of feature tables, three classes in six speakers."""
    rng, classes = np.random.default_rng(0), np.arange(60) % 3
    names = [f"r{number:02d}.wav" for number in range(60)]
    speakers = [f"s{number // 10}" for number in range(60)]
    listing = {"file": names, "label": np.array(list("abc"))[classes], "speaker": speakers}
    pd.DataFrame(listing).to_csv(folder / "list.csv", index=False)
    values = rng.normal(size=(60, 4)) + classes[:, None]
    features = pd.DataFrame(values, columns=list("wxyz"))
    features.insert(0, "recording", names)
    features.to_csv(folder / "mine.csv", index=False)
    curve = '[curve]\nclassifiers = ["knn", "tree"]\npercentages = [50, 100]\ndraws = 2\n'
    (folder / "study.toml").write_text(table_study("shared_out") + curve)


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def run_example(folder: Path, text: str) -> None:
    """Run an example of the page, and everything that it starts, in a group that ends with it."""
    (folder / "example.py").write_text(text)
    process = subprocess.Popen([sys.executable, "example.py"], start_new_session=True)
    try:
        assert process.wait(timeout=300) == 0
    finally:
        end_group(process.pid)


def end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def check_tables(folder: Path) -> None:
    """Compare what the workers made with what one process makes."""
    here = read_study(folder / "study.toml", out=folder / "here")
    run_study(here, until="curve")
    for name in ("scores", "predictions"):
        ours, theirs = (
            (folder / out / "shared_out" / f"{name}.parquet").read_bytes()
            for out in ("here", "files")
        )
        assert ours == theirs


@contextmanager
def ssh_server(home: Path) -> Iterator[None]:
    """Serve SSH on this machine, as node1 and node2 of the home's configuration."""
    command = [sys.executable, str(ROOT / "tests" / "ssh_server.py")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        try:
            port, public = server.stdout.readline().split(maxsplit=1)
            (home / ".ssh").mkdir()
            (home / ".ssh" / "known_hosts").write_text(f"* {public}")
            (home / ".ssh" / "config").write_text(
                f"Host node1 node2\n  HostName 127.0.0.1\n  Port {port}\n"
            )
            yield
        finally:
            end_group(server.pid)


@NEEDED
def test_workers_by_ssh_make_the_same_tables(beside_a_study):
    text = block("python", "by_ssh.py").replace("/shared/venv/bin/python", sys.executable)
    with ssh_server(beside_a_study):
        run_example(beside_a_study, text)
    check_tables(beside_a_study)


@NEEDED
def test_workers_by_slurm_make_the_same_tables(beside_a_study):
    # what `sbatch` does with a script, here and at once
    executable(
        beside_a_study / "bin" / "sbatch",
        '#!/bin/sh\ncp "$1" job.sh\nbash job.sh > sbatch.log 2>&1 &\necho Submitted batch job $!\n',
    )
    executable(beside_a_study / "bin" / "scancel", '#!/bin/sh\nkill "$@" || true\n')
    text = block("python", "by_slurm.py").replace("cores=8, processes=8", "cores=2, processes=2")
    run_example(beside_a_study, text)
    assert (beside_a_study / "sbatch.log").exists()
    check_tables(beside_a_study)


def test_the_manifest_for_kubernetes_is_one():
    """Dask's own programs take the arguments, and names and ports belong together."""
    import yaml
    from click.testing import CliRunner
    from distributed.cli import dask_scheduler, dask_worker

    cluster = yaml.safe_load(block("yaml", "semisup.yaml"))
    assert cluster["apiVersion"] == "kubernetes.dask.org/v1"
    name, spec = cluster["metadata"]["name"], cluster["spec"]
    programs = {"dask-worker": dask_worker.main, "dask-scheduler": dask_scheduler.main}
    for kind in ("worker", "scheduler"):
        [container] = spec[kind]["spec"]["containers"]
        program, *words = container["args"]
        result = CliRunner().invoke(programs[program], [*words, "--help"])
        assert result.exit_code == 0
        options = {option for each in programs[program].params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    service = spec["scheduler"]["service"]
    assert {port["targetPort"]: port["port"] for port in service["ports"]} == ports
    assert service["selector"]["dask.org/cluster-name"] == name
    [volume] = spec["worker"]["spec"]["volumes"]
    [mount] = spec["worker"]["spec"]["containers"][0]["volumeMounts"]
    assert mount["name"] == volume["name"]
    assert f"--scheduler tcp://{name}-scheduler:{ports['tcp-comm']}" in PAGE
    assert f"semisup run {mount['mountPath']}/study.toml" in PAGE
