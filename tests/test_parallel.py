import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest
from test_learning_curve import study

import semisup
from semisup.curve.gather import gather_scores
from semisup.curve.learning_curve import run_cells
from semisup.curve.plan import plan
from semisup.engine import cluster as engine_cluster
from semisup.engine.apart import call
from semisup.engine.parallel import Workers, map_to_parts, run_each
from semisup.errors import OutputError, SemisupError, SpecError
from semisup.study.spec import CurveSpec


def square(item: int, path: Path) -> None:
    if item < 0:
        raise ValueError(f"{item} is negative")
    path.write_text(str(item * item))


@pytest.mark.parametrize("jobs", [1, 2])
def test_parts_come_in_the_order_of_the_items(tmp_path, jobs):
    paths = map_to_parts(square, [3, 1, 2], tmp_path, ".txt", Workers(jobs), "squares", "numbers")
    assert [path.read_text() for path in paths] == ["9", "1", "4"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_part_that_is_there_is_not_made_again(tmp_path, jobs):
    with pytest.raises(ValueError, match="-1 is negative"):
        map_to_parts(square, [3, -1], tmp_path, ".txt", Workers(1), "squares", "numbers")
    (tmp_path / "000000.txt").write_text("kept")
    paths = map_to_parts(square, [3, 2, 5], tmp_path, ".txt", Workers(jobs), "squares", "numbers")
    assert [path.read_text() for path in paths] == ["kept", "4", "25"]


def test_a_failing_item_leaves_no_part(tmp_path):
    with pytest.raises(ValueError, match="negative"):
        map_to_parts(square, [-1], tmp_path, ".txt", Workers(1), "squares", "numbers")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def of_threads(threads: int) -> Iterator[str]:
    """Give the address of a Dask scheduler, whose worker is so many threads of this process."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1,
        threads_per_worker=threads,
        processes=False,
        protocol="tcp",
        dashboard_address=":0",
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a Dask scheduler, whose worker is a thread of this process."""
    with of_threads(1) as address:
        yield address


def test_a_dask_cluster_gives_the_same_parts_and_errors(tmp_path, scheduler):
    workers = Workers(1, scheduler)
    with pytest.raises(ValueError, match="-1 is negative"):
        map_to_parts(square, [3, -1], tmp_path, ".txt", workers, "squares", "numbers")
    (tmp_path / "000000.txt").write_text("kept")
    paths = map_to_parts(square, [3, 2, 5], tmp_path, ".txt", workers, "squares", "numbers")
    assert [path.read_text() for path in paths] == ["kept", "4", "25"]


def test_a_dask_cluster_gives_the_same_learning_curve(tmp_path, scheduler):
    experiment = plan(
        *study(), CurveSpec(classifiers=["tree", "svm"], percentages=[50], draws=2), 0
    )
    here, there = (
        run_cells(experiment, tmp_path / name, workers)
        for name, workers in (("here", Workers(1)), ("there", Workers(1, scheduler)))
    )
    pd.testing.assert_frame_equal(
        gather_scores(experiment, there), gather_scores(experiment, here), check_exact=True
    )


def test_a_scheduler_without_dask_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SpecError, match=r"pip install 'semisup\[dask\]'"):
        map_to_parts(square, [1], tmp_path, ".txt", Workers(1, "tcp://x"), "squares", "numbers")


def of_squares(item: int, path: Path, address: str, folder: Path) -> None:
    parts = map_to_parts(
        square, [item, item + 1], folder, ".txt", Workers(1, address), "squares", "numbers"
    )
    path.write_text(" ".join(part.read_text() for part in parts))


def test_work_that_was_given_out_gives_out_work_to_the_cluster_that_it_is_on(tmp_path, scheduler):
    folders = [tmp_path / str(number) for number in range(3)]
    items = [
        (number, tmp_path / f"{number}.txt", scheduler, folder)
        for number, folder in enumerate(folders)
    ]
    names = ["one"] * 3
    # as many as there are threads would wait for each other, if they kept their threads
    done = list(run_each(of_squares, items, names, Workers(1, scheduler), tmp_path))
    assert sorted(one.number for one in done) == [0, 1, 2]
    assert [path.read_text() for _, path, *_ in items] == ["0 1", "1 4", "4 9"]


def test_work_that_was_given_out_may_give_out_the_same_work_at_once(tmp_path):
    shared, paths = tmp_path / "shared", [tmp_path / f"{number}.txt" for number in range(8)]
    with of_threads(4) as address:
        items = [(5, path, address, shared) for path in paths]
        done = list(run_each(of_squares, items, ["one"] * 8, Workers(1, address), tmp_path))
    assert len(done) == 8
    assert [path.read_text() for path in paths] == ["25 36"] * 8
    assert sorted(path.name for path in shared.iterdir()) == ["000000.txt", "000001.txt"]


