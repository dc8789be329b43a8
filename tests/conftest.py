import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Real recordings, where there are any: never needed, never committed.
CORPORA = Path(os.environ.get("SEMISUP_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))

TINY = """
name = "tiny"
[corpus]
adapter = "synthetic"
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
percentages = { start = 20, stop = 100, step = 40 }
draws = 2
"""


@pytest.fixture(scope="session")
def tiny_study(tmp_path_factory) -> Path:
    """A study file that runs in seconds."""
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="session")
def tiny_run(tiny_study, tmp_path_factory) -> Path:
    """The folder of the tiny study, run once, undisturbed, in one process."""
    import semisup

    return semisup.run(tiny_study, out=tmp_path_factory.mktemp("undisturbed"), jobs=1)


@pytest.fixture(scope="module")
def bases_are_forgotten() -> Iterator[None]:
    """Give the memory of frozen networks back when a module's tests have ended."""
    yield
    from semisup.networks.pretrained import load_base

    load_base.cache_clear()
    gc.collect()
