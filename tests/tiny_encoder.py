"""A tiny encoder in a file, and rows whose class it does not see: what fine-tuning must learn."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from semisup.networks.backend import import_keras
from semisup.networks.models import save_model

SHAPE = (4, 6)  # frames and bins


@cache
def encoder_file(
    shape: tuple[int, ...] = SHAPE, blind: bool = True, scale: float = 0.2, dropout: float = 0.1
) -> str:
    """Write an encoder of two layers; a blind one ignores the first two bins."""
    keras = import_keras()
    inputs = keras.Input(shape, name="magnitudes")
    first = keras.layers.Dense(
        8, "tanh", name="first", kernel_initializer=keras.initializers.GlorotUniform(1)
    )
    x = keras.layers.Dropout(dropout, seed=1)(first(keras.layers.Rescaling(scale)(inputs)))
    x = keras.layers.Flatten()(x)
    initial = keras.initializers.GlorotUniform(2)
    codes = keras.layers.Dense(3, name="codes", kernel_initializer=initial)(x)
    encoder = keras.Model(inputs, codes, name="encoder")
    if blind:
        kernel, bias = first.get_weights()
        kernel[:2] = 0
        first.set_weights([kernel, bias])
    path = Path(mkdtemp(prefix="semisup-test-")) / "encoder.keras"
    save_model(path, encoder)
    return str(path)


def hidden_classes(n: int, seed: int = 0, sure: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Make rows of three classes, which the first two bins alone tell apart."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    X = np.abs(rng.normal(size=(n, *SHAPE)))
    X[:, :, 0] += sure * (y == 1)[:, None]
    X[:, :, 1] += sure * (y == 2)[:, None]
    return X.astype(np.float32), y