def process_of(_: int, path: Path) -> None:
    path.write_text(f"{os.getpid()} {'tensorflow' in sys.modules}")


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_apart_is_done_in_a_kept_process_beside_each_worker(tmp_path, jobs):
    paths = map_to_parts(
        process_of, [1, 2, 3], tmp_path, ".txt", Workers(jobs), "processes", "numbers", apart=True
    )
    processes = {path.read_text() for path in paths}
    assert len(processes) <= jobs
    assert not {text for text in processes if "True" in text}
    assert str(os.getpid()) not in {text.split()[0] for text in processes}


def test_an_error_apart_is_raised_here_and_a_lost_process_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match="-1 is negative"):
        call(square, -1, tmp_path / "part")
    with pytest.raises(SemisupError, match="The process that did deadly ended without an answer"):
        call(deadly, 1, tmp_path / "part")
    call(square, 2, tmp_path / "part")
    assert (tmp_path / "part").read_text() == "4"


class Cluster:
    """A scheduler and workers, started as a person does: each with a directory of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.begun = folder, []
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        words = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        self.scheduler = self._dask("scheduler", "scheduler", *words)
        self.workers = [self.worker(name) for name in ("one", "two")]

    def worker(self, name: str) -> subprocess.Popen:
        words = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(self.folder / name))
        return self._dask(name, "worker", self.address, *words)

    def replace(self, number: int) -> None:
        """Kill a worker and start another."""
        os.killpg(self.workers[number].pid, signal.SIGKILL)
        self.workers[number] = self.worker(f"worker_{len(self.begun)}")

    def _dask(self, name: str, *words: str) -> subprocess.Popen:
        (self.folder / name).mkdir()
        path = os.pathsep.join(map(str, (Path(__file__).parent, Path(__file__).parents[1])))
        with (self.folder / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=self.folder / name,
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.begun.append(process)
        return process

    def end(self) -> None:
        """Kill all of it, the scheduler first."""
        for process in self.begun:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.end()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def slowly(item: int, path: Path) -> None:
    time.sleep(0.2)
    square(item, path)


def deadly(item: int, path: Path) -> None:
    if item == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    square(item, path)


@pytest.mark.slow
def test_a_lost_worker_costs_nothing(tmp_path, monkeypatch, cluster):
    monkeypatch.chdir(tmp_path)
    parts = tmp_path / "parts"

    def kill_a_worker_after_the_first_part() -> None:
        while not list(parts.glob("*.txt")):
            time.sleep(0.05)
        os.killpg(cluster.workers[0].pid, signal.SIGKILL)

    threading.Thread(target=kill_a_worker_after_the_first_part, daemon=True).start()
    workers, numbers = Workers(1, cluster.address), list(range(60))
    paths = map_to_parts(slowly, numbers, Path("parts"), ".txt", workers, "squares", "numbers")
    assert [path.read_text() for path in paths] == [str(n * n) for n in numbers]


@pytest.mark.slow
def test_a_worker_that_is_lost_when_it_is_asked_whether_it_sees_the_folder(
    tmp_path, monkeypatch, cluster
):
    asked = engine_cluster._check_folder

    def lost(client, folder):
        # it is gone before it answers, and the scheduler does not know yet
        number = cluster.workers[0].pid
        os.killpg(number, signal.SIGSTOP)
        threading.Timer(1, os.killpg, (number, signal.SIGKILL)).start()
        asked(client, folder)

    client_of = engine_cluster._wait_for_workers

    def both(client, address):
        client_of(client, address)
        client.wait_for_workers(2)

    monkeypatch.setattr(engine_cluster, "_wait_for_workers", both)
    monkeypatch.setattr(engine_cluster, "_check_folder", lost)
    parts, workers = tmp_path / "parts", Workers(1, cluster.address)
    paths = map_to_parts(square, [1, 2, 3], parts, ".txt", workers, "squares", "numbers")
    assert [path.read_text() for path in paths] == ["1", "4", "9"]


class Answers:
    """A client whose workers answer so."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers

    def run(self, *_: object, on_error: str) -> dict[str, object]:
        return self.answers


def test_a_worker_that_does_not_see_the_folder_is_named_before_there_is_work(
    tmp_path, monkeypatch, scheduler
):
    monkeypatch.setattr(engine_cluster, "_sees", lambda _: False)
    workers = Workers(1, scheduler)
    with pytest.raises(OutputError, match=r"The Dask worker tcp://\S+ does not see"):
        map_to_parts(square, [1], tmp_path, ".txt", workers, "squares", "numbers")
    assert list(tmp_path.iterdir()) == []


