"""What was made here travels: each backend, in a process of its own as Keras takes one only,
answers from the same weights, trains on, and saves what loads again."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from semisup.classifiers import classifier

BACKENDS = ("tensorflow", "jax", "torch")
#: All of them, as parameters of a test: the first is always installed.
EACH = [BACKENDS[0], *(pytest.param(name, marks=pytest.mark.extras) for name in BACKENDS[1:])]
SHAPE = (18, 20)
SHAPES = {
    **dict.fromkeys(("cnn_1d", "cnn_2d", "lstm_network"), (6, 10)),
    "vgg16": (32, 32, 3),
    "encoder_classifier": (6,),
}
pytestmark = pytest.mark.slow
WAVES = ("cnn_1d", "lstm_network")
#: Encodes with given weights, trains on, and encodes with what it saved; then answers by networks
#: that were fitted elsewhere, and trains them too if asked to. Arguments: folder, name of the
#: backend, "train" or "".
CODE = """
import pickle, sys
from pathlib import Path
import numpy as np
from semisup.autoencoders import build_autoencoder
from semisup.networks.backend import import_keras
from semisup.networks.models import encode, encoder_of, load_encoder, save_model
from semisup.networks.autoencoding import TrainingSpec, train

folder, name = Path(sys.argv[1]), sys.argv[2]
keras = import_keras()
assert keras.backend.backend() == name
keras.ops.ones(2)
print("imported", file=sys.stderr)
chunks = np.load(folder / "chunks.npy")
weights = np.load(folder / "weights.npz")
model, encoder = build_autoencoder(
    "autoencoder_1", (18, 20), 4, input_scaling="log", bottleneck_activation="linear"
)
model.set_weights([*map(weights.__getitem__, weights)])
np.save(folder / f"codes_{name}.npy", encode(encoder, chunks))
np.save(folder / f"restored_{name}.npy", encode(model, chunks))
spec = TrainingSpec(
    loss="mean_squared_error", batch_size=8, epochs=6, learning_rate=0.005, patience=9
)
history = train(model, spec, chunks, chunks[:9], 0, folder / f"{name}.npz")
np.save(folder / f"losses_{name}.npy", history["val_loss"])
save_model(folder / f"{name}.keras", encoder_of(model))
np.save(folder / f"trained_{name}.npy", encode(load_encoder(folder / f"{name}.keras"), chunks))

for path in sorted(folder.glob("*.pickle")):
    fitted, X, y = pickle.loads(path.read_bytes())
    np.save(folder / f"{path.stem}.{name}.npy", fitted.predict_proba(X))
    if sys.argv[3] and not path.stem.startswith("vgg16"):
        np.save(folder / f"{path.stem}.{name}.losses.npy", fitted.fit(X, y).history_["loss"])
"""


def write_autoencoder(folder) -> None:
    """Write chunks, and weights of an autoencoder that no backend has seen."""
    from semisup.autoencoders import build_autoencoder

    rng = np.random.default_rng(0)
    band = np.exp(-0.5 * ((np.arange(SHAPE[1]) - rng.uniform(2, 18, (33, 1))) / 2) ** 2)
    chunks = (band[:, None] * rng.uniform(0.2, 1, (33, 18, 1))).astype(np.float32)
    np.save(folder / "chunks.npy", chunks)
    model, _ = build_autoencoder(
        "autoencoder_1", SHAPE, 4, input_scaling="log", bottleneck_activation="linear", seed=5
    )
    np.savez(folder / "weights.npz", *model.get_weights())


def fitted_cases() -> dict[str, tuple]:
    rng = np.random.default_rng(0)
    y = np.tile([0, 1, 2], 4)
    cases = {}
    for name, shape in [*SHAPES.items(), *((name, (600,)) for name in WAVES)]:
        X = rng.normal(size=(12, *shape)).astype(np.float32)
        X[:, :2] += y.reshape(-1, *[1] * len(shape))
        # the dense one is small, and its dropout hides what three epochs bring
        keys = {"epochs": 20 if name == "encoder_classifier" else 3, "batch_size": 4}
        if name == "vgg16":
            X, keys = 40 * X + 100, {**keys, "weights": "random", "fine_tuning_epochs": 1}
        fitted = classifier(name).build(0).set_params(**keys).fit(X, y)
        cases[f"{name}_{len(shape)}"] = fitted, X, y
    return cases


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights, chunks and fitted networks for every backend."""
    folder = tmp_path_factory.mktemp("backends")
    write_autoencoder(folder)
    for case, what in fitted_cases().items():
        (folder / f"{case}.pickle").write_bytes(pickle.dumps(what))
        np.save(folder / f"{case}.here.npy", what[0].predict_proba(what[1]))
    return folder


@pytest.fixture(scope="module")
def of_backend(folder) -> Callable[..., Path]:
    """Return the folder with what a backend makes of them, once it is asked for."""

    def folder_with(*names: str) -> Path:
        for name in names:
            if not (folder / f"{name}.log").exists():
                (folder / f"{name}.log").write_text(said_by(name, folder))
        return folder

    return folder_with


def said_by(name: str, folder: Path) -> str:
    """Let a backend make everything; return what it wrote on standard error."""
    environment = {**os.environ, "KERAS_BACKEND": name}
    # the first backend has just trained them all here
    words = [sys.executable, "-c", CODE, str(folder), name, "train" * (name != BACKENDS[0])]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    return done.stderr


def test_importing_keras_says_nothing_on_standard_error(of_backend):
    assert (of_backend("tensorflow") / "tensorflow.log").read_text().startswith("imported\n")


@pytest.mark.parametrize("name", EACH)
def test_a_backend_trains_and_its_saved_encoder_loads(of_backend, name):
    folder = of_backend(name)
    losses = np.load(folder / f"losses_{name}.npy")
    assert losses.min() < 0.95 * losses[0]
    codes = np.load(folder / f"trained_{name}.npy")
    assert codes.shape == (33, 4)
    assert np.abs(codes - np.load(folder / f"codes_{name}.npy")).max() > 0.01


@pytest.mark.extras
@pytest.mark.parametrize("what", ["codes", "restored"])
@pytest.mark.parametrize("pair", list(combinations(BACKENDS, 2)), ids="-".join)
def test_backends_agree_where_the_weights_are_the_same(of_backend, pair, what):
    folder = of_backend(*pair)
    one, other = (np.load(folder / f"{what}_{name}.npy") for name in pair)
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


CASES = [
    *("cnn_1d_2", "cnn_2d_2", "lstm_network_2", "vgg16_3", "cnn_1d_1", "lstm_network_1"),
    "encoder_classifier_1",
]


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("case", CASES)
def test_the_same_network_gives_the_same_predictions(of_backend, case, name):
    folder = of_backend(name)
    here = np.load(folder / f"{case}.here.npy")
    assert np.ptp(here, axis=0).max() > 0.01  # answers that differ from row to row
    tolerance = 1e-3 if case == "vgg16_3" and name != "tensorflow" else 1e-4
    answers = np.load(folder / f"{case}.{name}.npy")
    np.testing.assert_allclose(answers, here, atol=tolerance)


@pytest.mark.extras
@pytest.mark.parametrize("name", BACKENDS[1:])
@pytest.mark.parametrize("case", [case for case in CASES if case != "vgg16_3"])
def test_a_backend_trains_the_network(of_backend, case, name):
    losses = np.load(of_backend(name) / f"{case}.{name}.losses.npy")
    assert losses.min() < losses[0]
