"""Fitted networks travel: each backend in a process of its own answers from the same weights."""

import importlib.util
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from semisup.classifiers import classifier

BACKENDS = ("tensorflow", "jax", "torch")
THERE = [name for name in BACKENDS if importlib.util.find_spec(name)]
SHAPES = {
    **dict.fromkeys(("cnn_1d", "cnn_2d", "lstm_network"), (6, 10)),
    "vgg16": (32, 32, 3),
    "encoder_classifier": (6,),
}
WAVES = ("cnn_1d", "lstm_network")
#: Answers by what was fitted elsewhere, then trains if asked to. Arguments: folder, name of the
#: backend, "train" or "".
CODE = """
import pickle, sys
from pathlib import Path
import numpy as np
from semisup.networks.backend import import_keras

folder, name = Path(sys.argv[1]), sys.argv[2]
assert import_keras().backend.backend() == name
for path in sorted(folder.glob("*.pickle")):
    fitted, X, y = pickle.loads(path.read_bytes())
    np.save(folder / f"{path.stem}.{name}.npy", fitted.predict_proba(X))
    if sys.argv[3] and not path.stem.startswith("vgg16"):
        np.save(folder / f"{path.stem}.{name}.losses.npy", fitted.fit(X, y).history_["loss"])
"""


def fitted_cases() -> dict[str, tuple]:
    rng = np.random.default_rng(0)
    y = np.tile([0, 1, 2], 4)
    cases = {}
    for name, shape in [*SHAPES.items(), *((name, (600,)) for name in WAVES)]:
        X = rng.normal(size=(12, *shape)).astype(np.float32)
        X[:, :2] += y.reshape(-1, *[1] * len(shape))
        keys = {"epochs": 3, "batch_size": 4}
        if name == "vgg16":
            X, keys = 40 * X + 100, {**keys, "weights": "random", "fine_tuning_epochs": 1}
        fitted = classifier(name).build(0).set_params(**keys).fit(X, y)
        cases[f"{name}_{len(shape)}"] = fitted, X, y
    return cases


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    for case, what in fitted_cases().items():
        (folder / f"{case}.pickle").write_bytes(pickle.dumps(what))
        np.save(folder / f"{case}.here.npy", what[0].predict_proba(what[1]))
    for name in THERE:
        environment = {**os.environ, "KERAS_BACKEND": name}
        # the first backend has just trained them all here
        words = [sys.executable, "-c", CODE, str(folder), name, "train" * (name != BACKENDS[0])]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    return folder


CASES = [
    *("cnn_1d_2", "cnn_2d_2", "lstm_network_2", "vgg16_3", "cnn_1d_1", "lstm_network_1"),
    "encoder_classifier_1",
]


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_the_same_network_gives_the_same_predictions(folder, case, name):
    if name not in THERE:
        pytest.skip(f"{name} is not installed")
    here = np.load(folder / f"{case}.here.npy")
    assert np.ptp(here, axis=0).max() > 0.01  # answers that differ from row to row
    tolerance = 1e-3 if case == "vgg16_3" and name != "tensorflow" else 1e-4
    found = np.load(folder / f"{case}.{name}.npy")
    np.testing.assert_allclose(found, here, atol=tolerance)


@pytest.mark.parametrize("name", BACKENDS[1:])
@pytest.mark.parametrize("case", [case for case in CASES if case != "vgg16_3"])
def test_a_backend_trains_the_network(folder, case, name):
    if name not in THERE:
        pytest.skip(f"{name} is not installed")
    losses = np.load(folder / f"{case}.{name}.losses.npy")
    assert losses.min() < losses[0]