def test_workers_that_are_ending_see_the_folder_and_those_that_cannot_be_used_do_not(tmp_path):
    engine_cluster._check_folder(Answers(one=True, two=OSError("closed")), tmp_path)
    with pytest.raises(OutputError, match="The Dask worker two does not see"):
        engine_cluster._check_folder(Answers(one=True, two=False), tmp_path)
    with pytest.raises(ModuleNotFoundError, match="semisup"):
        engine_cluster._check_folder(Answers(one=ModuleNotFoundError("No semisup")), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_ends_its_workers_is_named_and_the_rest_is_made(tmp_path, cluster):
    workers, items = Workers(1, cluster.address), list(range(6))
    with pytest.raises(SemisupError, match="given the squares of 1 ended without an answer"):
        map_to_parts(
            deadly,
            items,
            tmp_path / "parts",
            ".txt",
            workers,
            "squares",
            "numbers",
            names=[f"the squares of {item}" for item in items],
        )
    assert len(list((tmp_path / "parts").glob("*.txt"))) == 5


@pytest.mark.slow
def test_a_scheduler_that_goes_away_is_one_sentence(tmp_path, capfd, cluster):
    parts = tmp_path / "parts"

    def kill_the_scheduler_after_the_first_part() -> None:
        while not list(parts.glob("*.txt")):
            time.sleep(0.05)
        os.killpg(cluster.scheduler.pid, signal.SIGKILL)

    threading.Thread(target=kill_the_scheduler_after_the_first_part, daemon=True).start()
    workers, items = Workers(1, cluster.address), list(range(200))
    with pytest.raises(SemisupError, match="went away; what is finished is kept"):
        map_to_parts(slowly, items, parts, ".txt", workers, "squares", "numbers")
    assert 0 < len(list(parts.glob("*.txt"))) < 200
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.slow
def test_a_scheduler_that_goes_away_before_there_is_work_is_the_same_sentence(
    tmp_path, monkeypatch, cluster
):
    asked = engine_cluster._check_folder

    def lost(client, folder):
        os.killpg(cluster.scheduler.pid, signal.SIGKILL)
        asked(client, folder)

    monkeypatch.setattr(engine_cluster, "_check_folder", lost)
    workers = Workers(1, cluster.address)
    with pytest.raises(SemisupError, match="went away; what is finished is kept"):
        map_to_parts(square, [1], tmp_path / "parts", ".txt", workers, "squares", "numbers")


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9", "http://localhost:8786"])
def test_an_address_where_no_scheduler_is_is_one_sentence(tmp_path, monkeypatch, address):
    monkeypatch.setattr("semisup.engine.cluster.PATIENCE", 1)
    with pytest.raises(SpecError, match="no Dask scheduler answers there"):
        map_to_parts(square, [1], tmp_path, ".txt", Workers(1, address), "squares", "numbers")


STUDY = """
name = "spread"
[corpus]
adapter = "synthetic"
root = "recordings"
speakers = 10
recordings_per_speaker = 6
[split]
strategy = "quota"
per_class = { labelled = 6, test = 6, unlabelled = "rest" }
[chunks]
chunk_samples = 20000
[train]
seeds = 2
[representations.handcrafted]
kind = "handcrafted"
[representations.components]
kind = "logmel_pca"
components = 4
dimensions = 4
[representations.code]
kind = "autoencoder"
architecture = "autoencoder_1"
latent_dim = 4
epochs = 1
[tuning]
architectures = ["autoencoder_1", "autoencoder_2"]
latent_dim = [4]
learning_rate = [0.005, 0.001]
epochs = 1
[curve]
classifiers = ["knn", "tree"]
percentages = [50, 100]
draws = 4
[compare]
resamples = 200
"""
#: What differs from run to run, whoever does it.
OF_A_RUN = ("provenance.json", "timings.parquet", "tuning_timings.csv", "tuning.db")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix in (".csv", ".parquet", ".json", ".npz", ".keras")
        and path.name not in OF_A_RUN
        and path.name != "result.json"
    }


@pytest.mark.slow
def test_a_study_is_the_same_bytes_whoever_is_killed_on_the_way(tmp_path, monkeypatch, cluster):
    (tmp_path / "study.toml").write_text(STUDY)
    file, here, there = tmp_path / "study.toml", tmp_path / "here", tmp_path / "there"
    semisup.tune(file, out=here)
    alone = semisup.run(file, until="compare", out=here).folder
    # when the first of what is called so is done: others of the kind are on their way
    kills = {
        "chunks of": lambda: cluster.replace(0),
        "trial": lambda: cluster.replace(0),
        "draw": cluster.end,
    }
    given_out = engine_cluster.run

    def fragile(function, items, names, *rest):
        for number, result in given_out(function, items, names, *rest):
            for what in [what for what in kills if what in names[number]]:
                kills.pop(what)()
            yield number, result

    monkeypatch.setattr(engine_cluster, "run", fragile)
    semisup.tune(file, out=there, scheduler=cluster.address)
    with pytest.raises(SemisupError, match="went away; what is finished is kept"):
        semisup.run(file, until="compare", out=there, scheduler=cluster.address)
    assert not kills
    (tmp_path / "again").mkdir()
    again = Cluster(tmp_path / "again")
    try:
        spread = semisup.run(file, until="compare", out=there, scheduler=again.address).folder
    finally:
        again.end()
    assert contents(spread) == contents(alone)
