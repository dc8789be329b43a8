import fcntl
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from semisup.cli import main
from semisup.engine.artefacts import write_text
from semisup.reading import read_study
from semisup.study.study import Study

#: Real recordings, where there are any: never needed, never committed.
CORPORA = Path(os.environ.get("SEMISUP_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))

# how long an example takes says more of the machine than of the code
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# pytest-xdist gives its processes a width, and what is printed to a pipe would take it
os.environ.pop("COLUMNS", None)

#: Run by a test, in a process of its own; needs what `make test` does without.
collect_ignore = ["ssh_server.py"]
#: Files of tests that take ten seconds or more, the longest first.
LONGEST = (
    *("study", "prediction", "report", "training", "init", "export", "transfer"),
    *("refits", "representations", "autoencoders", "networks", "array_cells"),
    *("opensmile", "pieces", "mfcc", "deep_softmax", "lstm", "classifiers"),
)

TINY = """
name = "tiny"
[corpus]
adapter = "synthetic"
root = "ROOT"
speakers = 10
recordings_per_speaker = 9
[split]
strategy = "quota"
per_class = { labelled = 9, test = 9, unlabelled = "rest" }
[chunks]
chunk_samples = 20000
[representations.handcrafted]
kind = "handcrafted"
[representations.code_log]
kind = "autoencoder"
architecture = "autoencoder_2"
latent_dim = 8
input_scaling = "log"
bottleneck_activation = "linear"
loss = "mean_squared_error"
epochs = 3
[curve]
classifiers = ["svm", "tree", "random_forest"]
percentages = { start = 20, stop = 100, step = 40 }
draws = 2
"""


class Done(NamedTuple):
    """What a command left, as `subprocess.run` tells it."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(monkeypatch, capfd) -> Callable[..., Done]:
    """Run commands in this process: to start one takes longer than what most of them do."""

    def run(*words: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["semisup", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        return Done(end.value.code or 0, *capfd.readouterr())

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, so that the processes of pytest-xdist end together."""
    order = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder of this run of the tests, the same for all processes of pytest-xdist."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def first_one(folder: Path) -> Iterator[bool]:
    """Tell whether a folder is still to be made; of several processes one makes it, others wait."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not folder.exists()


@pytest.fixture(scope="session")
def corpus(shared) -> Path:
    """Ninety recordings of ten speakers, generated once for all tests; to read only."""
    from semisup.corpora.synthetic import Options, Synthetic

    with first_one(shared / "corpus") as first:
        if first:
            Synthetic(Options(speakers=10, recordings_per_speaker=9)).scan(shared / "corpus")
    return shared / "corpus"


@pytest.fixture(scope="session")
def tiny_study(corpus, shared) -> Path:
    """A study file that runs in seconds."""
    return write_text(shared / "tiny.toml", TINY.replace("ROOT", str(corpus)))


@pytest.fixture(scope="session")
def tiny_run(tiny_study, shared) -> Path:
    """The folder of the tiny study, run once for all tests, in one process; to read only."""
    import semisup

    with first_one(shared / "undisturbed") as first:
        if first:
            semisup.run(tiny_study, out=shared / "undisturbed", jobs=1)
    return shared / "undisturbed" / "tiny"


@pytest.fixture(scope="module")
def tiny_copy(tiny_run, tiny_study, tmp_path_factory) -> Study:
    """The tiny study, run, in a folder that a module of tests may write into."""
    out = tmp_path_factory.mktemp("out")
    shutil.copytree(tiny_run, out / tiny_run.name)
    return read_study(tiny_study, out)


@pytest.fixture(scope="module", autouse=True)
def what_is_imported_is_not_searched_for_garbage() -> None:
    """Set aside what has been loaded: each collection would look at all of TensorFlow again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def bases_are_forgotten() -> Iterator[None]:
    """Give the memory of frozen networks back when a module's tests have ended."""
    yield
    from semisup.networks.pretrained import load_base

    load_base.cache_clear()
    gc.collect()
