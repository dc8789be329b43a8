"""The convolutional base of a network of `keras.applications`: pictures in, its outputs out.

The base is cut in two: a lower part that is never trained, and an upper part whose last layers can
be released. So the lower part has to see each picture only once.
"""

import hashlib
import os
import re
import sys
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from semisup.engine.failures import words_of
from semisup.errors import SemisupError, SpecError, nearest
from semisup.networks.backend import import_keras
from semisup.study.paths import instead_of, with_home

if TYPE_CHECKING:
    from keras import Model

#: Weights that are not a file.
NAMED = ("imagenet", "random")
#: Layers at the end of the base that are released for fine-tuning.
RELEASED = 4
#: Pixels a side that applications ask for at least: those named here, and all others.
SMALLEST = {"InceptionResNetV2": 75, "InceptionV3": 75, "Xception": 71}
SMALLEST_OF_OTHERS = 32


class Base(NamedTuple):
    """A convolutional base in two parts.

    Parameters
    ----------
    preprocess : callable
        The application's own, (n, height, width, 3) in 0 to 255 to what its weights expect.
    lower, upper : keras.Model
        What is never trained, and what comes after it.
    released : list of str
        Names of the upper layers that fine-tuning trains.
    fingerprint : str
        Of application, shape and all weights: outputs are kept under it.
    """

    preprocess: Callable[[np.ndarray], np.ndarray]
    lower: "Model"
    upper: "Model"
    released: list[str]
    fingerprint: str

    def lower_outputs(self, pictures: np.ndarray) -> np.ndarray:
        """Preprocess pictures (n, height, width, 3) and run them through the lower part."""
        return np.asarray(self.lower.predict_on_batch(self.preprocess(pictures)))

    def upper_outputs(self, lower: np.ndarray) -> np.ndarray:
        """Run what the lower part gives through the upper one."""
        return np.asarray(self.upper.predict_on_batch(lower))


# one at a time, as a base takes much memory; every cell of a study asks for the same
@lru_cache(maxsize=1)
def load_base(
    application: str = "VGG16",
    weights: str = "imagenet",
    shape: tuple[int, ...] = (180, 180, 3),
    seed: int = 0,
) -> Base:
    """Build the convolutional base of an application.

    Parameters
    ----------
    application : str
        A function of `keras.applications`.
    weights : str
        "imagenet", "random" (drawn from the seed), or the path of a file of weights of the network
        without its top layers.
    shape : tuple of int
        Height, width, 3.
    seed : int

    Raises
    ------
    SpecError
        If there is no such application, pictures are too small, or the file does not fit.
    SemisupError
        If the weights can't be downloaded; the message says which file to put where.
    """
    build = _application(application)
    base = _built(build, application, weights, shape)
    if weights == "random":
        _draw(base, seed)
    keras = import_keras()
    inner = base.layers[boundary(base)].output
    lower = keras.Model(base.input, inner, name="lower")
    upper = keras.Model(inner, base.output, name="upper")
    normalising = keras.layers.BatchNormalization  # whose averages few pictures would spoil
    released = [
        layer.name
        for layer in base.layers[-RELEASED:]
        if layer.weights and not isinstance(layer, normalising)
    ]
    fingerprint = _fingerprint(base, application, shape)
    return Base(_preprocessing(build), lower, upper, released, fingerprint)


def check_application(name: str) -> None:
    """Raise a `SpecError` if `keras.applications` has no such network."""
    _application(name)


def smallest_side(application: str) -> int:
    """Return the pixels a side that an application needs at least."""
    return SMALLEST.get(application, SMALLEST_OF_OTHERS)


def missing_weights(path: str) -> str:
    """Say that there is no such file of weights and what is there instead, "" if it is there."""
    place = with_home(path)
    if place.is_file():
        return ""
    hint = nearest(place.name, NAMED)
    there = hint if "did you mean" in hint else instead_of(place)
    return (
        f"There is no file of weights '{path}'; {there}; weights are 'imagenet', 'random' or the "
        "path of a file"
    )


def boundary(base: "Model", released: int = RELEASED) -> int:
    """Return the number of the last layer that all information passes before the released ones."""
    # from the end: a cut must not come after a layer that one beyond the cut reads from
    numbers = {id(layer.output): number for number, layer in enumerate(base.layers)}
    earliest = len(base.layers)
    for number in range(len(base.layers) - 1, 0, -1):
        if number <= len(base.layers) - 1 - released and number <= earliest:
            return number
        sources = base.layers[number].input
        for source in sources if isinstance(sources, list) else [sources]:
            earliest = min(earliest, numbers[id(source)])
    return 0


def _application(name: str) -> Callable[..., "Model"]:
    applications = import_keras().applications
    # functions that build networks; the modules that hold them are in lower case
    names = [key for key in dir(applications) if key[0].isupper()]
    if name not in names:
        raise SpecError(f"There is no application '{name}'; {nearest(name, names)}")
    return getattr(applications, name)


def _preprocessing(build: Callable[..., "Model"]) -> Callable[[np.ndarray], np.ndarray]:
    preprocess = sys.modules[build.__module__].preprocess_input
    # a copy, as Keras works on the array that it is given
    return lambda pictures: preprocess(np.array(pictures, dtype=np.float32))


def _built(
    build: Callable[..., "Model"], application: str, weights: str, shape: tuple[int, ...]
) -> "Model":
    source = _source(weights)
    try:
        with warnings.catch_warnings():  # Keras would go on with layers that the file has not
            warnings.filterwarnings("error", message="Skipping nested container")
            return build(include_top=False, weights=source, input_shape=shape)
    except (ValueError, UserWarning) as error:
        raise SpecError(
            f"{application} can't be built for pictures of shape {shape} with weights = "
            f"'{weights}': {words_of(error)}"
        ) from error
    except Exception as error:  # Keras raises a bare one where a download fails
        address = re.search(r"https?://[^\s:]+", str(error))
        if source != "imagenet" or not (address or isinstance(error, OSError)):
            raise
        raise SemisupError(_advice(application, address[0] if address else None)) from error


def _source(weights: str) -> str | None:
    """Return the weights as Keras asks for them; None are drawn at random."""
    if weights in NAMED:
        return None if weights == "random" else weights
    if message := missing_weights(weights):
        raise SpecError(message)
    return str(with_home(weights))


def _advice(application: str, address: str | None) -> str:
    folder = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models"
    name = address.rpartition("/")[2] if address else "its ImageNet weights without top layers"
    return (
        f"The ImageNet weights of {application} can't be downloaded: put {name}"
        f"{f' from {address}' if address else ''} into {folder}, or set weights to the path of "
        "such a file, or to 'random'"
    )


def _draw(base: "Model", seed: int) -> None:
    """Draw all kernels from the seed, as He et al. (2015); biases and normalisation are not random.

    By NumPy: a seed of Keras' own gives other weights from backend to backend.
    """
    kernels = [variable for variable in base.weights if len(variable.shape) > 1]
    sequences = np.random.SeedSequence(seed).spawn(len(kernels))
    for kernel, sequence in zip(kernels, sequences, strict=True):
        deviation = np.sqrt(2 / np.prod(kernel.shape[:-1]))
        values = np.random.default_rng(sequence).standard_normal(kernel.shape, dtype=np.float32)
        kernel.assign(np.float32(deviation) * values)


def _fingerprint(base: "Model", application: str, shape: tuple[int, ...]) -> str:
    sha = hashlib.sha256(f"{application} {shape}".encode())
    for array in base.get_weights():
        sha.update(np.ascontiguousarray(array).data)
    return sha.hexdigest()[:16]
