"""Each backend in a process of its own, as Keras takes one only."""

import importlib.util
import os
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

SHAPE = (18, 20)
BACKENDS = ("tensorflow", "jax", "torch")
THERE = [name for name in BACKENDS if importlib.util.find_spec(name)]
#: Encodes with given weights, trains on, and encodes with what it saved. Arguments: folder, name.
CODE = """
import sys
from pathlib import Path
import numpy as np
from semisup.autoencoders import build_autoencoder
from semisup.networks.backend import import_keras
from semisup.networks.models import encode, encoder_of, load_encoder, save_model
from semisup.networks.autoencoding import TrainingSpec, train

folder, name = Path(sys.argv[1]), sys.argv[2]
assert import_keras().backend.backend() == name
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
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What every installed backend made of the same weights and chunks."""
    from semisup.autoencoders import build_autoencoder

    folder = tmp_path_factory.mktemp("backends")
    rng = np.random.default_rng(0)
    band = np.exp(-0.5 * ((np.arange(SHAPE[1]) - rng.uniform(2, 18, (33, 1))) / 2) ** 2)
    chunks = (band[:, None] * rng.uniform(0.2, 1, (33, 18, 1))).astype(np.float32)
    np.save(folder / "chunks.npy", chunks)
    model, _ = build_autoencoder(
        "autoencoder_1", SHAPE, 4, input_scaling="log", bottleneck_activation="linear", seed=5
    )
    np.savez(folder / "weights.npz", *model.get_weights())
    for name in THERE:
        environment = {**os.environ, "KERAS_BACKEND": name}
        words = [sys.executable, "-c", CODE, str(folder), name]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    return folder


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_trains_and_its_saved_encoder_loads(folder, name):
    if name not in THERE:
        pytest.skip(f"{name} is not installed")
    losses = np.load(folder / f"losses_{name}.npy")
    assert losses.min() < 0.95 * losses[0]
    codes = np.load(folder / f"trained_{name}.npy")
    assert codes.shape == (33, 4)
    assert np.abs(codes - np.load(folder / f"codes_{name}.npy")).max() > 0.01


@pytest.mark.parametrize("what", ["codes", "restored"])
@pytest.mark.parametrize("pair", list(combinations(BACKENDS, 2)), ids="-".join)
def test_backends_agree_where_the_weights_are_the_same(folder, pair, what):
    if not {*pair} <= {*THERE}:
        pytest.skip(f"{' and '.join(pair)} are not both installed")
    one, other = (np.load(folder / f"{what}_{name}.npy") for name in pair)
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)
